"""Which runs of the backend are connected, for which jobs. More than one for a job is possible after a crash."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field

import msgspec

from everprint.provider.cups.channel import Channel
from everprint.provider.cups.submission import Submission
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the backend says of the real one's end. `status` is negative for a signal."""

    status: int
    taken: int | None
    pages: int | None
    terminated: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run of the backend is to end. `jobstate` is a *job-state-reasons* keyword for CUPS."""

    code: int
    text: str = ""
    jobstate: str = ""


@dataclass(eq=False, slots=True)
class Session:
    """One run of the backend, connected."""

    job_id: int
    channel: Channel
    submission: Submission
    began: bool  # the real backend was started in this run
    result: Result | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # there is a result
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    terminated: asyncio.Event = field(default_factory=asyncio.Event)
    exit_as: Exit | None = None  # whatever the job's state says

    def expect_result(self) -> None:
        """The real backend is started (again)."""
        self.result = None
        self.ended.clear()

    def take_result(self, result: Result) -> None:
        """The real backend has ended."""
        self.result = result
        self.ended.set()

    @property
    def run(self) -> str:
        """Names it, also after a connection anew."""
        return self.submission.run


async def any_of(*waiting: Coroutine[object, object, object], within_s: float | None = None) -> None:
    """Until one of them is done, or the time is over."""
    tasks = [asyncio.create_task(one) for one in waiting]
    try:
        await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class Sessions:
    """All that are connected."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._of_job: defaultdict[int, dict[str, Session]] = defaultdict(dict)
        self._changed = asyncio.Event()

    def attach(self, session: Session) -> None:
        """It is there now."""
        self._of_job[session.job_id][session.run] = session
        self._tell()

    def detach(self, session: Session) -> None:
        """It is not any more."""
        session.gone.set()
        runs = self._of_job.get(session.job_id, {})
        if runs.get(session.run) is session:
            del runs[session.run]
        if not runs:
            self._of_job.pop(session.job_id, None)
        self._tell()

    def is_attached(self, job_id: int) -> bool:
        """True if CUPS runs the job's backend, and it is connected."""
        return job_id in self._of_job

    def of_run(self, job: Job) -> Session | None:
        """The run that was told to print the job, if it is connected."""
        return self._of_job.get(job.job_id, {}).get(job.cups.run) if job.cups else None

    async def until_attached(self, job: Job) -> Session | None:
        """The newest run that is ready to print the job; None as soon as the job changes."""
        while self._jobs.get(job.job_id) is job:
            ready = [one for one in self._of_job.get(job.job_id, {}).values() if one.exit_as is None]
            if ready:
                return ready[-1]
            await self.until_changed(job)
        return None

    async def until_changed(self, job: Job, within_s: float | None = None) -> None:
        """Until a run comes or goes, or the job changes, or the time is over."""
        await any_of(self._jobs.until_changed(job), self._changed.wait(), within_s=within_s)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
