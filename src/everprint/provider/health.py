"""The provider's few pages: its health, in the form that every part answers with (monitor.health), its metrics for
those who may have them, and its icons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from everprint.contract.trusted_networks import Network, is_in
from everprint.ipp.asgi import Receive, Scope, Send
from everprint.monitor.health import CheckResult, Health, Level, Question
from everprint.monitor.metrics import CONTENT_TYPE
from everprint.provider.icons import ICON_FILES


def readiness(spool_trouble: str, server_trouble: str, queues: int | None, unreported: int) -> Health:
    """May jobs be sent here? An Application Server that is away is a warning: jobs are taken, and wait for it."""
    never = "The Application Server was never reached: there are no queues yet."
    return Health(
        Question.READINESS,
        (
            _check("spool", spool_trouble, Level.FAIL),
            _check("queues", never if queues is None else "", Level.FAIL, f"{queues} queues"),
            _check("application-server", server_trouble, Level.WARN, f"{unreported} events wait to be told"),
        ),
    )


def liveness(*, journal_writes: bool) -> Health:
    """Would a new start help? That this is asked and answered at all speaks for the event loop."""
    over = "" if journal_writes else "The journal's thread has ended: nothing can be accepted before a new start."
    return Health(Question.LIVENESS, (CheckResult("event-loop", Level.OK), _check("journal", over, Level.FAIL)))


def _check(name: str, trouble: str, level: Level, else_said: str = "") -> CheckResult:
    return CheckResult(name, level, trouble) if trouble else CheckResult(name, Level.OK, else_said)


class Pages:
    """GET /health/live, GET /health/ready, GET /metrics and the icons; an ASGI application."""

    def __init__(
        self,
        alive: Callable[[], Health],
        ready: Callable[[], Health],
        metrics: Callable[[], bytes],
        metrics_from: Sequence[Network],
    ) -> None:
        """`metrics_from` are the networks from which metrics may be asked."""
        self._answers: dict[str, Callable[[], Health]] = {"/health/live": alive, "/health/ready": ready}
        self._metrics = metrics
        self._metrics_from = metrics_from

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request: 503 if something fails."""
        ask = self._answers.get(scope["path"])
        icon = ICON_FILES.get(scope["path"])
        if scope["path"] == "/metrics":
            await self._answer_metrics(scope, send)
        elif ask is None and icon is None:
            await _answer(send, 404, b'{"error": "not found"}')
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b'{"error": "method not allowed"}')
        elif icon is not None:
            await _answer(send, 200, icon, _ICON)
        elif ask is not None:
            health = ask()
            status = 503 if health.level is Level.FAIL else 200
            await _answer(send, status, msgspec.json.encode(health.as_json()))

    async def _answer_metrics(self, scope: Scope, send: Send) -> None:
        client = scope.get("client")
        if not is_in(client[0] if client else "", self._metrics_from):
            await _answer(send, 403, b'{"error": "the setting metrics_from does not name this address"}')
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b'{"error": "method not allowed"}')
        else:
            await _answer(send, 200, self._metrics(), _METRICS)


_METRICS = ((b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store"))
_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_ICON = ((b"content-type", b"image/png"), (b"cache-control", b"max-age=86400"))


async def _answer(send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = _JSON) -> None:
    headers = (*headers, (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
