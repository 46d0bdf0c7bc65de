"""Looks at one printer's agent from time to time: seldom while it does not answer, for nobody waits for it."""

from __future__ import annotations

import asyncio
import logging

from everprint.provider.snmp.printer_mib import read_printer
from everprint.provider.snmp.reading import Reading
from everprint.provider.snmp.values import Agent, Asks, SnmpFailed

log = logging.getLogger(__name__)

_EVERY_S = 10.0
_SILENT_S = 60.0
_LONGEST_S = 20.0


class SnmpLook:
    """Of one device. What was read last holds until the next look."""

    def __init__(self, asks: Asks, agent: Agent, queue: str, poll_s: float) -> None:
        self._asks = asks
        self._agent = agent
        self._queue = queue
        self._every_s = min(poll_s, _EVERY_S)
        self._next = 0.0
        self._reading: Reading | None = None
        self._silent = False

    async def look(self) -> Reading | None:
        """What the printer says; None if it says nothing. Never raises SnmpFailed."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._next:
            self._reading = await self._read()
            self._next = clock() + (max(self._every_s, _SILENT_S) if self._silent else self._every_s)
        return self._reading

    async def _read(self) -> Reading | None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                reading = await read_printer(self._asks, self._agent)
        except (SnmpFailed, TimeoutError) as error:
            if not self._silent:
                reason = str(error) or "It takes too long to answer."
                log.warning('snmp agent cannot be read queue=%s reason="%s"', self._queue, reason)
            self._silent = True
            return None
        if self._silent:
            log.info("snmp agent answers again queue=%s", self._queue)
        self._silent = False
        return reading
