"""What a crash or a broken connection left open, and how it is found out. See docs/explanation/durability.md.

| journal says | device says | then |
|---|---|---|
| delivering, no number | - | no document was sent: an empty job of ours is cancelled, and it is delivered anew |
| number known | completed | settled |
| number known | active, has the document | followed |
| number known | active, waits for the document, no impressions | cancelled there, then delivered anew |
| number known | ended without impressions, never sent whole | delivered anew |
| number known | ended otherwise | settled on what came out |
| number known | unknown | by the queue's policy: held, and a person is asked; or sent again |
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import DocumentSent, InDoubtPolicy
from everprint.provider.delivery.asking import until_answered
from everprint.provider.delivery.device import Device, DeviceJob
from everprint.provider.delivery.endings import Endings
from everprint.provider.delivery.following import Following
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue

log = logging.getLogger(__name__)

_ASK_AGAIN_S = 0.1


class InDoubt:
    """Finds out about the jobs of one queue. Every method raises Moved and JournalFailed."""

    def __init__(self, jobs: Jobs, queue: Queue, device: Device, following: Following, endings: Endings) -> None:
        self._jobs = jobs
        self._queue = queue
        self._device = device
        self._following = following
        self._endings = endings

    async def resolve(self, job: Job) -> None:
        """Asks the device, and goes on from what it says."""
        log.info("delivery in doubt job_id=%d uuid=%s device_job_id=%s", job.job_id, job.uuid, job.device_job_id)
        if job.device_job_id is None:
            await self._cancel_empty_jobs(job)
            await self._endings.nothing_printed(
                self._jobs.current(job), "The connection to the printer broke before it had the document."
            )
            return
        device_job_id = job.device_job_id
        seen = await self._ask(job, device_job_id)
        job = self._jobs.current(job)
        if seen is None and self._queue.settings.in_doubt is InDoubtPolicy.RESEND:
            await self._endings.nothing_printed(
                job, "The printer cannot say what became of it. It is sent again, and may come out twice."
            )
        elif seen is None:
            await self._endings.ask_a_person(job)
        elif seen.is_final:
            await self._endings.finish(job, seen)
        elif job.state is JobState.DELIVERING and not seen.is_complete and not seen.marked:
            await self.withdraw(
                job, "The connection to the printer broke while it got the document.", may_resend=True
            )
        else:
            if job.state is JobState.DELIVERING:
                job = await self._jobs.step(
                    job.job_id,
                    JobEvent.DOCUMENT_SENT,
                    lambda job: replace(job, job_state_message=""),
                    DocumentSent(device_job_id=device_job_id),
                    only_in={JobState.DELIVERING},
                )
            await self._following.follow(job)

    async def withdraw(
        self, job: Job, reason: str, *keywords: str, may_resend: bool, is_blameless: bool = False
    ) -> None:
        """Cancels an unfinished delivery at the device, waits for its end there, and goes on from what came out. If
        that is nothing and it may not be sent again, the keywords are further *job-state-reasons*. What
        `is_blameless` is sent again however often that happens."""
        device_job_id = job.device_job_id
        again = self._endings.try_again if is_blameless else self._endings.nothing_printed
        if device_job_id is None:
            await again(job, reason)
            return
        await until_answered(self._endings, job, self._device.cancel_job, job, device_job_id)
        seen = await self._ask(job, device_job_id)
        while seen is not None and not seen.is_final:
            await asyncio.sleep(_ASK_AGAIN_S)
            seen = await self._ask(job, device_job_id)
        job = self._jobs.current(job)
        if seen is not None and seen.printed:
            await self._endings.finish(job, seen)
        elif may_resend or job.cancelled_by is not None:
            await again(job, reason)
        else:
            await self._endings.abort(job, reason, *keywords)

    async def _ask(self, job: Job, device_job_id: int) -> DeviceJob | None:
        return await until_answered(self._endings, job, self._device.job, job, device_job_id)

    async def _cancel_empty_jobs(self, job: Job) -> None:
        """A job that the device made for us and whose number we never learnt must not block it."""
        empty = await until_answered(self._endings, job, self._device.empty_jobs, job)
        known = {other.device_job_id for other in self._jobs.active(job.queue)}
        for device_job_id in empty:
            if device_job_id not in known:
                await until_answered(self._endings, job, self._device.cancel_job, job, device_job_id)
