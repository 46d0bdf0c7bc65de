"""Keeps what people can spend up to date: at start, every so often, and when the server is back.

Only while a queue here prints and logs later: nobody else needs to know.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress

from everprint.contract.client import ServerClient
from everprint.contract.servers import ContractError
from everprint.provider.offline.spendable_store import SpendableStore
from everprint.provider.offline.spending import Spending

log = logging.getLogger(__name__)

_RETRY_S = 5.0
# More people than any installation has: a server that goes on and on must not fill the disk.
_MOST_PEOPLE = 5_000_000


class SpendableFetch:
    """Fetches pages and keeps them. `trouble` says why the last pass broke off."""

    def __init__(
        self,
        server: ServerClient,
        store: SpendableStore,
        spending: Spending,
        every_s: float,
        is_wanted: Callable[[], bool],
    ) -> None:
        self.trouble = ""
        self._server = server
        self._store = store
        self._spending = spending
        self._every_s = every_s
        self._is_wanted = is_wanted
        self._soon = asyncio.Event()
        self._broke_off = True  # so may the last pass of an earlier run have done

    def fetch_soon(self) -> None:
        """Fetches what changed now."""
        self._soon.set()

    async def run(self) -> None:
        """Fetches until it is cancelled."""
        while True:
            self._soon.clear()
            wait_s = self._every_s
            if self._is_wanted():
                try:
                    await self._fetch_what_changed()
                    self.trouble = ""
                except (ContractError, sqlite3.Error) as error:
                    if not self.trouble:
                        log.warning("spendable amounts cannot be fetched reason=%s", error)
                    self.trouble = str(error)
                    wait_s = min(_RETRY_S, wait_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s * random.uniform(0.75, 1.25)):  # noqa: S311 - jitter, not a secret
                    await self._soon.wait()

    async def _fetch_what_changed(self) -> None:
        # One that broke off told of some people before the server was told of these jobs: only a pass that is whole
        # shows what all of them cost.
        resumed, self._broke_off = self._broke_off, True
        told = frozenset() if resumed else self._spending.told()
        taken, more = 0, True
        while more and taken < _MOST_PEOPLE:
            page = await self._server.spendable(self._store.cursor)
            await asyncio.to_thread(self._store.take, page)
            taken, more = taken + len(page.users), page.more
        if more:
            log.error("server tells of more than %d people, the rest is not fetched", _MOST_PEOPLE)
            return
        self._broke_off = False
        if resumed:
            self._soon.set()
        # What the server had been told before it answered is in these amounts.
        self._spending.forget(told)
        log.debug("spendable amounts fetched people=%d", taken)
