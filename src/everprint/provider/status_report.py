"""Tells the Application Server what a queue's devices say of themselves, whenever that is something new."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from everprint.contract.messages import Abilities, DeviceState, PrinterStatus
from everprint.ipp.message import Attribute
from everprint.provider.journal import Entry, JobEventFact, Journal
from everprint.provider.queue import Queue
from everprint.provider.standing import StandingFile
from everprint.provider.supplies import alerts_of, supplies_of

log = logging.getLogger(__name__)

_MOST_NAMES = 200


class StatusReport:
    """Of one queue."""

    def __init__(
        self,
        queue: Queue,
        journal: Journal,
        standing: StandingFile,
        devices: Callable[[], list[DeviceState]] = list,
    ) -> None:
        """`devices` says what each device of a pool says; nothing for a queue that has one."""
        self._standing = standing
        self._queue = queue
        self._journal = journal
        self._devices = devices
        self._told: PrinterStatus | None = None

    async def tell(self, life_count: int | None = None) -> None:
        """Journals what is new; `life_count` is what the device counted in its life. Raises JournalFailed."""
        status = self._queue.status
        devices = self._devices()
        fact = PrinterStatus(
            queue=self._queue.name,
            state=status.state,
            reasons=list(status.reasons),
            message=status.message,
            make_and_model=words(self._queue.shown["printer-make-and-model"]),
            devices=devices,
            supplies=supplies_of(self._queue.device_shown),
            alerts=alerts_of(self._queue.device_shown),
            life_count=None if devices else life_count,
            abilities=_abilities(self._queue) if self._queue.device_seen else None,
        )
        if fact == self._told:
            return
        self._told = fact
        self._standing.note(fact)
        log.info("device queue=%s state=%s reasons=%s", fact.queue, fact.state, ",".join(fact.reasons))
        await self._journal.write(Entry(facts=(JobEventFact(datetime.now(UTC), None, fact),)))


def _abilities(queue: Queue) -> Abilities:
    sides = queue.shown.get("sides-supported")
    media = (value for value in queue.shown["media-supported"].values if isinstance(value, str))
    return Abilities(
        document_formats=sorted(queue.document_formats)[:_MOST_NAMES],
        media=sorted(media)[:_MOST_NAMES],
        colour=queue.prints_colour,
        two_sided=sides is not None and any(str(value).startswith("two-sided") for value in sides.values),
    )


def words(attribute: Attribute) -> str:
    """The text of a text, with or without its language."""
    return str(attribute.value)
