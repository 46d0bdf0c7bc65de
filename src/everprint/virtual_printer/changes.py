"""Tells whoever waits that something about the printer changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    """A revision that grows with every change, and a way to wait for the next."""

    def __init__(self) -> None:
        self.revision = 0
        self._next = asyncio.Event()

    def announce(self) -> None:
        """Something changed."""
        self.revision += 1
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds."""
        while not condition():
            await self._next.wait()
