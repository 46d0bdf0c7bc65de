"""The printer under power: its queue, its engine and the jobs it remembers.

A device lives from power-on to power-off; then it is thrown away and what it knew is read back from the records, as
after a kill. Invariant: everything that changes a job happens here, in one event loop, and a job's final state is on
disk before anybody can see it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from everprint.documents.merge import merge
from everprint.documents.result import Analysis
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.virtual_printer.changes import Changes
from everprint.virtual_printer.job import Job, JobState, now
from everprint.virtual_printer.job_attributes import template_attributes
from everprint.virtual_printer.model import Model
from everprint.virtual_printer.record import JobFolders
from everprint.virtual_printer.sheets import Plan, plan_sheets
from everprint.virtual_printer.ticket import read_asked
from everprint.virtual_printer.troubles import Troubles

logger = logging.getLogger(__name__)


class Analyser(Protocol):
    """Says what a document is made of."""

    async def analyse(self, path: Path, claimed_format: str) -> Analysis:
        """Never raises for a bad document: its analysis has no pages and says why."""
        ...


class Camera(Protocol):
    """Takes pictures of sheets."""

    def wanted(self, plan: Plan) -> int:
        """Of how many sheets, from the first, there are to be pictures."""
        ...

    async def shoot(self, folder: Path, plan: Plan, index: int) -> list[str]:
        """Puts pictures of the sheet at that place into the job's folder; their names. No document makes it raise."""
        ...


@dataclass(slots=True)
class Pace:
    """How fast the engine is: impressions a minute, 0 for as fast as it can."""

    pages_per_minute: float = 0


class PowerLost(asyncio.CancelledError):
    """The printer has no power: whatever was going on does not go on, and nobody is told."""


class Device:
    """Takes jobs, prints one at a time, remembers a bounded number of finished ones."""

    def __init__(
        self,
        model: Model,
        folders: JobFolders,
        troubles: Troubles,
        pace: Pace,
        changes: Changes,
        analyser: Analyser,
        camera: Camera,
        *,
        keep_jobs: int,
        remembered: Iterable[Job] = (),
        first_job_id: int = 1,
    ) -> None:
        self.model = model
        self.folders = folders
        self.troubles = troubles
        self.jobs: dict[int, Job] = {job.job_id: job for job in remembered}
        self.current: Job | None = None
        self.state_changed_at = now()
        self._pace = pace
        self._changes = changes
        self._analyser = analyser
        self._camera = camera
        self._keep_jobs = keep_jobs
        self._next_job_id = first_job_id
        self._powered = True
        self._announced_state = self.state
        self._active: dict[int, Job] = {}  # jobs that are not over, in the order in which their documents came
        self._receiving: set[int] = set()
        self._analyses: dict[int, asyncio.Task[Analysis]] = {}
        self._time_outs: dict[int, asyncio.TimerHandle] = {}
        self._printing: asyncio.Task[None] | None = None
        self._engine = asyncio.create_task(self._run(), name="engine")

    # Taking jobs.

    def new_job_id(self) -> int:
        """The number for the next job."""
        self._next_job_id += 1
        return self._next_job_id - 1

    def await_document(self, job: Job) -> None:
        """Takes a job that is not whole yet; too long without what is missing and it is aborted."""
        self._admit(job)
        self._write(job)
        seconds = self.model.multiple_operation_time_out_s
        self._time_outs[job.job_id] = asyncio.get_running_loop().call_later(seconds, self._time_out, job)
        self.announce()

    def begin_reception(self, job: Job) -> None:
        """The job's document is coming: whoever receives it watches over it from now on."""
        self._admit(job)
        self._receiving.add(job.job_id)

    def is_receiving(self, job: Job) -> bool:
        """True while the job's document is coming."""
        return job.job_id in self._receiving

    def is_incoming(self, job: Job) -> bool:
        """True while the job waits for its document or for its end."""
        return job.job_id in self._time_outs

    def enqueue(self, job: Job, *, hold: bool = False) -> None:
        """The whole document is there: the job waits for its turn, or for its release."""
        self._active.pop(job.job_id, None)
        self._admit(job)
        job.state = JobState.PENDING_HELD if hold else JobState.PENDING
        job.state_reasons = ("job-hold-until-specified",) if hold else ("none",)
        self._write(job)
        document = self.folders.document(job)
        self._analyses[job.job_id] = asyncio.create_task(self._analyser.analyse(document, job.document_format))
        self.announce()

    def forget(self, job: Job) -> None:
        """A job that could not even be stored."""
        self._admit(job)
        del self.jobs[job.job_id], self._active[job.job_id]
        self.folders.remove(job)

    def _admit(self, job: Job) -> None:
        self.jobs[job.job_id] = self._active[job.job_id] = job
        job.state_reasons = ("job-incoming",)
        self._end_waiting(job)

    def _end_waiting(self, job: Job) -> None:
        self._receiving.discard(job.job_id)
        time_out = self._time_outs.pop(job.job_id, None)
        if time_out:
            time_out.cancel()

    def _time_out(self, job: Job) -> None:
        self.abort(job, "aborted-by-system", "No document came in time.")

    # What people do to jobs.

    def hold(self, job: Job) -> bool:
        """Holds a job that waits; False if it does not wait."""
        if job.state is not JobState.PENDING or job.job_id not in self._analyses:
            return False
        job.state, job.state_reasons = JobState.PENDING_HELD, ("job-hold-until-specified",)
        self._write(job)
        self.announce()
        return True

    def release(self, job: Job) -> bool:
        """Lets a held job go on; False if it was not held."""
        if job.state is not JobState.PENDING_HELD:
            return False
        job.state, job.state_reasons = JobState.PENDING, ("none",)
        self._write(job)
        self.announce()
        return True

    async def cancel(self, job: Job) -> bool:
        """Cancels a job, at once; the sheets that are out stay out. False if it is over already."""
        if job.state.is_final:
            return False
        if job is self.current and self._printing:
            self._printing.cancel()
            await asyncio.wait({self._printing})
        if not job.state.is_final:
            self._finish(job, JobState.CANCELED, "job-canceled-by-user")
        return job.state is JobState.CANCELED

    def abort(self, job: Job, reason: str, message: str) -> None:
        """Ends a job that cannot be printed."""
        if not job.state.is_final:
            self._finish(job, JobState.ABORTED, reason, message)

    # What the printer says of itself.

    def announce(self) -> None:
        """Something changed, perhaps the printer's own state."""
        if self.state != self._announced_state:
            self._announced_state, self.state_changed_at = self.state, now()
        self._changes.announce()

    @property
    def state(self) -> str:
        """*printer-state* by its keyword: idle, processing or stopped."""
        if self.troubles.stops_the_engine:
            return "stopped"
        return "processing" if self.current else "idle"

    @property
    def queued(self) -> int:
        """Jobs that are not over (*queued-job-count*)."""
        return len(self._active)

    def lose_power(self) -> None:
        """Everything stops where it is; no record is touched from here on (PowerLost for who tries)."""
        self._powered = False
        self._engine.cancel()
        for task in (self._printing, *self._analyses.values()):
            if task:
                task.cancel()
        for time_out in self._time_outs.values():
            time_out.cancel()

    # The engine.

    async def _run(self) -> None:
        while True:
            await self._changes.until(lambda: self._next_job() is not None)
            job = self._next_job()
            if job is None:
                continue
            self.current = job
            self._printing = asyncio.create_task(self._print(job), name=f"print job {job.job_id}")
            await asyncio.wait({self._printing})
            if not self._printing.cancelled() and self._printing.exception():
                logger.error("printing failed job_id=%d", job.job_id, exc_info=self._printing.exception())
                self.abort(job, "aborted-by-system", "The printer failed.")
            elif not job.state.is_final:  # cancelled by cancel()
                self._finish(job, JobState.CANCELED, "job-canceled-by-user")
            self.current = self._printing = None
            self.announce()

    def _next_job(self) -> Job | None:
        waiting = (job for job in self._active.values() if job.state is JobState.PENDING)
        return next((job for job in waiting if job.job_id in self._analyses), None)

    async def _print(self, job: Job) -> None:
        job.state, job.state_reasons, job.processing_at = JobState.PROCESSING, ("job-interpreting",), now()
        self.announce()
        analysis = await self._analyses[job.job_id]
        if not analysis.pages:
            self.abort(job, "document-format-error", f"The document cannot be printed: {analysis.reason}.")
            return
        if not self.model.takes(analysis.language):
            self.abort(job, "unsupported-document-format", f"This printer does not take {analysis.language}.")
            return
        asked = read_asked(Group(GroupTag.JOB, template_attributes(job)), self.model)
        merged = merge(asked, analysis.settings, job.ticket, analysis.pages)
        job.ticket = merged.ticket
        plan = plan_sheets(merged.pages, job.ticket, colour_printer=self.model.colour)
        job.pages, job.sheets, job.impressions = len(analysis.pages), len(plan), plan.impressions
        job.state_reasons = ("job-printing",)
        await self._put_out(job, plan)

    async def _put_out(self, job: Job, plan: Plan) -> None:
        if self._pace.pages_per_minute or self.troubles.needs_single_sheets:
            await self._put_out_by_sheets(job, plan)
            return
        for index in range(self._camera.wanted(plan)):
            job.pictures += await self._camera.shoot(self.folders.of(job), plan, index)
        if self._pace.pages_per_minute or self.troubles.needs_single_sheets:  # told while the pictures were taken
            await self._put_out_by_sheets(job, plan)
            return
        job.sheets_completed, job.impressions_completed = len(plan), plan.impressions
        job.colour_impressions_completed = plan.colour_impressions
        self._finish(job, JobState.COMPLETED, "job-completed-successfully")

    async def _put_out_by_sheets(self, job: Job, plan: Plan) -> None:
        clock = asyncio.get_running_loop().time
        wanted = 0 if job.pictures else self._camera.wanted(plan)
        for index in range(len(plan)):
            await self._wait_until_it_can_print(job)
            if self._abort_is_due(job):
                return
            sheet, began = plan.sheet(index), clock()
            names = await self._camera.shoot(self.folders.of(job), plan, index) if index < wanted else []
            seconds = len(sheet.sides) * 60 / self._pace.pages_per_minute if self._pace.pages_per_minute else 0
            await asyncio.sleep(max(0.0, seconds - (clock() - began)))
            job.pictures += names
            job.sheets_completed += 1
            job.impressions_completed += len(sheet.sides)
            job.colour_impressions_completed += sum(side.colour for side in sheet.sides)
            self.troubles.count_sheet()
            self._write(job)
            self.announce()
        if not self._abort_is_due(job):
            self._finish(job, JobState.COMPLETED, "job-completed-successfully")

    async def _wait_until_it_can_print(self, job: Job) -> None:
        if not self.troubles.stops_the_engine:
            return
        job.state, job.state_reasons = JobState.PROCESSING_STOPPED, ("printer-stopped",)
        self._write(job)
        self.announce()
        await self._changes.until(lambda: not self.troubles.stops_the_engine)
        job.state, job.state_reasons = JobState.PROCESSING, ("job-printing",)
        self.announce()

    def _abort_is_due(self, job: Job) -> bool:
        if self.troubles.abort_after is None or job.sheets_completed < self.troubles.abort_after:
            return False
        self.troubles.abort_after = None
        self.abort(job, "aborted-by-system", f"Aborted after {job.sheets_completed} sheets, as commanded.")
        return True

    def _finish(self, job: Job, state: JobState, reason: str, message: str = "") -> None:
        self._end_waiting(job)
        self._active.pop(job.job_id, None)
        analysis = self._analyses.pop(job.job_id, None)
        if analysis and not analysis.done():
            analysis.cancel()
        job.state, job.state_reasons, job.state_message = state, (reason,), message
        job.completed_at = now()
        self._write(job, durable=True)
        logger.info(
            "job over job_id=%d job_uuid=%s state=%s sheets=%d impressions=%d",
            *(job.job_id, job.job_uuid, state, job.sheets_completed, job.impressions_completed),
        )
        self._forget_the_oldest()
        self.announce()

    def _forget_the_oldest(self) -> None:
        surplus = len(self.jobs) - self._keep_jobs
        if surplus > 0:
            over = (job for job in self.jobs.values() if job.state.is_final)
            for job in list(itertools.islice(over, surplus)):
                del self.jobs[job.job_id]
                self.folders.remove(job)

    def _write(self, job: Job, *, durable: bool = False) -> None:
        if not self._powered:
            raise PowerLost
        self.folders.write(job, durable=durable)
