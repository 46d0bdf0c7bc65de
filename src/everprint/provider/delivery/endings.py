"""How a delivery ends: settled, given up for good, to be tried again, or in doubt. Each is one journaled step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import CounterCheck, DeliveryFailed, JobFinished
from everprint.documents.result import NOTHING, Output
from everprint.provider.changes import AT_DEVICE, step_to_held
from everprint.provider.delivery.described import Described
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.delivery.job_plan import adds_empty_backs
from everprint.provider.delivery.line import Line
from everprint.provider.delivery.settlement import settle, settle_by_counter
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved
from everprint.provider.snmp.hardware_check import HardwareCheck

# After so many deliveries that the device ended with nothing on paper, the job is at fault and not the day.
_MOST_ATTEMPTS = 5

# The device says that this document is the matter: sending it again changes nothing.
_DOCUMENT_ERRORS = frozenset(
    {
        "document-format-error", "document-unprintable-error", "document-password-error", "document-permission-error",
        "document-security-error", "unsupported-document-format", "compression-error", "unsupported-compression",
        "unsupported-attributes-or-values", "document-access-error",
    }
)  # fmt: skip

_EVENTS = {
    JobState.COMPLETED: JobEvent.COMPLETED,
    JobState.CANCELLED: JobEvent.CANCELLED,
    JobState.ABORTED: JobEvent.ABORTED,
}


class Endings:
    """The ends of the deliveries to one device. Every method raises Moved and JournalFailed."""

    def __init__(self, jobs: Jobs, described: Described, line: Line, hardware: HardwareCheck | None = None) -> None:
        self._jobs = jobs
        self._hardware = hardware
        self._described = described
        self._line = line
        self._failures: Counter[int] = Counter()

    async def say(self, job: Job, message: str) -> Job:
        """Tells the owner what the job waits for."""
        job = self._jobs.current(job)
        if job.job_state_message == message or job.state not in AT_DEVICE:
            return job
        return await self._jobs.amend(
            job.job_id, lambda job: replace(job, job_state_message=message), only_in=AT_DEVICE
        )

    async def finish(self, job: Job, seen: DeviceJob) -> None:
        """The device has ended the job: what came out is paid, or it is sent again if it never arrived."""
        nothing = not seen.printed
        if nothing and job.state is JobState.DELIVERING and not seen.reasons & _DOCUMENT_ERRORS:
            await self.nothing_printed(job, "The printer ended the job before it had all of it.")
            return
        backs = adds_empty_backs(job, self._described)
        output = settle(job, seen, self._described.prints_colour, empty_backs=backs)
        counter = await self._hardware.end(job) if self._hardware is not None else None
        if counter is not None:
            job = self._jobs.current(job)
            output, counter = settle_by_counter(job, seen, output, counter, self._described.prints_colour)
        reasons = tuple(sorted(seen.reasons - {"none", "job-printing", "job-outgoing"}))[:10]
        match seen.state:
            case 9:
                await self._end(job, JobState.COMPLETED, output, "", reasons, counter)
            case 7:
                by = f"Cancelled by {job.cancelled_by}." if job.cancelled_by else "Cancelled at the printer."
                await self._end(job, JobState.CANCELLED, output, by, reasons, counter)
            case _:
                said = f" ({', '.join(reasons)})" if reasons else ""
                await self._end(
                    job, JobState.ABORTED, output, f"The printer aborted the job{said}.", reasons, counter
                )

    async def abort(self, job: Job, reason: str, *keywords: str) -> None:
        """It will never print; nothing came out. The keywords are further *job-state-reasons*."""
        await self._end(job, JobState.ABORTED, NOTHING, reason, ("aborted-by-system", *keywords))

    async def nothing_printed(self, job: Job, reason: str) -> None:
        """Nothing is on paper, or the queue says to act so: it ends if it was to be cancelled, else it goes again,
        after a pause. One that the device had a few times, and never printed, ends.
        """
        if job.cancelled_by is None:
            self._failures[job.job_id] += job.device_job_id is not None
            if self._failures[job.job_id] >= _MOST_ATTEMPTS:
                await self.abort(job, f"The printer does not take this job, tried {_MOST_ATTEMPTS} times. {reason}")
                return
            self._line.pause()
        await self.try_again(job, reason)

    async def try_again(self, job: Job, reason: str) -> None:
        """Nothing is on paper, and nobody blames the job: it ends if it was to be cancelled, else it goes again."""
        if job.cancelled_by is not None:
            by = f"Cancelled by {job.cancelled_by}."
            await self._end(job, JobState.CANCELLED, NOTHING, by, ("job-canceled-by-user",))
            return
        await self._jobs.step(
            job.job_id,
            JobEvent.DELIVERY_FAILED,
            lambda job: replace(job, device_job_id=None, job_state_message=reason),
            DeliveryFailed(reason=reason),
            only_in=AT_DEVICE,
        )

    async def ask_a_person(self, job: Job) -> None:
        """The device cannot say what became of it: printed or not, only somebody who looks can tell."""
        reason = "The printer does not know this job any more. See whether it was printed; then release or cancel it."
        self._failures.pop(job.job_id, None)
        await step_to_held(self._jobs, job, reason, in_doubt=True, keyword="job-suspended-for-approval")

    async def _end(
        self,
        job: Job,
        state: JobState,
        output: Output,
        reason: str,
        reasons: tuple[str, ...],
        counter: CounterCheck | None = None,
    ) -> None:
        if job.state not in AT_DEVICE:
            raise Moved(f"job {job.job_id} is {job.state}")
        self._failures.pop(job.job_id, None)
        await self._jobs.step(
            job.job_id,
            _EVENTS[state],
            lambda job: replace(job, output=output, job_state_reasons=reasons, job_state_message=reason),
            JobFinished(state=state, output=output, reason=reason, counter=counter),
            only_in=AT_DEVICE,
        )
