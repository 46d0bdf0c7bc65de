"""One opinion, for all jobs, on whether the Application Server can be asked now.

When it cannot, all wait together and a few try: ten thousand waiting jobs are no storm when it is back. Jobs of
queues that go on without it do not wait here; they ask again as soon as anything had an answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from everprint.contract.servers import ContractError, ServerAway
from everprint.provider.offline.absence import Absence

log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0


class ServerGate:
    """Open while the server answers. `trouble` says why it is not asked now; `is_away` that it gives no answer at
    all, and not one that we cannot use."""

    def __init__(self, at_once: int, absence: Absence) -> None:
        self.trouble = ""
        self.is_away = False
        self.answers = asyncio.Event()  # set by every answer, cleared when the server is found to be away
        self._absence = absence
        self._places = asyncio.Semaphore(at_once)
        self._open = asyncio.Event()
        self._open.set()
        self._wait_s = _FIRST_WAIT_S
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def passed(self, *, patient: bool = True) -> AsyncIterator[None]:
        """Waits until asking makes sense; then there is room for one question.

        One who is not patient gets ServerAway instead of waiting for a server that is away.
        """
        while True:
            if self.is_away and not patient:
                raise ServerAway(self.trouble)
            await self._open.wait()
            async with self._places:
                if not self._open.is_set():
                    continue
                yield
                return

    def answered(self) -> None:
        """The server answered: everybody may ask."""
        if self.trouble:
            log.warning("server answers again")
        self.trouble, self.is_away, self._wait_s = "", False, _FIRST_WAIT_S
        self._absence.end()
        self.answers.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._open.set()

    def failed(self, error: ContractError) -> None:
        """The server did not answer: nobody asks for a while, longer each time."""
        if not self._open.is_set():
            return
        if not self.trouble:
            log.warning("server does not answer reason=%s", error)
        self.trouble = str(error)
        if isinstance(error, ServerAway) and not self.is_away:
            self.is_away = True
            self.answers.clear()
            self._absence.begin(self.trouble)
        self._open.clear()
        wait_s = self._wait_s * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._open.set)
        self._wait_s = min(self._wait_s * 1.7, _LONGEST_WAIT_S)
