"""One HTTP request of a provider, read with bounds, and one answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

import msgspec

from everprint.server.providers.contract.problem import Refused, bad_message
from everprint.serving.asgi import Receive, Scope, Send

Message = TypeVar("Message", bound=msgspec.Struct)

# A batch of events with page-by-page findings of long documents is the largest honest message.
MOST_OCTETS = 8 << 20


class Gone(Exception):
    """The provider went away before its request was whole."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its body."""

    headers: dict[bytes, bytes]
    query: bytes
    address: str
    body: bytes
    receive: Receive  # to notice that the provider went away

    def header(self, name: str) -> str:
        """The header's value; empty if it was not sent."""
        return self.headers.get(name.lower().encode(), b"").decode("latin-1")

    def message(self, decoder: msgspec.json.Decoder[Message]) -> Message:
        """The body, typed.

        Raises Refused, which names the field.
        """
        try:
            return decoder.decode(self.body)
        except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
            raise bad_message(f"the message is not what the contract says: {error}") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


async def read_call(scope: Scope, receive: Receive) -> Call:
    """The whole request.

    Raises Refused (413), Gone.
    """
    headers: dict[bytes, bytes] = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > MOST_OCTETS:
        raise too_large()
    pieces = bytearray()
    more = True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            raise Gone
        pieces += event.get("body", b"")
        if len(pieces) > MOST_OCTETS:
            raise too_large()
        more = event.get("more_body", False)
    client = scope.get("client")
    return Call(headers, scope["query_string"], client[0] if client else "", bytes(pieces), receive)


async def send_answer(send: Send, answer: Answer) -> None:
    """The answer, as JSON that nothing between may keep."""
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})


def too_large() -> Refused:
    """A body beyond the bound."""
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"a message has at most {MOST_OCTETS} octets")
