"""The numbers of new jobs (*job-id*): out of the blocks that the Application Server gives (contract.job_ids).

Invariant: no number is ever given twice by this provider, and one out of a block by nobody else: a block is in the
journal before its first number is used, and how far the numbers are used is written with each new job.

There is always enough in stock for a long absence of the server. When even that is used up, jobs are still taken:
they get numbers of this provider's own, from FIRST_OF_OWN on. A server of an older release has no blocks; then jobs
are numbered one after the other, as they were.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from everprint.contract.client import ServerClient
from everprint.contract.job_ids import BLOCK, FIRST_OF_OWN, JobIdBlock
from everprint.contract.servers import ContractError, UnknownQueue
from everprint.provider.journal import Entry, Journal, JournalFailed
from everprint.provider.server_gate import ServerGate

log = logging.getLogger(__name__)

# A new block is asked for when fewer are left.
_STOCK = BLOCK
_RETRY_S = 5.0
# It may be upgraded while we run.
_OLD_SERVER_S = 300.0
# How long the first jobs of a new provider wait for its first block.
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class NewJobId:
    """A number for a job; `is_unique` in the whole installation, else only here."""

    number: int
    is_unique: bool


class JobIds:
    """Gives numbers from the stock, and keep it filled."""

    def __init__(self, journal: Journal, server: ServerClient, gate: ServerGate) -> None:
        self._journal = journal
        self._server = server
        self._gate = gate
        self._used = journal.last_job_id()
        self._used_of_own = journal.last_own_job_id()
        self._blocks = journal.job_id_blocks()
        self._server_is_old = False
        self._asked = asyncio.Event()  # the server was asked once, whatever came of it
        self._low = asyncio.Event()

    async def take(self) -> NewJobId:
        """The next number; at the very start of a new provider it waits a moment for the first block."""
        if not self._left() and not self._asked.is_set() and not self._gate.is_away:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._asked.wait()
        return self._next()

    async def run(self) -> None:
        """Keeps the stock filled until it is cancelled."""
        while True:
            self._low.clear()
            if self._left() >= _STOCK:
                self._asked.set()
                await self._low.wait()
                continue
            wait_s = await self._ask()
            self._asked.set()
            if wait_s:
                await asyncio.sleep(wait_s)

    async def _ask(self) -> float:
        """Asks for a block and keeps it; how long to wait before asking again."""
        highest = max(self._used, self._blocks[-1].last if self._blocks else 0)
        try:
            block = await self._server.job_ids(highest)
            if not highest < block.first <= block.last < FIRST_OF_OWN:
                log.error("job-ids of the server cannot be used first=%d last=%d", block.first, block.last)
                return _OLD_SERVER_S
            await self._journal.write(Entry(job_ids=block))
        except UnknownQueue:
            self._server_is_old = True
            return _OLD_SERVER_S
        except (ContractError, JournalFailed) as error:
            log.debug("job-ids cannot be fetched reason=%s", error)
            return _RETRY_S
        self._server_is_old = False
        self._blocks.append(block)
        log.info("job-ids first=%d last=%d", block.first, block.last)
        return 0.0

    def _next(self) -> NewJobId:
        block = self._current()
        if block is not None:
            self._used = max(block.first, self._used + 1)
            if self._left() < _STOCK:
                self._low.set()
            return NewJobId(self._used, is_unique=True)
        if self._server_is_old and not self._blocks:
            self._used += 1
            return NewJobId(self._used, is_unique=False)
        self._used_of_own += 1
        return NewJobId(self._used_of_own, is_unique=False)

    def _current(self) -> JobIdBlock | None:
        """The block of which the next number is."""
        return next((block for block in self._blocks if block.last > self._used), None)

    def _left(self) -> int:
        return sum(block.last - max(block.first - 1, self._used) for block in self._blocks if block.last > self._used)
