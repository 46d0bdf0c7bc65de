"""HTTP to the Application Server, or to whichever server of several on one database answers.

Every call of the contract may be made again (client), at another server too: all of them read and write one database.
So a call that one server does not take is made at the next at once, and that one is asked first from then on.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TypeVar

import aiohttp
import msgspec
from yarl import URL

from everprint.contract.messages import Problem

T = TypeVar("T")

# The largest honest answer is the snapshot of some thousands of queues.
_MAX_ANSWER_OCTETS = 32 << 20
DEADLINES = aiohttp.ClientTimeout(total=30.0, connect=5.0)
_MOST_CONNECTIONS = 32
# Less than servers keep an idle connection: none is used that is just being closed.
_KEEP_ALIVE_S = 30.0


class ContractError(Exception):
    """A call that brought no answer of its kind; the text says what to do."""


class ServerAway(ContractError):
    """No answer, or "try again": ask again later."""


class NoAnswerInTime(ServerAway):
    """The server took the call; whether it did what was asked is not known."""


class CredentialRefused(ContractError):
    """The server does not know this provider, or no longer."""


class VersionRefused(ContractError):
    """The two speak no common version of the contract."""


class BadMessage(ContractError):
    """The server will never take this message: asking again does not help."""


class UnknownQueue(ContractError):
    """The server has no such queue (any more)."""


class Conflict(ContractError):
    """The server's books say otherwise: it is too late for this, or something before it is missing."""


class EventsMissing(Conflict):
    """The server has fewer events than it said once: it was restored, or is a replica of a moment ago."""

    def __init__(self, detail: str, expected: int) -> None:
        self.expected = expected
        """The event that it takes next."""
        super().__init__(detail)


class BadAnswer(ContractError):
    """Something answered that is not an Application Server, or not one that we understand."""


_ERRORS: dict[int, type[ContractError]] = {
    400: BadMessage,
    401: CredentialRefused,
    403: CredentialRefused,
    404: UnknownQueue,
    409: Conflict,
    413: BadMessage,
    422: BadMessage,
    426: VersionRefused,
}


class Servers:
    """Connections to the servers of one installation; closed where they were made, in an event loop."""

    def __init__(
        self,
        addresses: Sequence[str],
        ca_file: Path | None = None,
        headers: dict[str, str] | None = None,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        """`addresses` as https://host:port, at least one; the first is asked first."""
        self._addresses = [address.rstrip("/") for address in addresses]
        self._asked = self._addresses[0]
        verify = verify or ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=verify, limit=_MOST_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_S),
            headers={"Content-Type": "application/json", **(headers or {})},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # no proxy of the environment: the credential goes to the server and to nobody else
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def call(
        self,
        method: str,
        path: str,
        message: msgspec.Struct | None,
        decoder: msgspec.json.Decoder[T],
        deadlines: aiohttp.ClientTimeout = DEADLINES,
    ) -> T:
        """The answer of the first server that takes the call, each asked once at the most.

        Raises ContractError; ServerAway if none took it, or one took it and did not answer in time.
        """
        content = msgspec.json.encode(message) if message is not None else None
        for left in reversed(range(len(self._addresses))):
            server = self._asked
            try:
                return await self._call(server, method, path, content, decoder, deadlines)
            except ServerAway as error:
                self._ask_next_after(server)
                if not left or isinstance(error, NoAnswerInTime):
                    raise
        raise AssertionError("there is at least one server")

    def _ask_next_after(self, server: str) -> None:
        if self._asked == server:  # else another call found out before
            after = self._addresses.index(server) + 1
            self._asked = self._addresses[after % len(self._addresses)]

    async def _call(
        self,
        server: str,
        method: str,
        path: str,
        content: bytes | None,
        decoder: msgspec.json.Decoder[T],
        deadlines: aiohttp.ClientTimeout,
    ) -> T:
        try:
            url = URL(f"{server}{path}")
            async with self._http.request(
                method, url, data=content, timeout=deadlines, allow_redirects=False
            ) as response:
                octets = await _read(response)
        except aiohttp.ConnectionTimeoutError as error:
            raise ServerAway(
                f"The Application Server at {server} cannot be reached: no connection in time."
            ) from error
        except TimeoutError as error:
            raise NoAnswerInTime(f"The Application Server at {server} did not answer in time.") from error
        except aiohttp.InvalidURL as error:
            raise BadAnswer(f"{server} is no address of an Application Server (http:// or https://).") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ServerAway(f"The Application Server at {server} cannot be reached: {error}.") from error
        if not response.ok:
            raise _refusal(response.status, octets, response.headers.get("Everprint-Expected-Sequence", ""))
        try:
            return decoder.decode(octets)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise BadAnswer(
                f"What answers at {server}{path} is no Application Server of this release: {error}."
            ) from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    octets = bytearray()
    async for piece in response.content.iter_any():
        octets += piece
        if len(octets) > _MAX_ANSWER_OCTETS:
            response.close()
            raise BadAnswer(f"The answer from {response.url} is larger than {_MAX_ANSWER_OCTETS} octets.")
    return bytes(octets)


def _refusal(status: int, octets: bytes, expected: str) -> ContractError:
    try:
        problem = msgspec.json.decode(octets, type=Problem)
        detail = problem.detail
        if problem.code == "event-gap" and expected.isascii() and expected.isdigit() and len(expected) < 19:
            return EventsMissing(detail, int(expected))
    except (msgspec.DecodeError, msgspec.ValidationError):
        detail = f"The Application Server answered HTTP {status} without saying why."
    if status >= 500 or status in (408, 429):
        return ServerAway(detail)
    return _ERRORS.get(status, BadAnswer)(detail)
