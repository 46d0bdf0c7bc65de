"""The client's side of IPP over HTTP (RFC 8010 section 4): one request, one answer, nothing trusted.

Printers' answers are hostile input like any other: they are read with bounds in size and time, and redirections are
not followed. A request is never repeated here; whoever sends it knows whether it may be.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from everprint.ipp.codec import MAX_MESSAGE_OCTETS, MessageReader, encode
from everprint.ipp.errors import IppError
from everprint.ipp.message import Message

_SCHEMES = {"ipp": "http", "ipps": "https", "http": "http", "https": "https"}
_PORT = 631
_HEADERS = {"content-type": "application/ipp", "accept": "application/ipp", "accept-encoding": "identity"}


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
    ) -> None:
        """*tls* says which certificates are believed; without it those that this machine believes."""
        self._timeouts = timeouts or Timeouts()
        self._max_answer_octets = max_answer_octets
        times = self._timeouts
        self._http = httpx.AsyncClient(
            verify=tls or ssl.create_default_context(),
            timeout=httpx.Timeout(
                connect=times.connect_s, write=times.write_s, read=times.answer_s, pool=times.connect_s
            ),
            limits=httpx.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=15),
            follow_redirects=False,
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
        try:
            async with asyncio.timeout(None) as deadline:
                if document is None:
                    self._begin_waiting(deadline, self._timeouts.connect_s)
                    content: bytes | AsyncIterator[bytes] = octets
                else:
                    content = self._chain(octets, document, deadline)
                request = self._http.build_request("POST", url, content=content, headers=_HEADERS)
                return await self._exchange(address, request, message.request_id)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise PrinterUnreachable(address, f"cannot connect ({_reason(error)})", in_doubt=False) from error
        except TimeoutError as error:
            if not deadline.expired():  # then it is the document's own
                raise
            text = f"no whole answer within {self._timeouts.answer_s:g} s"
            raise PrinterUnreachable(address, text, in_doubt=True) from error
        except httpx.RequestError as error:
            text = f"the connection broke while it was used ({_reason(error)})"
            raise PrinterUnreachable(address, text, in_doubt=True) from error

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def _exchange(self, address: str, request: httpx.Request, request_id: int) -> Message:
        response = await self._http.send(request, stream=True)
        try:
            return await self._read_answer(address, response, request_id)
        finally:
            await response.aclose()

    async def _chain(
        self, octets: bytes, document: AsyncIterable[bytes], deadline: asyncio.Timeout
    ) -> AsyncIterator[bytes]:
        """The body of a request; when the last of it is sent, the printer's time begins."""
        yield octets
        async for piece in document:
            if piece:
                yield piece
        self._begin_waiting(deadline, 0)

    def _begin_waiting(self, deadline: asyncio.Timeout, grace_s: float) -> None:
        deadline.reschedule(asyncio.get_running_loop().time() + grace_s + self._timeouts.answer_s)

    async def _read_answer(self, address: str, response: httpx.Response, request_id: int) -> Message:
        _check_http(address, response)
        reader = MessageReader(self._max_answer_octets, tolerant=True)
        message: Message | None = None
        try:
            async for octets in response.aiter_raw():
                if message is not None:
                    break  # nothing belongs behind an answer: such a connection is not kept
                message = reader.feed(octets)
        except IppError as error:
            raise NotIpp(address, f"the answer is no sound IPP message: {error}", in_doubt=True) from error
        if message is None:
            raise NotIpp(address, "the answer ends before its end", in_doubt=True)
        if message.request_id != request_id:
            raise NotIpp(address, "the answer belongs to another request", in_doubt=True)
        return message


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


def _check_http(address: str, response: httpx.Response) -> None:
    status = response.status_code
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
