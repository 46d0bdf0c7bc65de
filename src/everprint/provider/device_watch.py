"""Looks at each device: is it there, what is its state, what can it do? What changes is reported."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from everprint.contract.device_uris import is_one_way
from everprint.contract.messages import PrinterState
from everprint.ipp.client import PrinterError
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Group
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.line import Line
from everprint.provider.jobs import Jobs
from everprint.provider.mirrored import SUPPLIES, kept
from everprint.provider.queue_state import DeviceStatus
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.snmp.as_ipp import completed, status_of, worse_of
from everprint.provider.snmp.look import SnmpLook
from everprint.provider.status_report import StatusReport

log = logging.getLogger(__name__)

_WITH_JOBS_S = 2.0
# What a device can do changes when somebody adds a tray; it says so in printer-config-change-time, or we look.
_ABILITIES_S = 3600.0
_STATUS = (
    "printer-state", "printer-state-reasons", "printer-state-message", "printer-config-change-time",
)  # fmt: skip
_MOST_REASONS = 20


class Watched(Protocol):
    """Who is told what a watch saw: a queue or, in a pool, one of its devices."""

    @property
    def name(self) -> str:
        """The queue's."""
        ...

    @property
    def status(self) -> DeviceStatus:
        """What was seen last."""
        ...

    @property
    def device_seen(self) -> bool:
        """True if its abilities are known."""
        ...

    def change_status(self, status: DeviceStatus) -> None:
        """Takes its state."""
        ...

    def change_supplies(self, said: Group) -> None:
        """Takes its supplies and alerts."""
        ...

    def change_device(self, device: Group) -> None:
        """Takes its abilities."""
        ...


class DeviceWatch:
    """Watches one device of a queue."""

    def __init__(
        self,
        watched: Watched,
        device_uri: str,
        device: Device,
        line: Line,
        jobs: Jobs,
        report: StatusReport,
        store: SnapshotStore,
        poll_s: float,
        snmp: SnmpLook | None = None,
        *,
        first_look_after_s: float = 0.0,
    ) -> None:
        """`snmp` looks at its agent, if the queue says how."""
        self._first_look_after_s = first_look_after_s
        self._watched = watched
        self._device_uri = device_uri
        self._device = device
        self._line = line
        self._jobs = jobs
        self._report = report
        self._store = store
        self._poll_s = poll_s
        self._snmp = snmp
        self._abilities_until = 0.0
        self._config_change_time: int | None = None

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self._watched.name

    async def run(self) -> None:
        """Looks until it is cancelled: slowly while nothing is to be printed."""
        await asyncio.sleep(self._first_look_after_s)
        while True:
            await self._look()
            busy = self._jobs.active_count(self._watched.name) > 0
            await asyncio.sleep(min(self._poll_s, _WITH_JOBS_S) if busy else self._poll_s)

    async def _look(self) -> None:
        life_count = None
        try:
            said = await self._device.attributes(*_STATUS, *sorted(SUPPLIES))
            await self._read_abilities(said)
        except (PrinterError, DeviceBusy, DeviceRefused) as error:
            status = DeviceStatus(PrinterState.UNREACHABLE, ("connecting-to-device",), str(error))
        else:
            status = _read_status(said)
            reading = await self._snmp.look() if self._snmp is not None else None
            if reading is not None:
                said, life_count = completed(said, reading), reading.life_count
                if is_one_way(self._device_uri):  # one that speaks IPP knows its own state best
                    status = worse_of(status, status_of(reading))
            self._watched.change_supplies(said)
        was = self._watched.status
        self._watched.change_status(status)
        if was.state is PrinterState.UNREACHABLE and status.state is not PrinterState.UNREACHABLE:
            self._line.resume()
        await self._report.tell(life_count)

    async def _read_abilities(self, said: Group) -> None:
        now = asyncio.get_running_loop().time()
        changed = _integer(said, "printer-config-change-time")
        if self._watched.device_seen and now < self._abilities_until and changed == self._config_change_time:
            return
        device = kept(await self._device.attributes("all", "media-col-database"))
        self._abilities_until, self._config_change_time = now + _ABILITIES_S, changed
        self._watched.change_device(device)
        # In a thread: it syncs, and a print server with a thousand printers hears of all of them when it starts.
        await asyncio.to_thread(self._store.save_device, self._watched.name, self._device_uri, device)


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
