"""The server's side of IPP over HTTP as a raw ASGI application (RFC 8010 section 4).

It reads the attributes as they arrive, hands the request with its document stream to a handler, and turns whatever
the handler returns or raises into one HTTP response. No framework stands between: this is the job path.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from everprint.ipp.asgi import ASGIApp, Receive, Scope, Send
from everprint.ipp.codec import MessageReader, encode
from everprint.ipp.credentials import Credentials, parse_basic
from everprint.ipp.document_stream import DocumentStream
from everprint.ipp.errors import DocumentIncomplete, DocumentStalled, IppError
from everprint.ipp.failure import failure, status_of
from everprint.ipp.limits import Limits
from everprint.ipp.message import Message
from everprint.ipp.reply import readdress, reply
from everprint.ipp.status import Status

__all__ = [
    "Credentials",
    "DocumentStream",
    "Handler",
    "IppApplication",
    "Limits",
    "NotAuthenticated",
    "Request",
    "TlsRequired",
]

logger = logging.getLogger(__name__)

MEDIA_TYPE = b"application/ipp"
_CONTENT_TYPE = (b"content-type", MEDIA_TYPE)
_CLOSE = (b"connection", b"close")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]%-]{1,255}")


class NotAuthenticated(Exception):
    """The handler wants to know who is there: answered by HTTP 401 with a Basic challenge."""

    def __init__(self, realm: str) -> None:
        super().__init__(f"a user name and a password are needed for {realm}")
        self.realm = realm


class TlsRequired(Exception):
    """The handler wants the request again over TLS (ipps://): answered by HTTP 426."""


@dataclass(frozen=True, slots=True)
class Request:
    """One IPP request with what HTTP knows of it. The document is still under way."""

    message: Message
    path: str
    peer: str
    tls: bool
    host: str  # the Host header, as "print.example:8631"
    credentials: Credentials | None  # unchecked
    document: DocumentStream
    user_agent: str = ""  # the User-Agent header, as "CUPS/2.4.2 (Linux 6.1; x86_64) IPP/2.0"; the client's word


# Bytes are an already encoded response; its request-id and version are overwritten with the request's.
Handler: TypeAlias = Callable[[Request], Awaitable[Message | bytes]]


@dataclass(slots=True)
class _HttpHeader:
    """The few headers that matter here."""

    content_type: bytes = b""
    content_length: int | None = None
    host: str = ""
    user_agent: str = ""
    authorization: bytes = b""

    @classmethod
    def of(cls, scope: Scope) -> _HttpHeader:
        header = cls()
        for name, value in scope["headers"]:
            if name == b"content-type":
                header.content_type = value.partition(b";")[0].strip().lower()
            elif name == b"content-length":
                header.content_length = int(value)
            elif name == b"host":
                header.host = value.decode("latin-1")
            elif name == b"user-agent":
                header.user_agent = value.decode("latin-1")
            elif name == b"authorization":
                header.authorization = value
        if not header.host and scope.get("server"):
            address, port = scope["server"]
            header.host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        return header


class IppApplication:
    """Answers POSTs of application/ipp with the handler; every other request goes to `pages`, if there are any.

    The handler may raise IppError (and with it Refused, which names any status), NotAuthenticated and TlsRequired.
    Anything else it raises is logged and answered by server-error-internal-error without details.
    """

    def __init__(self, handle: Handler, *, limits: Limits | None = None, pages: ASGIApp | None = None) -> None:
        self._handle = handle
        self._limits = limits or Limits()
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request (ASGI)."""
        if scope["type"] != "http":
            return
        header = _HttpHeader.of(scope)
        if scope["method"] == "POST" and header.content_type == MEDIA_TYPE:
            await self._answer(scope, header, receive, send)
        elif scope["method"] == "POST" and (self._pages is None or scope["path"].startswith("/ipp/")):
            await _send_text(send, 415, "An IPP request has the content type application/ipp.")
        elif self._pages is not None:
            await self._pages(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await _send_text(send, 404, "There are no pages here: print to this address with IPP.")
        else:
            await _send_text(send, 405, "Print to this address with IPP, by POST.", (b"allow", b"POST"))

    async def _answer(self, scope: Scope, header: _HttpHeader, receive: Receive, send: Send) -> None:
        if not _HOST.fullmatch(header.host):
            await _send_text(send, 400, "The Host header names no host.")
            return
        peer: str = scope["client"][0] if scope.get("client") else ""
        reader = MessageReader(self._limits.max_attribute_octets)
        try:
            message, more = await self._read_attributes(reader, receive)
        except DocumentIncomplete:
            return
        except IppError as error:
            if not reader.has_header:
                await _send_text(send, 408, str(error), _CLOSE)
            else:
                await _send_error(send, reader, error, peer)
            return
        if message is None:
            await _send_text(send, 400, "The body ends before the IPP message does.")
            return
        document = DocumentStream(
            receive, self._limits, reader.rest, more, _document_octets(header.content_length, reader)
        )
        request = Request(
            message=message,
            path=scope["path"],
            peer=peer,
            tls=scope["scheme"] == "https",
            host=header.host,
            credentials=parse_basic(header.authorization) if header.authorization else None,
            document=document,
            user_agent=header.user_agent,
        )
        await self._send_answer(request, reader, send)

    async def _read_attributes(self, reader: MessageReader, receive: Receive) -> tuple[Message | None, bool]:
        """The message (None if the body ends before it does), and whether more of the body is to come."""
        try:
            async with asyncio.timeout(self._limits.attributes_s):
                while True:
                    event = await receive()
                    if event["type"] == "http.disconnect":
                        raise DocumentIncomplete(0)
                    more: bool = event.get("more_body", False)
                    message = reader.feed(event.get("body", b""))
                    if message is not None or not more:
                        return message, more
        except TimeoutError:
            raise DocumentStalled(
                f"the attributes of the request did not come within {self._limits.attributes_s:g} s"
            ) from None

    async def _send_answer(self, request: Request, reader: MessageReader, send: Send) -> None:
        try:
            answer = await self._handle(request)
        except IppError as error:
            await _send_error(send, reader, error, request.peer)
        except NotAuthenticated as error:
            realm = re.sub(r'[^\x20-\x7e]|["\\]', "", error.realm)
            challenge = f'Basic realm="{realm}", charset="UTF-8"'.encode()
            await _send_text(send, 401, "A user name and a password are needed.", (b"www-authenticate", challenge))
        except TlsRequired:
            await _send_text(
                send, 426, "This printer takes jobs over TLS only: use ipps://.", (b"upgrade", b"TLS/1.2, HTTP/1.1")
            )
        except Exception:
            logger.exception("ipp request failed operation=0x%04x peer=%s", request.message.code, request.peer)
            text = "something went wrong in the print server; its log says what"
            answer = reply(request.message, Status.SERVER_ERROR_INTERNAL_ERROR, message=text)
            await _send_ipp(send, encode(answer))
        else:
            octets = readdress(answer, request.message) if isinstance(answer, bytes) else encode(answer)
            await _send_ipp(send, octets)


def _document_octets(content_length: int | None, reader: MessageReader) -> int | None:
    return None if content_length is None else content_length - reader.attribute_octets


async def _send_error(send: Send, reader: MessageReader, error: IppError, peer: str) -> None:
    """Tells the client under its own request-id, even if its message was broken."""
    logger.info('ipp request refused status=%s peer=%s reason="%s"', status_of(error).keyword, peer, error)
    if isinstance(error, DocumentIncomplete):
        return
    octets = encode(failure(reader.request_id, reader.version, error))
    # What a stalled client sends later must not be taken for its next request.
    await _send_ipp(send, octets, close=isinstance(error, DocumentStalled))


async def _send_ipp(send: Send, octets: bytes, *, close: bool = False) -> None:
    headers = [_CONTENT_TYPE, (b"content-length", b"%d" % len(octets))]
    if close:
        headers.append(_CLOSE)
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": octets})


async def _send_text(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    octets = text.encode() + b"\n"
    fixed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(octets))]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": octets})
