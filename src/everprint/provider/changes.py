"""What people do to a job, whether by IPP or by an order of the Application Server: cancel, hold, release.

And the steps that a decision about it leads to, whoever made it.
"""

from __future__ import annotations

from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import JobFact, JobFinished, JobHeld, JobReleased, RefusalReason, Refuse
from everprint.documents.result import NOTHING
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved

AT_DEVICE = frozenset({JobState.DELIVERING, JobState.PRINTING})
UNDECIDED = frozenset({JobState.INCOMING, JobState.ACCEPTED})
HELD_FOR_PERSON = "job-hold-until-specified"


class NotPossible(Exception):
    """The job is not in a state in which that can be done; the text says which."""


def _find(jobs: Jobs, job: Job) -> Job:
    now = jobs.get(job.job_id)
    if now is None:
        raise NotPossible(f"job {job.job_id} is finished")
    return now


async def cancel(jobs: Jobs, job: Job, by: str) -> None:
    """Cancels a job. One that the device has is marked, and its delivery (delivery/) cancels it there and settles.

    Raises NotPossible, JournalFailed.
    """
    reason = f"Cancelled by {by}."
    while True:
        job = _find(jobs, job)
        if job.state.is_final:
            raise NotPossible(f"job {job.job_id} is {job.state} and cannot be cancelled")
        if job.state in AT_DEVICE:
            try:
                await jobs.amend(job.job_id, lambda job: replace(job, cancelled_by=by), only_in=AT_DEVICE)
            except Moved:
                continue
            return
        # The server never heard of a job whose document did not come.
        heard_of = job.state is not JobState.INCOMING
        fact = JobFinished(state=JobState.CANCELLED, output=NOTHING, reason=reason) if heard_of else None
        try:
            await jobs.step(
                job.job_id,
                JobEvent.CANCELLED,
                lambda job: replace(
                    job,
                    output=NOTHING,
                    job_state_reasons=("job-canceled-by-user",),
                    job_state_message=reason,
                ),
                fact,
                only_in={job.state},
            )
        except Moved:
            continue  # it went on meanwhile: look again
        return


async def hold(jobs: Jobs, job: Job, reason: str) -> None:
    """Holds a job, now or as soon as it is analysed.

    Raises NotPossible if the device has it or it is finished, JournalFailed.
    """
    while True:
        job = _find(jobs, job)
        match job.state:
            case JobState.INCOMING | JobState.ACCEPTED:
                try:
                    await jobs.amend(job.job_id, lambda job: replace(job, hold_wanted=True), only_in=UNDECIDED)
                except Moved:
                    continue
                return
            case JobState.ANALYSED | JobState.AUTHORISED:
                try:
                    await step_to_held(jobs, job, reason)
                except Moved:
                    continue
                return
            case JobState.HELD:
                if RefusalReason.ACCOUNT_LIMIT_REACHED in job.job_state_reasons:
                    # It would go on by itself as soon as there is credit: not any more.
                    try:
                        await jobs.amend(
                            job.job_id,
                            lambda job: replace(job, job_state_reasons=(HELD_FOR_PERSON,), job_state_message=reason),
                            only_in={JobState.HELD},
                        )
                    except Moved:
                        continue
                return
            case _:
                raise NotPossible(f"job {job.job_id} is {job.state} and cannot be held")


async def step_to_held(
    jobs: Jobs,
    job: Job,
    reason: str,
    *,
    in_doubt: bool = False,
    keyword: str = HELD_FOR_PERSON,
    look_again: bool = False,
) -> Job:
    """Holds it; one with a PIN says so, whoever else wants it held.

    Raises Moved if it is no longer in the state given, JournalFailed.
    """
    if job.job_password is not None:
        keyword, reason = "job-password-wait", "Held until it is released with its PIN."
    return await jobs.step(
        job.job_id,
        JobEvent.HELD,
        lambda job: replace(
            job,
            hold_wanted=False,
            cancelled_by=None,
            in_doubt=in_doubt,
            job_state_reasons=(keyword,),
            job_state_message=reason,
        ),
        JobHeld(reason=reason, in_doubt=in_doubt, look_again=look_again),
        only_in={job.state},
    )


async def step_to_authorised(jobs: Jobs, job: Job, fact: JobFact | None = None) -> Job:
    """Lets it through. Raises Moved if it is not undecided any more, JournalFailed."""
    return await jobs.step(
        job.job_id,
        JobEvent.AUTHORISED,
        lambda job: replace(job, job_state_reasons=(), job_state_message=""),
        fact,
        only_in={JobState.ANALYSED},
    )


async def step_to_refused(jobs: Jobs, job: Job, refusal: Refuse, fact: JobFact | None = None) -> Job:
    """Ends it with the reason why it is not printed. Raises Moved if it is not undecided any more, JournalFailed."""
    return await jobs.step(
        job.job_id,
        JobEvent.REFUSED,
        lambda job: replace(
            job,
            output=NOTHING,
            job_state_reasons=(refusal.reason.value, "aborted-by-system"),
            job_state_message=refusal.message,
        ),
        fact,
        only_in={JobState.ANALYSED},
    )


async def release(jobs: Jobs, job: Job, *, password_given: bool = False, only_if: str = "") -> None:
    """Lets a held job go on: it is decided anew. One with a PIN needs its PIN, whoever else wants it released.

    Raises NotPossible if it is not held (for the reason `only_if`, if that is given) or waits for its PIN,
    JournalFailed.
    """
    while True:
        job = _find(jobs, job)
        if only_if and only_if not in job.job_state_reasons:
            raise NotPossible(f"job {job.job_id} is not held for {only_if}")
        if job.job_password is not None and not password_given:
            raise NotPossible(f"job {job.job_id} is released with its PIN only")
        if job.state in UNDECIDED and job.hold_wanted:
            try:
                await jobs.amend(
                    job.job_id,
                    lambda job: replace(job, hold_wanted=False, job_password=None),
                    only_in=UNDECIDED,
                )
            except Moved:
                continue
            return
        if job.state is not JobState.HELD:
            raise NotPossible(f"job {job.job_id} is {job.state}, not held")
        try:
            await jobs.step(
                job.job_id,
                JobEvent.RELEASED,
                lambda job: replace(
                    job,
                    attempt=job.attempt + 1,
                    job_password=None,
                    in_doubt=False,
                    device_job_id=None,
                    job_state_reasons=(),
                    job_state_message="",
                ),
                JobReleased(),
                only_in={job.state},
            )
        except Moved:
            continue
        return
