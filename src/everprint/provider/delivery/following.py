"""A job that the device has: its state is asked until it is final, quickly at first, then at leisure.

Printers print in order: while another job is before this one, it is asked about at leisure only.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from everprint.provider.delivery.asking import until_answered
from everprint.provider.delivery.device import Device
from everprint.provider.delivery.endings import Endings
from everprint.provider.delivery.line import Line
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs

# A quarter of the time it took so far: the end of a job of a second is seen within 0.25 s, a long job is not nagged.
_SHARE = 0.25
_SHORTEST_WAIT_S = 0.01
_LONGEST_WAIT_S = 2.0


class Following:
    """Follows the jobs of one queue."""

    def __init__(self, jobs: Jobs, device: Device, line: Line, endings: Endings) -> None:
        self._jobs = jobs
        self._device = device
        self._line = line
        self._endings = endings

    async def follow(self, job: Job) -> None:
        """Until it is final at the device, and settled.

        Raises Moved, JournalFailed.
        """
        device_job_id = job.device_job_id
        assert device_job_id is not None
        clock = asyncio.get_running_loop().time
        began = clock()
        told_to_cancel = False
        while True:
            job = self._jobs.current(job)
            if job.cancelled_by is not None and not told_to_cancel:
                await until_answered(self._endings, job, self._device.cancel_job, job, device_job_id)
                told_to_cancel, began = True, clock()
            seen = await until_answered(self._endings, job, self._device.job, job, device_job_id)
            job = self._jobs.current(job)
            if seen is None:
                await self._endings.ask_a_person(job)
                return
            if seen.is_final:
                await self._endings.finish(job, seen)
                return
            if self._line.is_first(job.job_id):
                await self._pause(job, min(max((clock() - began) * _SHARE, _SHORTEST_WAIT_S), _LONGEST_WAIT_S))
            else:
                await self._wait_for_those_before(job)
                began = clock()

    async def _pause(self, job: Job, wait_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._jobs.until_changed(job)

    async def _wait_for_those_before(self, job: Job) -> None:
        """Until it is this job's turn to print, or it is changed, or it is time to look all the same."""
        moved = asyncio.ensure_future(self._jobs.until_changed(job))
        nearer = asyncio.ensure_future(self._line.until_first(job.job_id))
        either: set[asyncio.Future[Job] | asyncio.Future[None]] = {moved, nearer}
        await asyncio.wait(either, timeout=_LONGEST_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        moved.cancel()
        nearer.cancel()
