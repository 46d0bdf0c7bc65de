"""Who asks: by password, or by a trusted network's word. Names are brought to one spelling here and nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
import unicodedata
from collections import OrderedDict

from everprint.contract.client import ServerClient
from everprint.contract.messages import Authenticated, Authentication
from everprint.contract.servers import ContractError
from everprint.ipp.credentials import Credentials
from everprint.ipp.errors import Refused
from everprint.ipp.service import NotAuthenticated, Request, TlsRequired
from everprint.ipp.status import Status
from everprint.provider.job import Owner
from everprint.provider.queue import Queue
from everprint.provider.server_gate import ServerGate
from everprint.provider.settings import ProviderSettings

_MOST_REMEMBERED = 10_000
_WRONG_REMEMBERED_S = 10.0
# Passwords are slow to check and come from strangers: they must leave the way to the server free for jobs.
_CHECKS_AT_ONCE = 6
_MOST_WAITING = 100


class Passwords:
    """Checks passwords with the Application Server, and remembers right ones for a while.

    A wrong one is remembered for a moment: CUPS tries the same password five times for one job, and counted as five
    attempts that would lock its owner out. What is remembered is a hash under a key that only this process has.
    While the server is away, a password that was right is taken for longer: its owner could not change it there.
    """

    def __init__(self, server: ServerClient, gate: ServerGate, settings: ProviderSettings) -> None:
        self._server = server
        self._gate = gate
        self._remember_s = settings.password_cache_s
        self._away_s = settings.password_away_s if settings.password_cache_s else 0
        self._key = os.urandom(32)
        self._right: OrderedDict[bytes, tuple[Authenticated, float]] = OrderedDict()
        self._wrong: OrderedDict[bytes, float] = OrderedDict()
        self._places = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._waiting = 0

    async def user(self, credentials: Credentials, client_address: str) -> Authenticated | None:
        """Who that is, in the server's spelling; None if name or password is wrong.

        Raises Refused if the server cannot be asked.
        """
        said = f"{credentials.user_name}\0{credentials.password}".encode()
        digest = hmac.digest(self._key, said, hashlib.sha256)
        now = time.monotonic()
        remembered, until = self._right.get(digest, (None, 0.0))
        if remembered is not None and now < until:
            return remembered
        if now < self._wrong.get(digest, 0.0):
            return None
        if remembered is not None and now < until + self._away_s:
            user = await self._ask_or(remembered, credentials, client_address)
            if user is remembered:
                return user
        else:
            user = await self._ask(credentials, client_address)
        self._right.pop(digest, None)
        if user.user_name is not None:
            self._right[digest] = (user, now + self._remember_s)
            if len(self._right) > _MOST_REMEMBERED:
                self._right.popitem(last=False)
            return user
        self._wrong[digest] = now + _WRONG_REMEMBERED_S
        if len(self._wrong) > _MOST_REMEMBERED:
            self._wrong.popitem(last=False)
        return None

    async def _ask_or(
        self, remembered: Authenticated, credentials: Credentials, client_address: str
    ) -> Authenticated:
        """The server's answer, or what it said last time while it is away."""
        known_to_be_away = self._gate.is_away
        if known_to_be_away:
            return remembered
        try:
            return await self._ask(credentials, client_address)
        except Refused:
            if self._gate.is_away:
                return remembered
            raise

    async def _ask(self, credentials: Credentials, client_address: str) -> Authenticated:
        if self._waiting >= _MOST_WAITING:
            raise Refused(Status.SERVER_ERROR_BUSY, "Too many passwords wait to be checked; try again soon.")
        self._waiting += 1
        try:
            async with self._places:
                return await self._server.authenticate(credentials.user_name, credentials.password, client_address)
        except ContractError as error:
            raise Refused(
                Status.SERVER_ERROR_SERVICE_UNAVAILABLE, f"Your password cannot be checked now. {error}"
            ) from error
        finally:
            self._waiting -= 1


async def identify(request: Request, queue: Queue, passwords: Passwords, *, or_nobody: bool) -> Owner:
    """The person behind a request; with `or_nobody`, one who gives no name in a trusted network has none.

    Raises NotAuthenticated, TlsRequired, or Refused.
    """
    if queue.settings.authentication is Authentication.BASIC:
        user_name = (await _signed_in(request, queue, passwords)).user_name or ""
        return Owner(user_name, authenticated=True, client_address=request.peer)
    if not queue.trusts(request.peer):
        raise Refused(
            Status.CLIENT_ERROR_NOT_AUTHORIZED,
            f"{request.peer} is not in a network that queue {queue.name} trusts.",
        )
    user_name = requesting_user_name(request)
    if not user_name and not or_nobody:
        raise Refused(
            Status.CLIENT_ERROR_NOT_AUTHORIZED, f"Queue {queue.name} must know who prints: no requesting-user-name."
        )
    return Owner(user_name, authenticated=False, client_address=request.peer)


async def require_operator(request: Request, queue: Queue, passwords: Passwords) -> str:
    """The name of the operator behind a request. A password is needed on every queue: a name alone is only a word.

    Raises NotAuthenticated, TlsRequired, or Refused.
    """
    user = await _signed_in(request, queue, passwords)
    if not user.operator:
        raise Refused(Status.CLIENT_ERROR_NOT_AUTHORIZED, f"{user.user_name} is no operator of queue {queue.name}.")
    return user.user_name or ""


async def _signed_in(request: Request, queue: Queue, passwords: Passwords) -> Authenticated:
    if not request.tls:
        raise TlsRequired
    user = None if request.credentials is None else await passwords.user(request.credentials, request.peer)
    if user is None:
        raise NotAuthenticated(queue.name)
    return user


def requesting_user_name(request: Request) -> str:
    """The client's word on who asks; composed characters, so that one name has one spelling."""
    said = request.message.operation.string("requesting-user-name") or ""
    return unicodedata.normalize("NFC", said.strip())
