"""Looks at each queue's device: is it there, what is its state, what can it do? Reports what changes."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime

from everprint.contract.messages import PrinterState, PrinterStatus
from everprint.ipp.client import PrinterError
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Group
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.line import Line
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Entry, JobEventFact, Journal
from everprint.provider.mirrored import SUPPLIES
from everprint.provider.queue import Queue
from everprint.provider.queue_state import DeviceStatus
from everprint.provider.snapshot_store import SnapshotStore

log = logging.getLogger(__name__)

_WITH_JOBS_S = 2.0
# What a device can do changes when somebody adds a tray; it says so in printer-config-change-time, or we look.
_ABILITIES_S = 3600.0
_STATUS = (
    "printer-state", "printer-state-reasons", "printer-state-message", "printer-config-change-time",
)  # fmt: skip
_MOST_REASONS = 20


class DeviceWatch:
    """Watches the device of one queue."""

    def __init__(
        self,
        queue: Queue,
        device: Device,
        line: Line,
        jobs: Jobs,
        journal: Journal,
        store: SnapshotStore,
        poll_s: float,
    ) -> None:
        self._queue = queue
        self._device = device
        self._line = line
        self._jobs = jobs
        self._journal = journal
        self._store = store
        self._poll_s = poll_s
        self._abilities_until = 0.0
        self._config_change_time: int | None = None
        self._reported: PrinterStatus | None = None

    async def run(self) -> None:
        """Looks until it is cancelled: slowly while nothing is to be printed."""
        while True:
            await self._look()
            busy = self._jobs.active_count(self._queue.name) > 0
            await asyncio.sleep(min(self._poll_s, _WITH_JOBS_S) if busy else self._poll_s)

    async def _look(self) -> None:
        try:
            said = await self._device.attributes(*_STATUS, *sorted(SUPPLIES))
            await self._read_abilities(said)
        except (PrinterError, DeviceBusy, DeviceRefused) as error:
            status = DeviceStatus(PrinterState.UNREACHABLE, ("connecting-to-device",), str(error))
        else:
            status = _read_status(said)
            self._queue.change_supplies(said)
        was = self._queue.status
        self._queue.change_status(status)
        if was.state is PrinterState.UNREACHABLE and status.state is not PrinterState.UNREACHABLE:
            self._line.resume()
        await self._report()

    async def _read_abilities(self, said: Group) -> None:
        now = asyncio.get_running_loop().time()
        changed = _integer(said, "printer-config-change-time")
        if self._queue.device_seen and now < self._abilities_until and changed == self._config_change_time:
            return
        device = await self._device.attributes("all", "media-col-database")
        self._abilities_until, self._config_change_time = now + _ABILITIES_S, changed
        self._queue.change_device(device)
        self._store.save_device(self._queue.settings, device)

    async def _report(self) -> None:
        status = self._queue.status
        make_and_model = self._queue.shown["printer-make-and-model"].value
        fact = PrinterStatus(
            queue=self._queue.name,
            state=status.state,
            reasons=list(status.reasons),
            message=status.message,
            make_and_model=make_and_model if isinstance(make_and_model, str) else str(make_and_model),
        )
        if fact == self._reported:
            return
        self._reported = fact
        log.info("device queue=%s state=%s reasons=%s", fact.queue, fact.state, ",".join(fact.reasons))
        await self._journal.write(Entry(facts=(JobEventFact(datetime.now(UTC), None, fact),)))


def _read_status(said: Group) -> DeviceStatus:
    states = {3: PrinterState.IDLE, 4: PrinterState.PROCESSING, 5: PrinterState.STOPPED}
    state = states.get(_integer(said, "printer-state") or 0, PrinterState.STOPPED)
    reasons = tuple(
        value
        for value in said.values("printer-state-reasons")[:_MOST_REASONS]
        if isinstance(value, str) and value != "none"
    )
    message = ""
    with suppress(BadValue):
        message = said.string("printer-state-message") or ""
    return DeviceStatus(state, reasons, message)


def _integer(said: Group, attribute: str) -> int | None:
    with suppress(BadValue):
        return said.integer(attribute)
    return None
