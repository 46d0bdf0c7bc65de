"""One opinion, for all jobs, on whether the Application Server can be asked now.

When it cannot, all wait together and a few try: ten thousand waiting jobs are no storm when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from everprint.contract.client import ContractError

log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0


class ServerGate:
    """Open while the server answers. `trouble` says why it is not asked now."""

    def __init__(self, at_once: int) -> None:
        self.trouble = ""
        self._places = asyncio.Semaphore(at_once)
        self._open = asyncio.Event()
        self._open.set()
        self._wait_s = _FIRST_WAIT_S
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Waits until asking makes sense; then there is room for one question."""
        while True:
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
        self.trouble, self._wait_s = "", _FIRST_WAIT_S
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
        self._open.clear()
        wait_s = self._wait_s * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._open.set)
        self._wait_s = min(self._wait_s * 1.7, _LONGEST_WAIT_S)
