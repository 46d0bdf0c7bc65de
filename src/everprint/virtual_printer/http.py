"""The little HTTP that the printer's pages need, on raw ASGI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from everprint.serving.asgi import Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

# Nothing from elsewhere, nothing inline: a document's name on the page cannot become a program.
SECURITY_HEADERS: Headers = (
    (b"content-security-policy", b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
     b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)  # fmt: skip


class HttpProblem(Exception):
    """A request that is answered by an error status and a sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer carries."""

    octets: bytes
    content_type: bytes
    cache: bytes = b"no-store"


def json_body(value: object) -> Body:
    """The value as JSON."""
    return Body(msgspec.json.encode(value), b"application/json")


async def send_body(send: Send, body: Body, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """One whole answer."""
    fixed = (
        (b"content-type", body.content_type),
        (b"content-length", b"%d" % len(body.octets)),
        (b"cache-control", body.cache),
    )
    start = {"type": "http.response.start", "status": status, "headers": [*fixed, *SECURITY_HEADERS, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body.octets})


async def read_body(receive: Receive, most_octets: int) -> bytes:
    """The request's body.

    Raises HttpProblem if it is larger, or breaks off.
    """
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise HttpProblem(400, "the request broke off")
        body += event.get("body", b"")
        if len(body) > most_octets:
            raise HttpProblem(413, f"more than {most_octets} octets")
        if not event.get("more_body", False):
            return bytes(body)


def header(scope: Scope, name: bytes) -> str:
    """The value of a request's header; empty if it has none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
