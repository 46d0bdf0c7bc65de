"""An operator sends a job that waits to another queue of this provider, in one journaled step.

The step takes the job out of its queue and puts it into the other one: it is in exactly one of them, whatever is
killed when. What it puts on paper is found out anew there, and it is decided anew, so its price is the other queue's;
the reservation for the old one is given back by the report of the same step, or replaced by the new decision,
whichever the server hears of first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from everprint.contract.job_life import TRANSITIONS, JobEvent, JobState
from everprint.contract.messages import JobRedirected, RefusalReason
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.changes import NotPossible, pin_given
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved, unchanged
from everprint.provider.queue import Queue
from everprint.provider.tickets import read_ticket

# Held by a decision that may be another one there.
_UNPAID = frozenset({RefusalReason.ACCOUNT_LIMIT_REACHED.value, RefusalReason.ACCOUNT_INFO_NEEDED.value})


async def redirect(
    jobs: Jobs,
    job: Job,
    target: Queue | None,
    by: str,
    also: Callable[[Job], Job] = unchanged,
    *,
    release: bool = False,
    password_given: bool = False,
) -> None:
    """Moves a waiting job to the queue `target` (None: there is none of that name); one that is held stays held,
    unless it is to be printed there at once (`release`), for which one with a PIN needs it (`password_given`).

    Options that the other printer does not have are left out. `also` changes it in the same step.

    Raises NotPossible if it does not wait, is in doubt, or the other queue takes no jobs or not this document;
    JournalFailed.
    """
    while True:
        now = jobs.get(job.job_id)
        if now is None:
            raise NotPossible(f"job {job.job_id} is finished")
        into = _require_possible(now, target, release=release and not password_given)
        try:
            await jobs.step(
                now.job_id,
                JobEvent.REDIRECTED,
                partial(
                    _moved, lambda job: also(pin_given(job) if password_given else job), into, by, release=release
                ),
                JobRedirected(queue=into.name, by=by),
                only_in={now.state},
            )
        except Moved:
            continue
        return


def _require_possible(job: Job, target: Queue | None, *, release: bool) -> Queue:
    require_waits(job, release=release)
    if target is None:
        raise NotPossible("there is no such queue at its print server")
    if target.name == job.queue:
        raise NotPossible(f"job {job.job_id} is in the queue {job.queue} already")
    assert job.document is not None, f"job {job.job_id} is {job.state} without a document"
    require_takes(target, job.document.document_format)
    return target


def require_waits(job: Job, *, release: bool) -> None:
    """Raises NotPossible if it cannot go anywhere else now; with `release`, also if that needs its PIN."""
    if (job.state, JobEvent.REDIRECTED) not in TRANSITIONS:
        raise NotPossible(f"job {job.job_id} is {job.state} and cannot be redirected")
    if job.in_doubt:
        raise NotPossible(f"job {job.job_id} may have been printed: see, then release or cancel it")
    if job.cups is not None:
        raise NotPossible(f"job {job.job_id} is CUPS's own: move it there (lpmove)")
    if release and job.waits_for_password:
        raise NotPossible(f"job {job.job_id} is released with its PIN only")


def require_takes(target: Queue, document_format: str) -> None:
    """Raises NotPossible if the queue takes no jobs, or not this document."""
    if not target.state.accepting:
        raise NotPossible(f"the queue {target.name} takes no jobs")
    if document_format not in target.document_formats:
        raise NotPossible(f"the queue {target.name} does not print {document_format}")


def stays_held(job: Job, queue: Queue | None) -> bool:
    """True if the job is to be held again once it is decided anew, in that queue.

    A queue that holds every job holds this one, too, unless it was let through before.
    """
    waits_for_person = job.state is JobState.HELD and not _UNPAID.intersection(job.job_state_reasons)
    new_there = job.is_first_time and job.state is not JobState.AUTHORISED
    return job.hold_wanted or waits_for_person or (new_there and queue is not None and queue.settings.hold)


def _moved(also: Callable[[Job], Job], target: Queue, by: str, job: Job, *, release: bool) -> Job:
    return also(moved_to(target, by, job, release=release))


def moved_to(target: Queue, by: str, job: Job, *, release: bool = False) -> Job:
    """The job as it is in the other queue. A PIN, and who may release it, stay as they were."""
    view = target.view_of(job.owner.user_name)
    attributes = view.with_defaults(
        check_job_template(Group(GroupTag.JOB, job.attributes), view.job_template).supported
    )
    return replace(
        job,
        queue=target.name,
        first_queue=job.first_queue or job.queue,
        attributes=attributes,
        ticket=read_ticket(Group(GroupTag.JOB, attributes), target.default_ticket),
        findings=None,
        attempt=job.attempt + 1,
        hold_wanted=not release and stays_held(job, target),
        by_rules=job.by_rules.released() if release else job.by_rules,
        device_uri=None,
        device_job_id=None,
        job_state_reasons=(),
        job_state_message=f"Redirected from {job.queue} by {by}.",
    )
