"""The provider's health pages: is it alive, and can it take and deliver jobs?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from everprint.ipp.asgi import Receive, Scope, Send


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What /health/ready says. `ready` is about accepting jobs; the rest tells an operator where to look."""

    ready: bool
    problems: list[str]  # why it is not ready
    server: str  # "" or why the Application Server cannot be asked
    queues: int
    active_jobs: int
    unreported_events: int


class HealthPages:
    """GET /health/live and GET /health/ready; an ASGI application."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        path, method = scope["path"], scope["method"]
        if path not in ("/health/live", "/health/ready"):
            await _answer(send, 404, b'{"error": "not found"}')
        elif method not in ("GET", "HEAD"):
            await _answer(send, 405, b'{"error": "method not allowed"}')
        elif path == "/health/live":
            await _answer(send, 200, b'{"live": true}')
        else:
            health = self._health()
            await _answer(send, 200 if health.ready else 503, msgspec.json.encode(health))


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
