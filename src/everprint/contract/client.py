"""The Print Provider's side of the contract: typed calls to the Application Server, typed errors back.

Every call may be made again: the messages carry what makes them idempotent (job-id and attempt, event sequence).
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx
import msgspec

from everprint.contract import endpoints
from everprint.contract.messages import (
    Authenticate,
    Authenticated,
    Authorise,
    Decision,
    Enrol,
    Enrolled,
    Event,
    EventBatch,
    EventsTaken,
    Hold,
    Order,
    Orders,
    Print,
    Problem,
    Refuse,
    Snapshot,
)
from everprint.contract.version import HEADER, NEWEST

T = TypeVar("T")

# The largest honest answer is the snapshot of some thousands of queues.
_MAX_ANSWER_OCTETS = 32 << 20
_DEADLINES = httpx.Timeout(connect=5.0, read=15.0, write=15.0, pool=15.0)
_PATIENT = httpx.Timeout(connect=5.0, read=endpoints.ORDERS_PATIENCE_S + 15.0, write=15.0, pool=15.0)
_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=30.0)


_enrolled = msgspec.json.Decoder(Enrolled)
_authenticated = msgspec.json.Decoder(Authenticated)
_decision: msgspec.json.Decoder[Print | Hold | Refuse] = msgspec.json.Decoder(Decision)
_taken = msgspec.json.Decoder(EventsTaken)
_orders = msgspec.json.Decoder(Orders)
_snapshot = msgspec.json.Decoder(Snapshot)


class ContractError(Exception):
    """A call that brought no answer of its kind; the text says what to do."""


class ServerAway(ContractError):
    """No answer, or "try again": ask again later."""


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


async def enrol(server: str, message: Enrol, ca_file: Path | None = None) -> Enrolled:
    """Turns a one-time code into a credential.

    Raises ContractError.
    """
    async with _http_client(server, ca_file, {}) as http:
        return await _call(http, "POST", endpoints.ENROL, message, _enrolled)


class ServerClient:
    """Calls with one provider's credential; connections are kept open. Use as an async context manager."""

    def __init__(self, server: str, provider_id: str, credential: str, ca_file: Path | None = None) -> None:
        headers = {"Authorization": f"Bearer {provider_id}.{credential}", HEADER: str(NEWEST)}
        self._http = _http_client(server, ca_file, headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def authenticate(self, user_name: str, password: str, client_address: str = "") -> str | None:
        """The user's name in the server's spelling, or None if name or password is wrong."""
        message = Authenticate(user_name=user_name, password=password, client_address=client_address)
        answer = await _call(self._http, "POST", endpoints.AUTHENTICATE, message, _authenticated)
        return answer.user_name

    async def authorise(self, message: Authorise) -> Decision:
        """May this job print? Safe to ask again: the same job and attempt get the same answer."""
        return await _call(self._http, "POST", endpoints.AUTHORISE, message, _decision)

    async def report(self, events: Sequence[Event]) -> int:
        """Tells what happened; returns the sequence up to which the server has everything."""
        answer = await _call(self._http, "POST", endpoints.EVENTS, EventBatch(events=list(events)), _taken)
        return answer.taken

    async def orders(self, after: int) -> list[Order]:
        """Waits until the server wants something done; empty when its patience is over."""
        path = f"{endpoints.ORDERS}?after={after}"
        answer = await _call(self._http, "GET", path, None, _orders, timeout=_PATIENT)
        return answer.orders

    async def snapshot(self) -> Snapshot:
        """All that this provider must know."""
        return await _call(self._http, "GET", endpoints.SNAPSHOT, None, _snapshot)


def _http_client(server: str, ca_file: Path | None, headers: dict[str, str]) -> httpx.AsyncClient:
    verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file else ssl.create_default_context()
    # No proxy from the environment: the credential goes to the server and to nobody else.
    return httpx.AsyncClient(
        base_url=server.rstrip("/"),
        headers={"Content-Type": "application/json", **headers},
        verify=verify,
        timeout=_DEADLINES,
        limits=_LIMITS,
        trust_env=False,
    )


async def _call(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    message: msgspec.Struct | None,
    decoder: msgspec.json.Decoder[T],
    timeout: httpx.Timeout = _DEADLINES,  # noqa: ASYNC109 - httpx's own kind
) -> T:
    content = msgspec.json.encode(message) if message is not None else None
    try:
        async with http.stream(method, path, content=content, timeout=timeout) as response:
            octets = await _read(response)
    except httpx.TimeoutException as error:
        raise ServerAway(f"The Application Server at {http.base_url} did not answer in time.") from error
    except httpx.HTTPError as error:
        raise ServerAway(f"The Application Server at {http.base_url} cannot be reached: {error}.") from error
    if not response.is_success:
        raise _refusal(response.status_code, octets)
    try:
        return decoder.decode(octets)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadAnswer(
            f"What answers at {http.base_url}{path} is no Application Server of this release: {error}."
        ) from error


async def _read(response: httpx.Response) -> bytes:
    octets = bytearray()
    async for piece in response.aiter_bytes():
        octets += piece
        if len(octets) > _MAX_ANSWER_OCTETS:
            raise BadAnswer(f"The answer from {response.url} is larger than {_MAX_ANSWER_OCTETS} octets.")
    return bytes(octets)


def _refusal(status: int, octets: bytes) -> ContractError:
    try:
        detail = msgspec.json.decode(octets, type=Problem).detail
    except (msgspec.DecodeError, msgspec.ValidationError):
        detail = f"The Application Server answered HTTP {status} without saying why."
    if status >= 500 or status in (408, 429):
        return ServerAway(detail)
    return _ERRORS.get(status, BadAnswer)(detail)
