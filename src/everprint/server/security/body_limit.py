"""Refuses a request body beyond the bound with 413, before Django reads it: nobody fills our memory or disk."""

from __future__ import annotations

from http import HTTPStatus

from everprint.server.api.refusal import CONTENT_TYPE, ROOT, answer
from everprint.serving.asgi import ASGIApp, Event, Receive, Scope, Send

MOST_OCTETS = 1 << 20


class _TooLarge(Exception):
    """The body grew beyond the bound while it was read."""


def limit_body(application: ASGIApp, most_octets: int = MOST_OCTETS) -> ASGIApp:
    """The application behind the bound."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most_octets:
            await _refuse(scope, send, most_octets)
            return
        taken = 0

        async def counted() -> Event:
            nonlocal taken
            event = await receive()
            taken += len(event.get("body", b""))
            if taken > most_octets:
                raise _TooLarge
            return event

        try:
            await application(scope, counted, send)
        except _TooLarge:
            await _refuse(scope, send, most_octets)

    return bounded


async def _refuse(scope: Scope, send: Send, most_octets: int) -> None:
    status, text = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The request is larger than {most_octets} octets."
    body, content_type = f"{text}\n".encode(), "text/plain; charset=utf-8"
    if scope["path"].startswith(ROOT):
        body, content_type = answer(status, "too-large", text).content, CONTENT_TYPE
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
