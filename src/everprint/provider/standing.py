"""How the queues' devices stand, in a file beside the journal: for commands that look, whether it runs or not.

It is written a moment after something changed and not before anything is done, so nothing waits for it; what must be
known for certain is in the journal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from everprint.contract.messages import PrinterStatus
from everprint.provider.identity import store_durably

log = logging.getLogger(__name__)

FILE_NAME = "standing.json"
# Between two writes: a thousand printers that change their states cost one file, and not a thousand.
_GATHER_S = 1.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the device of a queue said, and since when it says that."""

    status: PrinterStatus
    since: datetime


_decoder = msgspec.json.Decoder(dict[str, Standing])


class StandingFile:
    """By queue; run() writes it."""

    def __init__(self, state_folder: Path) -> None:
        self._path = state_folder / FILE_NAME
        self._by_queue: dict[str, Standing] = {}
        self._changed = asyncio.Event()

    def note(self, status: PrinterStatus) -> None:
        """Takes what a queue's device says now."""
        self._by_queue[status.queue] = Standing(status=status, since=datetime.now(UTC))
        self._changed.set()

    def forget(self, queue: str) -> None:
        """The queue is removed."""
        if self._by_queue.pop(queue, None) is not None:
            self._changed.set()

    async def run(self) -> None:
        """Writes what changed until it is cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            octets = msgspec.json.encode(self._by_queue)
            try:
                await asyncio.to_thread(store_durably, self._path, octets)
            except OSError as error:
                log.warning("standing cannot be stored path=%s reason=%s", self._path, error)
            await asyncio.sleep(_GATHER_S)


def read_standing(state_folder: Path) -> Mapping[str, Standing]:
    """What was written last; nothing if nothing was, or it cannot be read."""
    try:
        return _decoder.decode((state_folder / FILE_NAME).read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
