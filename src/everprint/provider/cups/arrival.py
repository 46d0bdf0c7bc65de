"""A run of the backend, and what is known of its job: what it is about, and how it is to end. Plain functions.

| known of the job | then |
|---|---|
| nothing, or refused, or CUPS knew its end already and prints it again | a new job |
| other options or another queue than before, with nothing on its way to paper | cancelled; a new job |
| ended | the backend ends likewise: a crash lost what it was told |
| held because of its account | released: its owner had it go on, so it is decided anew |
| else | the backend waits for it |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from everprint.contract.job_life import JobState
from everprint.provider.changes import AT_DEVICE
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.cups.sessions import Exit
from everprint.provider.cups.submission import Submission
from everprint.provider.job import Job

_ACCOUNT = "account-"
OK, HOLD, CANCEL = 0, 3, 5


class Arrival(StrEnum):
    """What a run of the backend is about."""

    NEW = "new"
    REPLACED = "replaced"
    ENDED = "ended"
    RELEASED = "released"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Known:
    """A job that CUPS brought before."""

    job: Job
    cups: CupsJob


def arrival_of(known: Known | None, submission: Submission) -> Arrival:
    """The table above."""
    if known is None:
        return Arrival.NEW
    job, cups = known.job, known.cups
    if submission.printing:
        return Arrival.ENDED if job.state.is_final else Arrival.KNOWN
    if job.state is JobState.REFUSED or (job.state.is_final and cups.closed):
        return Arrival.NEW
    if job.state.is_final:
        return Arrival.ENDED
    changed = cups.options != submission.digest or job.queue != submission.queue
    if changed and job.state not in AT_DEVICE and not job.in_doubt:
        return Arrival.REPLACED
    if job.state is JobState.HELD and _account_reason(job):
        return Arrival.RELEASED
    return Arrival.KNOWN


def exit_of(job: Job) -> Exit | None:
    """How the backend ends because of the job's state; None while it has to wait."""
    match job.state:
        case JobState.COMPLETED:
            return Exit(OK)
        case JobState.HELD:
            return Exit(HOLD, job.job_state_message, _account_reason(job))
        case JobState.REFUSED if _account_reason(job):
            # As CUPS's IPP backend does: it stays, and is asked about again when its owner has it go on.
            return Exit(HOLD, job.job_state_message, _account_reason(job))
        case JobState.REFUSED | JobState.ABORTED | JobState.CANCELLED:
            return Exit(CANCEL, job.job_state_message)
        case _:
            return None


def _account_reason(job: Job) -> str:
    """The reason that CUPS has words for (PWG 5100.16), or nothing."""
    return next((reason for reason in job.job_state_reasons if reason.startswith(_ACCOUNT)), "")
