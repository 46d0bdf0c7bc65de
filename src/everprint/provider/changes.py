"""What people do to a job, whether by IPP or by an order of the Application Server: cancel, hold, release.

And the steps that a decision about it leads to, whoever made it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import JobFact, JobFinished, JobHeld, JobReleased, RefusalReason, Refuse
from everprint.documents.result import NOTHING
from everprint.provider.job import Job
from everprint.provider.job_password import JobPassword
from everprint.provider.jobs import Change, Jobs, Moved, unchanged

AT_DEVICE = frozenset({JobState.DELIVERING, JobState.PRINTING})
# Where somebody else has a say in what becomes of it.
ELSEWHERE = AT_DEVICE | {JobState.MOVING}
UNDECIDED = frozenset({JobState.INCOMING, JobState.ACCEPTED})
HELD_FOR_PERSON, PASSWORD_WAIT = "job-hold-until-specified", "job-password-wait"


class NotPossible(Exception):
    """The job is not in a state in which that can be done; the text says which."""


@dataclass(frozen=True, slots=True)
class Also:
    """A change of a job that is made together with a step, or not at all; possible in these states only."""

    change: Change = unchanged
    only_in: frozenset[JobState] = frozenset(JobState)

    def check(self, job: Job) -> None:
        """Raises NotPossible."""
        if job.state not in self.only_in:
            raise NotPossible(f"job {job.job_id} is {job.state} and cannot be changed so any more")


ALSO_NOTHING = Also()


def _find(jobs: Jobs, job: Job) -> Job:
    now = jobs.get(job.job_id)
    if now is None:
        raise NotPossible(f"job {job.job_id} is finished")
    return now


async def cancel(jobs: Jobs, job: Job, by: str) -> None:
    """Cancels a job. One that the device has is marked, and its delivery (delivery/) cancels it there and settles; so
    is one on its way to another print server (hand_over/giving).

    Raises NotPossible, JournalFailed.
    """
    reason = f"Cancelled by {by}."
    while True:
        job = _find(jobs, job)
        if job.state.is_final:
            raise NotPossible(f"job {job.job_id} is {job.state} and cannot be cancelled")
        if job.state in ELSEWHERE:
            try:
                await jobs.amend(job.job_id, lambda job: replace(job, cancelled_by=by), only_in=ELSEWHERE)
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


async def hold(jobs: Jobs, job: Job, reason: str, also: Also = ALSO_NOTHING) -> None:
    """Holds a job, now or as soon as it is analysed; `also` changes it in the same step.

    Raises NotPossible if the device has it, it is finished, or it cannot be changed so any more; JournalFailed.
    """
    while True:
        job = _find(jobs, job)
        also.check(job)
        with suppress(Moved):
            match job.state:
                case JobState.INCOMING | JobState.ACCEPTED:
                    await jobs.amend(
                        job.job_id, lambda job: replace(also.change(job), hold_wanted=True), only_in={job.state}
                    )
                case JobState.ANALYSED | JobState.AUTHORISED:
                    await step_to_held(jobs, job, reason, change=also.change)
                case JobState.HELD:
                    await jobs.amend(job.job_id, lambda job: _for_good(also.change(job), reason), only_in={job.state})
                case _:
                    raise NotPossible(f"job {job.job_id} is {job.state} and cannot be held")
            return


def _for_good(job: Job, reason: str) -> Job:
    """A job that would go on by itself as soon as there is credit does not any more."""
    if RefusalReason.ACCOUNT_LIMIT_REACHED not in job.job_state_reasons or job.waits_for_password:
        return job
    return replace(job, job_state_reasons=(HELD_FOR_PERSON,), job_state_message=reason)


async def step_to_held(
    jobs: Jobs,
    job: Job,
    reason: str,
    *,
    in_doubt: bool = False,
    keyword: str = HELD_FOR_PERSON,
    look_again: bool = False,
    rule: int = 0,
    change: Change = unchanged,
) -> Job:
    """Holds it; one with a PIN says so, whoever else wants it held.

    One that was released with its PIN, and is held for its account, needs its PIN again: nobody may be at the printer
    when there is credit. `rule` is the number of the rule that holds it. Raises Moved if it is no longer in the
    state given, JournalFailed.
    """
    keywords: tuple[str, ...] = (keyword,)
    password = job.job_password
    if job.waits_for_password:
        keywords, reason = (PASSWORD_WAIT,), "Held until it is released with its PIN."
    elif password is not None and keyword == RefusalReason.ACCOUNT_LIMIT_REACHED:
        password = msgspec.structs.replace(password, given=False)
        keywords, reason = (keyword, PASSWORD_WAIT), f"{reason} It needs its PIN again."
    waits_for_password = password is not None and not password.given
    return await jobs.step(
        job.job_id,
        JobEvent.HELD,
        lambda job: replace(
            change(job),
            hold_wanted=False,
            cancelled_by=None,
            in_doubt=in_doubt,
            job_password=password,
            by_rules=msgspec.structs.replace(job.by_rules, held_by=rule),
            job_state_reasons=keywords,
            job_state_message=reason,
        ),
        JobHeld(
            reason=reason,
            in_doubt=in_doubt,
            look_again=look_again,
            password_encryption=password.method if password is not None and waits_for_password else "",
        ),
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


async def release(
    jobs: Jobs, job: Job, *, password_given: bool = False, only_if: str = "", also: Also = ALSO_NOTHING
) -> None:
    """Lets a held job go on: it is decided anew. One with a PIN needs its PIN, whoever else wants it released.

    `also` changes it in the same step. Raises NotPossible if it is not held (for the reason `only_if`, if that is
    given), waits for its PIN, or cannot be changed so any more; JournalFailed.
    """
    while True:
        job = _find(jobs, job)
        also.check(job)
        if only_if and only_if not in job.job_state_reasons:
            raise NotPossible(f"job {job.job_id} is not held for {only_if}")
        if job.waits_for_password and not password_given:
            raise NotPossible(f"job {job.job_id} is released with its PIN only")
        with suppress(Moved):
            if job.state in UNDECIDED and job.hold_wanted:
                await jobs.amend(
                    job.job_id,
                    lambda job: replace(also.change(job), hold_wanted=False, job_password=_given(job)),
                    only_in={job.state},
                )
                return
            if job.state is not JobState.HELD:
                raise NotPossible(f"job {job.job_id} is {job.state}, not held")
            await jobs.step(
                job.job_id,
                JobEvent.RELEASED,
                lambda job: replace(
                    also.change(job),
                    attempt=job.attempt + 1,
                    # What goes on for its credit or its account was not released by anybody who read the rule.
                    by_rules=job.by_rules if only_if else job.by_rules.released(),
                    job_password=_given(job),
                    in_doubt=False,
                    device_job_id=None,
                    job_state_reasons=(),
                    job_state_message="",
                ),
                JobReleased(),
                only_in={job.state},
            )
            return


def pin_given(job: Job) -> Job:
    """The job once its PIN was given."""
    return replace(job, job_password=_given(job))


def _given(job: Job) -> JobPassword | None:
    """Its PIN from now on: no further one is asked for on the way to the printer."""
    return None if job.job_password is None else msgspec.structs.replace(job.job_password, given=True, guesses=0)
