"""The client's side of IPP over HTTP (RFC 8010 section 4): one request, one answer, nothing trusted.

Printers' answers are hostile input like any other: they are read with bounds in size and time, and redirections are
not followed. A request is never repeated here; whoever sends it knows whether it may be.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from everprint.ipp.codec import MAX_MESSAGE_OCTETS, MessageReader, encode
from everprint.ipp.errors import IppError
from everprint.ipp.message import Message

_SCHEMES = {"ipp": "http", "ipps": "https", "http": "http", "https": "https"}
_PORT = 631
_HEADERS = {"content-type": "application/ipp", "accept": "application/ipp", "accept-encoding": "identity"}
_MOST_CONNECTIONS = 1000
_KEEP_ALIVE_S = 15.0
_NO_ANSWER = "no whole answer within {:g} s"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a printer is waited for, seconds."""

    connect_s: float = 10.0
    # A printer that is out of paper may stop reading for a long time and then go on.
    write_s: float = 600.0
    answer_s: float = 60.0  # from the last octet sent to the last octet of the answer


class PrinterError(Exception):
    """No IPP answer was got."""

    def __init__(self, address: str, what: str, *, in_doubt: bool) -> None:
        super().__init__(f"{address}: {what}")
        self.in_doubt = in_doubt  # True if the printer may have taken the request all the same


class PrinterUnreachable(PrinterError):
    """Nobody answered at that address, or the connection broke."""


class NotIpp(PrinterError):
    """Somebody answered, but not with an IPP message for this request."""


class IppClient:
    """Sends requests to printers over pooled connections. Close it when done."""

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        max_answer_octets: int = MAX_MESSAGE_OCTETS,
        unix_socket: Path | None = None,
        authorization: str = "",
    ) -> None:
        """*tls* says which certificates are believed; without it those that this machine believes. With *unix_socket*
        every request goes there, whatever its URI. *authorization* is the header of that name, sent to everybody.

        Make it where an event loop runs.
        """
        self._timeouts = timeouts or Timeouts()
        self._max_answer_octets = max_answer_octets
        self._http = aiohttp.ClientSession(
            connector=_connector(tls, unix_socket),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect_s),
            headers={**_HEADERS, **({"authorization": authorization} if authorization else {})},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # a proxy of the environment has no business between us and a printer
        )

    async def send(self, uri: str, message: Message, document: AsyncIterable[bytes] | None = None) -> Message:
        """The printer's answer to a request, whatever its status.

        *uri* is ipp:, ipps:, http: or https:; a user name and password in it are sent as HTTP Basic.
        Raises PrinterUnreachable, NotIpp, and ValueError for any other URI. Errors of *document* come through.
        """
        url = http_url(uri)
        address = f"{urlsplit(url).hostname}:{urlsplit(url).port}"
        octets = encode(message)
        body = None if document is None else _Body(octets, document, self._timeouts)
        try:
            async with asyncio.timeout(self._timeouts.connect_s + self._timeouts.answer_s) as deadline:
                content = octets if body is None else body.pieces(deadline)
                # Encoded already: a printer's path is its own business.
                url_as_it_is = URL(url, encoded=True)
                async with self._http.post(url_as_it_is, data=content, allow_redirects=False) as response:
                    return await self._read_answer(address, response, message.request_id)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise PrinterUnreachable(address, f"cannot connect ({_reason(error)})", in_doubt=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if body is not None and body.error is not None:
                raise body.error from None
            if isinstance(error, TimeoutError) and deadline.expired():
                text = body.waited_for if body is not None else _NO_ANSWER.format(self._timeouts.answer_s)
            else:
                text = f"the connection broke while it was used ({_reason(error)})"
            raise PrinterUnreachable(address, text, in_doubt=True) from error

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.close()

    async def _read_answer(self, address: str, response: aiohttp.ClientResponse, request_id: int) -> Message:
        _check_http(address, response)
        reader = MessageReader(self._max_answer_octets, tolerant=True)
        message: Message | None = None
        try:
            async for octets in response.content.iter_any():
                if message is not None:
                    response.close()  # nothing belongs behind an answer: such a connection is not kept
                    break
                message = reader.feed(octets)
        except IppError as error:
            raise NotIpp(address, f"the answer is no sound IPP message: {error}", in_doubt=True) from error
        if message is None:
            raise NotIpp(address, "the answer ends before its end", in_doubt=True)
        if message.request_id != request_id:
            raise NotIpp(address, "the answer belongs to another request", in_doubt=True)
        return message


def _connector(tls: ssl.SSLContext | None, unix_socket: Path | None) -> aiohttp.BaseConnector:
    if unix_socket is not None:
        return aiohttp.UnixConnector(str(unix_socket), keepalive_timeout=_KEEP_ALIVE_S)
    return aiohttp.TCPConnector(
        ssl=tls or ssl.create_default_context(), limit=_MOST_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_S
    )


class _Body:
    """The body of a request with a document, sent in pieces. The printer's time runs while it takes a piece, and then
    until it has answered."""

    def __init__(self, octets: bytes, document: AsyncIterable[bytes], timeouts: Timeouts) -> None:
        self.error: Exception | None = None  # the document's own
        self.waited_for = ""
        self._octets = octets
        self._document = document
        self._timeouts = timeouts

    async def pieces(self, deadline: asyncio.Timeout) -> AsyncIterator[bytes]:
        """The attributes, then the document."""
        self._begin_writing(deadline, self._timeouts.connect_s)
        yield self._octets
        try:
            async for piece in self._document:
                if piece:
                    self._begin_writing(deadline, 0.0)
                    yield piece
        except Exception as error:
            self.error = error
            raise
        self._wait(deadline, self._timeouts.answer_s, _NO_ANSWER.format(self._timeouts.answer_s))

    def _begin_writing(self, deadline: asyncio.Timeout, grace_s: float) -> None:
        write_s = self._timeouts.write_s
        self._wait(deadline, write_s + grace_s, f"it has taken nothing of the document for {write_s:g} s")

    def _wait(self, deadline: asyncio.Timeout, wait_s: float, waited_for: str) -> None:
        self.waited_for = waited_for
        deadline.reschedule(asyncio.get_running_loop().time() + wait_s)


def http_url(uri: str) -> str:
    """The http: or https: address that an ipp: or ipps: URI stands for (RFC 8010 section 4, RFC 7472).

    Raises ValueError.
    """
    parts = urlsplit(uri)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise ValueError(f"a printer's URI begins with ipp:// or ipps:// and a host, not {parts.scheme}:")
    port = parts.port or (_PORT if parts.scheme in ("ipp", "ipps") else {"http": 80, "https": 443}[scheme])
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"{scheme}://{user}{host}:{port}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _check_http(address: str, response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == 401:
        raise NotIpp(address, "HTTP 401: it wants a user name and a password in its URI", in_doubt=False)
    if status == 426:
        raise NotIpp(address, "HTTP 426: it takes requests over TLS only, use ipps://", in_doubt=False)
    if status != 200:
        # 4xx says that the request was not carried out; 5xx says nothing.
        raise NotIpp(address, f"HTTP {status} in place of an IPP answer", in_doubt=status >= 500)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/ipp":
        raise NotIpp(address, f"an answer of type {media_type[:80]!r} in place of an IPP answer", in_doubt=True)


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
