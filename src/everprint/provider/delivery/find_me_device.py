"""What stands behind a Find-Me queue: nothing that prints. It can all that its queue is said to, and gets no job."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from everprint.contract.messages import OneWay
from everprint.ipp.message import Attribute, Group
from everprint.ipp.status import Status
from everprint.provider.delivery.device import DeviceJob, DeviceRefused
from everprint.provider.delivery.one_way_abilities import abilities
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.job import Job

_IDLE = 3  # printer-state (RFC 8011 section 5.4.11)


class FindMeDevice:
    """A delivery.device.Device that is always idle."""

    def __init__(self, described: OneWay) -> None:
        # Options are for the printer that the job is released at, however it is told of them.
        self._described = msgspec.structs.replace(described, pjl=True)

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        """Refuses it: a job goes to a printer from here, and is not decided before."""
        raise _refused()

    async def send_document(self, job: Job, device_job_id: int, document: Outgoing) -> None:
        """Never called: there is no job to send it for."""
        raise _refused()

    async def job(self, job: Job, device_job_id: int) -> DeviceJob | None:
        """It knows none."""
        return None

    async def cancel_job(self, job: Job, device_job_id: int) -> None:
        """It has none."""

    async def empty_jobs(self, job: Job) -> list[int]:
        """It has none."""
        return []

    async def attributes(self, *requested: str) -> Group:
        """What its queue is said to be able to."""
        return abilities(self._described, _IDLE, (), model="Find-Me queue")

    async def identify(self, actions: Iterable[str], message: str) -> None:
        """There is nothing to be seen."""
        raise _refused()


def _refused() -> DeviceRefused:
    return DeviceRefused(Status.CLIENT_ERROR_NOT_POSSIBLE, "a Find-Me queue has no printer: release it at one")
