"""Waiting for a turn, for as long as the job wants one."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs

T = TypeVar("T")


async def until_turn(jobs: Jobs, job: Job, turn: asyncio.Future[T]) -> bool:
    """Waits until it is the job's turn; False if it wants no turn any more: held, cancelled, redirected."""
    while not turn.done():
        moved = asyncio.ensure_future(jobs.until_changed(job))
        either: set[asyncio.Future[T] | asyncio.Future[Job]] = {turn, moved}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        moved.cancel()
        job = jobs.current(job)
        if job.state is not JobState.AUTHORISED:
            return False
    return True
