"""Keeps the queues as the Application Server wants them: fetched at start, when told to, and now and then."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from everprint.contract.client import ServerClient
from everprint.contract.messages import Snapshot
from everprint.contract.servers import ContractError
from everprint.provider.queues import Queues
from everprint.provider.snapshot_store import SnapshotStore

log = logging.getLogger(__name__)

_RETRY_S = 2.0


class Snapshots:
    """Fetches, stores and applies snapshots. `trouble` says why the last one could not be fetched."""

    def __init__(self, server: ServerClient, store: SnapshotStore, queues: Queues, every_s: float) -> None:
        self.trouble = ""
        self.applied = asyncio.Event()
        self._server = server
        self._store = store
        self._queues = queues
        self._every_s = every_s
        self._wanted = asyncio.Event()

    def fetch_soon(self) -> None:
        """Fetches a new one now."""
        self._wanted.set()

    def _save(self, snapshot: Snapshot) -> None:
        try:
            self._store.save(snapshot)
        except OSError:
            # It is used all the same: a full disk keeps nobody's queue from changing.
            log.exception("snapshot cannot be stored revision=%s", snapshot.revision)

    async def run(self) -> None:
        """Fetches until it is cancelled."""
        while True:
            self._wanted.clear()
            wait_s = self._every_s
            try:
                snapshot = await self._server.snapshot()
            except ContractError as error:
                if not self.trouble:
                    log.warning("snapshot cannot be fetched reason=%s", error)
                self.trouble = str(error)
                wait_s = min(_RETRY_S, self._every_s)
            else:
                self.trouble = ""
                if snapshot.revision != self._queues.revision:
                    self._save(snapshot)
                    await self._queues.apply(snapshot)
                    log.info("snapshot revision=%s queues=%d", snapshot.revision, len(snapshot.queues))
                self.applied.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wanted.wait()
