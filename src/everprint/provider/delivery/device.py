"""What every device can be asked, whatever it speaks, and what it may answer.

A device is given a number for each job before it gets the document, so that what becomes of it can be asked later.
Those that cannot be asked (a raw port, LPD) know only what this process saw of them: after a restart their answer
is None, and the queue's policy decides (see in_doubt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from everprint.ipp.message import Attribute, Group
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.job import Job


class DeviceBusy(Exception):
    """The device takes no job now; try again later."""


class DeviceRefused(Exception):
    """The device will not print this."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class DeviceJob:
    """A job as its device describes it. Counts are None if the device does not count."""

    state: int  # the job-state enum
    reasons: frozenset[str]
    impressions: int | None
    sheets: int | None
    documents: int | None

    @property
    def is_final(self) -> bool:
        """Canceled, aborted or completed."""
        return self.state >= 7

    @property
    def is_complete(self) -> bool:
        """True if the device has the whole document: nothing says that it waits for more."""
        waits = bool(self.reasons & {"job-incoming", "job-data-insufficient"}) or self.state == 4
        return not waits and self.documents != 0

    @property
    def marked(self) -> bool:
        """True if something is on paper, as far as the device says."""
        return bool(self.impressions or self.sheets)

    @property
    def printed(self) -> bool:
        """True if it must be taken for printed: marked, or completed by a device that does not count."""
        return self.marked or (self.state == 9 and self.documents != 0)


class Device(Protocol):
    """One printer. Every method raises PrinterError (ipp.client) if it does not answer, and DeviceBusy."""

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        """Makes it ready for the job with these options; returns the device's number for it. Nothing is on paper yet.

        Raises DeviceRefused, too.
        """
        ...

    async def send_document(self, job: Job, device_job_id: int, document: Outgoing) -> None:
        """Sends the whole document.

        Raises OSError, ConversionFailed or SpoolFull if it cannot be had, PrinterError (then nobody knows how much
        arrived), DeviceRefused.
        """
        ...

    async def job(self, job: Job, device_job_id: int) -> DeviceJob | None:
        """How the job stands; None if the device does not know it (any more)."""
        ...

    async def cancel_job(self, job: Job, device_job_id: int) -> None:
        """Asks for the job's end. That it is too late, or unknown, shows when its state is asked."""
        ...

    async def empty_jobs(self, job: Job) -> list[int]:
        """Jobs of this owner and name that were made for us and forgotten in a crash: they wait for a document."""
        ...

    async def attributes(self, *requested: str) -> Group:
        """Printer attributes; all of them if none is named. Raises DeviceRefused, too."""
        ...

    async def identify(self, actions: Iterable[str], message: str) -> None:
        """Makes it show itself. Raises DeviceRefused if it cannot."""
        ...
