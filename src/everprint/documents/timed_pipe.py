"""Reads what a process writes, on two pipes at once and with a deadline, so that neither side ever waits for ever."""

from __future__ import annotations

import os
import select
import time
from typing import IO

_MOST_SAID_OCTETS = 65_536  # of what the process says, kept to find its error in
_READ_OCTETS = 1 << 20


class TookTooLong(Exception):
    """The process did not end within its time."""


class TimedPipe:
    """Takes pages from one pipe, while keeping what is said on the other from blocking the process."""

    def __init__(self, pages: IO[bytes], said: IO[bytes], deadline: float) -> None:
        self._pages, self._said_pipe = pages.fileno(), said.fileno()
        self._open = {self._pages, self._said_pipe}
        self._buffer = bytearray()
        self.said = bytearray()
        self.deadline = deadline

    def take(self, octets: int) -> bytes:
        """So many octets of pages, or fewer at the end. Raises TookTooLong."""
        while len(self._buffer) < octets and self._pages in self._open:
            self._read_some()
        taken = bytes(self._buffer[:octets])
        del self._buffer[:octets]
        return taken

    def drain(self) -> None:
        """Reads both to their ends."""
        while self._open:
            self._read_some()
            self._buffer.clear()

    def _read_some(self) -> None:
        ready, _, _ = select.select(list(self._open), [], [], max(0.0, self.deadline - time.monotonic()))
        if not ready:
            raise TookTooLong
        for pipe in ready:
            octets = os.read(pipe, _READ_OCTETS)
            if not octets:
                self._open.discard(pipe)
            elif pipe == self._pages:
                self._buffer += octets
            else:
                self.said = (self.said + octets)[-_MOST_SAID_OCTETS:]
