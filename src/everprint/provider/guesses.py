"""A guess at a job's PIN: counted, on disk, before it is compared."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec

from everprint.contract.job_life import JobState
from everprint.provider.changes import NotPossible
from everprint.provider.job import Job
from everprint.provider.job_password import MOST_WRONG, SentPassword, is_right
from everprint.provider.jobs import Jobs, Moved

_WAITS = frozenset({JobState.INCOMING, JobState.ACCEPTED, JobState.HELD})


class WrongPassword(Exception):
    """That is not the job's PIN; the text says how many more tries there are."""


async def try_password(jobs: Jobs, job: Job, sent: SentPassword) -> None:
    """Returns if that is the job's PIN, or if it needs none any more.

    Raises WrongPassword, NotPossible if too many were wrong or the job does not wait any more, JournalFailed.
    """
    try:
        counted = await jobs.amend(job.job_id, _count, only_in=_WAITS)
    except Moved as error:
        raise NotPossible(str(error)) from error
    kept = counted.job_password
    if kept is None or kept.given or await asyncio.to_thread(is_right, kept, sent):
        return
    left = MOST_WRONG - kept.guesses
    raise WrongPassword(
        f"That is not the PIN of job {job.job_id}; " + (f"{left} more tries." if left else "it takes no further one.")
    )


def _count(job: Job) -> Job:
    if not job.waits_for_password or job.job_password is None:
        return job
    if job.job_password.is_locked:
        raise NotPossible(
            f"Too many wrong PINs were given for job {job.job_id}: cancel it and print it again.",
        )
    guesses = job.job_password.guesses + 1
    return replace(job, job_password=msgspec.structs.replace(job.job_password, guesses=guesses))
