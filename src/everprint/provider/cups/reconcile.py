"""What CUPS does not tell us of a job while its backend does not run, found by asking, and what we then do.

| our job | at CUPS | then |
|---|---|---|
| is in doubt | | nothing: a person decides here |
| waits, or may print | cancelled, aborted, or gone | ours is cancelled |
| may print | completed: CUPS takes a killed backend for one that printed | CUPS starts it again, or it is held |
| may print, and we had CUPS hold it | held | CUPS releases it: it prints without anybody's help |
| cancelled or aborted | held | CUPS cancels it |
| ended | ended | its life is closed: when CUPS prints it again, a person wants that |
| else | | nothing |
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum

from everprint.contract.job_life import JobState
from everprint.ipp.client import PrinterError
from everprint.provider.changes import AT_DEVICE, NotPossible, cancel, step_to_held
from everprint.provider.cups.cupsd import Cupsd, CupsRefused, Standing
from everprint.provider.cups.sessions import Sessions
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved
from everprint.provider.journal import JournalFailed

log = logging.getLogger(__name__)

_LOOK_S = 2.0
_SOON_S = 0.2
_FINAL = frozenset({JobState.COMPLETED, JobState.CANCELLED, JobState.REFUSED, JobState.ABORTED})


class Step(StrEnum):
    """What is to be done about a job whose backend does not run."""

    NOTHING = "nothing"
    CANCEL_OURS = "cancel-ours"
    RELEASE_THEIRS = "release-theirs"
    RESTART_THEIRS = "restart-theirs"
    CANCEL_THEIRS = "cancel-theirs"
    CLOSE = "close"


def step_of(state: JobState, standing: Standing, *, held_by_us: bool, in_doubt: bool = False) -> Step:
    """The table above."""
    if state in AT_DEVICE or in_doubt:
        return Step.NOTHING  # its delivery knows more, or a person
    if state.is_final:
        if standing.is_final:
            return Step.CLOSE
        gone = state in (JobState.CANCELLED, JobState.ABORTED)
        return Step.CANCEL_THEIRS if standing.is_held and gone else Step.NOTHING
    if standing.is_completed:
        return Step.RESTART_THEIRS if state is JobState.AUTHORISED else Step.NOTHING
    if standing.is_final:
        return Step.CANCEL_OURS
    if standing.is_held and held_by_us and state is JobState.AUTHORISED:
        return Step.RELEASE_THEIRS
    return Step.NOTHING


class Reconciliation:
    """Looks at all jobs of CUPS that are not closed; at once after one of them changed."""

    def __init__(self, jobs: Jobs, sessions: Sessions, cupsd: Cupsd) -> None:
        self._jobs = jobs
        self._sessions = sessions
        self._cupsd = cupsd
        self._open: set[int] = set()
        self._soon = asyncio.Event()
        self._trouble = ""
        for job in jobs.of_cups():
            self._note(None, job)
        jobs.watch(self._note)

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            try:
                await self._look()
            except (PrinterError, CupsRefused) as error:
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    log.warning("cups does not answer, jobs that it holds wait reason=%s", error)
            else:
                self._trouble = ""
            self._soon.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S if self._open else None):
                    await self._soon.wait()
            await asyncio.sleep(_SOON_S)  # one look for what comes together

    async def _look(self) -> None:
        waiting = [job for job in map(self._jobs.get, list(self._open)) if job is not None]
        self._open &= {job.job_id for job in waiting}
        waiting = [job for job in waiting if not self._sessions.is_attached(job.job_id)]
        if not waiting:
            return
        unfinished = await self._cupsd.unfinished()
        refused: CupsRefused | None = None
        for job in waiting:
            assert job.cups is not None
            try:
                found = unfinished.get(job.cups.job_id)
                if found is None:
                    found = await self._cupsd.standing(job.cups.job_id, job.cups.job_uuid)
                await self._take(job, found.of(job.cups.job_uuid))
            except CupsRefused as error:
                refused = error  # about this job: the others are looked at all the same
        if refused is not None:
            raise refused

    async def _take(self, job: Job, standing: Standing) -> None:
        assert job.cups is not None
        if self._jobs.get(job.job_id) is not job or self._sessions.is_attached(job.job_id):
            return
        in_doubt = job.in_doubt and not job.state.is_final
        step = step_of(job.state, standing, held_by_us=job.cups.held, in_doubt=in_doubt)
        if self._jobs.by_uuid(job.cups.key) is not job:
            step = Step.CLOSE if job.state.is_final else Step.CANCEL_OURS  # CUPS has brought it anew
        if step is not Step.NOTHING:
            log.info("cups job_id=%d uuid=%s cups_job=%d step=%s", job.job_id, job.uuid, job.cups.job_id, step)
        try:
            match step:
                case Step.CANCEL_OURS:
                    await cancel(self._jobs, job, "CUPS")
                case Step.RELEASE_THEIRS:
                    await self._cupsd.release(job.cups.job_id)
                case Step.RESTART_THEIRS:
                    await self._restart(job, job.cups.job_id)
                case Step.CANCEL_THEIRS:
                    await self._cupsd.cancel(job.cups.job_id)
                case Step.CLOSE:
                    closed = replace(job.cups, closed=True)
                    await self._jobs.amend(job.job_id, lambda job: replace(job, cups=closed), only_in=_FINAL)
                case Step.NOTHING:
                    pass
        except (NotPossible, Moved, JournalFailed) as error:
            log.info("cups job changed meanwhile job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)

    async def _restart(self, job: Job, cups_job: int) -> None:
        try:
            await self._cupsd.restart(cups_job)
        except CupsRefused as error:
            reason = f"CUPS cannot print it again ({error}): print it anew, and cancel this one."
            await step_to_held(self._jobs, job, reason)

    def _note(self, _: Job | None, job: Job) -> None:
        if job.cups is None:
            return
        if job.cups.closed:
            self._open.discard(job.job_id)
        else:
            self._open.add(job.job_id)
            self._soon.set()
