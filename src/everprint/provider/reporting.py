"""Tells the Application Server what happened: all of it, in order, at least once."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress

from everprint.contract.client import ServerClient
from everprint.contract.servers import BadMessage, Conflict, ContractError, EventsMissing
from everprint.provider.journal import Entry, Journal, JournalFailed
from everprint.provider.offline.spending import Spending
from everprint.provider.server_gate import ServerGate

log = logging.getLogger(__name__)

_MOST_EVENTS = 200
# A small job's life is over in less: its events then cost the server one transaction and not five.
_GATHER_S = 0.05
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0


class Reporting:
    """Sends the journal's outbox, never more than a batch of it in memory. `trouble` says why it does not get on."""

    def __init__(self, journal: Journal, server: ServerClient, gate: ServerGate, spending: Spending) -> None:
        self.trouble = ""
        self._journal = journal
        self._server = server
        self._gate = gate
        self._spending = spending
        self._taken = journal.last_told()

    async def run(self) -> None:
        """Reports until it is cancelled."""
        wait_s = _FIRST_WAIT_S
        while True:
            self._journal.facts_written.clear()
            events = self._journal.events_after(self._taken, _MOST_EVENTS)
            if not events:
                await self._journal.facts_written.wait()
                await asyncio.sleep(_GATHER_S)
                continue
            try:
                taken = await self._server.report(events, self._journal.oldest_event())
                self._gate.answered()
                await self._forget(taken, events[-1].sequence)
            except (ContractError, JournalFailed) as error:
                if isinstance(error, EventsMissing) and self._tells_again(error.expected, events[0].sequence):
                    continue
                self._fail(error, events[0].sequence)
                self._taken = self._journal.last_told()  # whatever is in the outbox still has to be told
                await self._wait(wait_s * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, not a secret
                wait_s = min(wait_s * 1.7, _LONGEST_WAIT_S)
            else:
                self._spending.reported(event for event in events if event.sequence <= taken)
                if self.trouble:
                    log.warning("events are reported again")
                self.trouble, wait_s = "", _FIRST_WAIT_S

    async def _wait(self, seconds: float) -> None:
        """Or less, if a server that was away gives somebody an answer meanwhile."""
        if not self._gate.is_away:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gate.answers.wait()

    def _tells_again(self, expected: int, sent: int) -> bool:
        """Goes back to the event that a restored server takes next, if it is still here."""
        oldest = self._journal.oldest_event()
        if oldest is None or not oldest <= expected < sent:
            return False
        log.warning("the server has fewer events than it took once: they are told again from=%d", expected)
        self._taken = expected - 1
        return True

    async def _forget(self, taken: int, sent: int) -> None:
        if taken > sent:
            # Its memory of this provider is of other events: to go on would lose ours without a word.
            raise BadMessage(
                f"The server says that it has events up to {taken}, of which {sent} is the last that was sent: "
                "this state folder is older than what the server knows. Enrol this print server anew."
            )
        if taken <= self._taken:
            raise BadMessage(f"The server takes no event after {taken}.")
        await self._journal.write(Entry(taken=taken))
        self._taken = taken

    def _fail(self, error: Exception, sequence: int) -> None:
        if not self.trouble:
            level = logging.ERROR if isinstance(error, BadMessage | Conflict) else logging.WARNING
            log.log(level, "events cannot be reported first_sequence=%d reason=%s", sequence, error)
        self.trouble = str(error)
