"""The way of every job, from its acceptance to its end: look at its state, do what that state asks for, look again.

Because only the journaled state decides what is next, a job goes on after a crash exactly as it goes on after a step.
One job's trouble is its own: whatever fails is tried again for that job alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import JobAnalysed, JobFinished
from everprint.documents.result import NOTHING
from everprint.monitor.log_subject import log_about
from everprint.provider.analysis import reported
from everprint.provider.changes import step_to_held
from everprint.provider.decision import Decisions
from everprint.provider.delivery.job_delivery import JobDelivery
from everprint.provider.findings import FindingsOf
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved
from everprint.provider.journal import JournalFailed
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)

_AFTER_JOURNAL_FAILURE_S = 1.0
_AFTER_FAULT_S = 5.0
# A document that is on its way is not late, however long it takes.
_WHILE_IT_COMES_S = 5.0
# The clock may be set, and a computer may sleep: the age of a held job is looked at anew.
_LOOK_AT_HELD_S = 600.0


class Walks:
    """One task a job that is not finished."""

    def __init__(
        self,
        jobs: Jobs,
        spool: Spool,
        findings: FindingsOf,
        decisions: Decisions,
        delivery_of: Callable[[Job], JobDelivery | None],
        is_queue_removed: Callable[[Job], bool],
        queues_changed: asyncio.Condition,
        time_out_s: float,
        held_s: float,
        analysed: Callable[[Job], None],
        hand_over: Callable[[Job], Awaitable[None]],
        held_hours_of: Callable[[Job], float],
    ) -> None:
        """`held_s` is how long a job may be held, 0 for ever; `held_hours_of` is what its queue says of that, or 0.
        `analysed` is told of each job whose document was just analysed; it neither waits nor fails. `hand_over`
        brings a job that was given away on its way."""
        self._jobs = jobs
        self._spool = spool
        self._findings = findings
        self._decisions = decisions
        self._delivery_of = delivery_of
        self._is_queue_removed = is_queue_removed
        self._queues_changed = queues_changed
        self._time_out_s = time_out_s
        self._held_s = held_s
        self._analysed = analysed
        self._hand_over = hand_over
        self._held_hours_of = held_hours_of
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, job_id: int) -> None:
        """Sets a job going."""
        task = asyncio.create_task(self._walk(job_id), name=f"job {job_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Lets go of all jobs where they stand; the journal knows where that is."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _walk(self, job_id: int) -> None:
        job = self._jobs.get(job_id)
        if job is not None:
            log_about(job_id=job_id, uuid=job.uuid)
        while job is not None and not job.state.is_final:
            try:
                await self._go_on(job)
            except Moved:
                pass  # somebody else took a step: look where it stands now
            except JournalFailed as error:
                log.warning("step cannot be journaled job_id=%d uuid=%s reason=%s", job_id, job.uuid, error)
                await asyncio.sleep(_AFTER_JOURNAL_FAILURE_S)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("step failed job_id=%d uuid=%s state=%s", job_id, job.uuid, job.state)
                await asyncio.sleep(_AFTER_FAULT_S)
            job = self._jobs.get(job_id)

    async def _go_on(self, job: Job) -> None:
        match job.state:
            case JobState.INCOMING:
                await self._wait_for_document(job)
            case JobState.ACCEPTED:
                await self._analyse(job)
            case JobState.ANALYSED:
                await self._decisions.decide(job)
            case JobState.HELD:
                await self._wait_while_held(job)
            case JobState.MOVING:
                await self._hand_over(job)
            case JobState.AUTHORISED if self._is_queue_removed(job):
                await step_to_held(
                    self._jobs,
                    job,
                    f"Its queue {job.queue} was removed before it was printed. "
                    "Release it when the queue is back, or cancel it.",
                )
            case JobState.AUTHORISED:
                if (delivery := await self._delivery(job, or_removed=True)) is not None:
                    await delivery.deliver(job)
            case JobState.DELIVERING | JobState.PRINTING:
                if (delivery := await self._delivery(job, or_removed=False)) is not None:
                    await delivery.resume(job)

    async def _wait_for_document(self, job: Job) -> None:
        """Send-Document moves it on; without one it is aborted (*multiple-operation-time-out*)."""
        age_s = (datetime.now(UTC) - job.created_at).total_seconds()
        # The clock may have been set back since: no job waits longer than from now on.
        wait_s = max(0.0, self._time_out_s - max(0.0, age_s))
        while wait_s or self._spool.is_claimed(job.uuid):
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s or _WHILE_IT_COMES_S):
                    await self._jobs.until_changed(job)
                return
            wait_s = 0.0
        reason = f"Its document did not come within {self._time_out_s:g} seconds."
        await self._jobs.step(
            job.job_id,
            JobEvent.ABORTED,
            lambda job: replace(
                job,
                output=NOTHING,
                job_state_reasons=("aborted-by-system", "job-data-insufficient"),
                job_state_message=reason,
            ),
            only_in={JobState.INCOMING},
        )

    async def _wait_while_held(self, job: Job) -> None:
        """Somebody or credit moves it on; without either it ends. Of one in doubt a person must say what became."""
        age_s = (datetime.now(UTC) - job.created_at).total_seconds()
        held_s = self._held_hours_of(job) * 3600.0 or self._held_s
        wait_s = max(0.0, held_s - age_s)
        if job.in_doubt or not held_s or wait_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, _LOOK_AT_HELD_S) or None):
                    await self._jobs.until_changed(job)
            return
        reason = f"It was held, and ends after {held_s / 3600:g} hours."
        await self._jobs.step(
            job.job_id,
            JobEvent.ABORTED,
            lambda job: replace(
                job, output=NOTHING, job_state_reasons=("aborted-by-system",), job_state_message=reason
            ),
            JobFinished(state=JobState.ABORTED, output=NOTHING, reason=reason),
            only_in={JobState.HELD},
        )

    async def _analyse(self, job: Job) -> None:
        findings = await self._findings(job)
        job = await self._jobs.step(
            job.job_id,
            JobEvent.ANALYSED,
            lambda now: replace(_still(now, job), findings=findings),
            JobAnalysed(document=reported(findings)),
            only_in={JobState.ACCEPTED},
        )
        self._analysed(job)

    async def _delivery(self, job: Job, *, or_removed: bool) -> JobDelivery | None:
        """The delivery of the job's queue; waits while there is no such queue. None if the job moved meanwhile, or
        (if `or_removed`) if it turned out that there will be none."""
        delivery = self._delivery_of(job)
        if delivery is not None:
            return delivery
        reason = f"Waits until the Application Server knows its queue {job.queue}."
        if job.job_state_message != reason:
            log.warning("job waits for its queue job_id=%d uuid=%s queue=%s", job.job_id, job.uuid, job.queue)
            job = await self._jobs.amend(
                job.job_id, lambda job: replace(job, job_state_message=reason), only_in={job.state}
            )

        def is_known() -> bool:
            return self._delivery_of(job) is not None or (or_removed and self._is_queue_removed(job))

        moved = asyncio.create_task(self._until_moved(job))
        appears = asyncio.create_task(self._until_queues(is_known))
        try:
            await asyncio.wait({moved, appears}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (moved, appears):
                waiting.cancel()
        return self._delivery_of(job) if self._jobs.current(job) is job else None

    async def _until_moved(self, job: Job) -> None:
        await self._jobs.until_changed(job)

    async def _until_queues(self, are_so: Callable[[], bool]) -> None:
        """Takes the condition's lock and gives it back in one task, however it ends: apply() takes it, too."""
        async with self._queues_changed:
            await self._queues_changed.wait_for(are_so)


def _still(now: Job, then: Job) -> Job:
    """The job; raises Moved if it was redirected meanwhile: what was found out holds for its old queue only."""
    if now.attempt != then.attempt:
        raise Moved(f"job {now.job_id} was redirected to {now.queue}")
    return now
