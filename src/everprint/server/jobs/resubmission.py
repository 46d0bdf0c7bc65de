"""A job that is over is printed again, as a new job from the document that its print server kept for a while.

Its owner may ask for it, and whoever may manage jobs. The new job is the owner's, decided and charged as any other.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone

from everprint.contract.messages import Event, JobResubmitted, ResubmitFailed, ResubmitJob
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.jobs.kept import details_of
from everprint.server.jobs.models import Job, JobStep
from everprint.server.jobs.orders import NotPossible, NotYours, may_steer
from everprint.server.jobs.sentences import said
from everprint.server.jobs.text import kept
from everprint.server.people.models import User
from everprint.server.providers.orders import make_order


def document_until(job: Job) -> datetime | None:
    """How long its provider wants to keep its document; None if it is not kept. It may have to go before."""
    told = (details_of(job).noted or {}).get("document_until")
    return datetime.fromisoformat(told) if told else None


def can_resubmit(job: Job) -> bool:
    """True if its document should still be there."""
    until = document_until(job)
    return job.job_state.is_final and until is not None and until > timezone.now()


def order_resubmit(job: Job, actor: User) -> None:
    """Has it printed again.

    Raises NotYours, NotPossible.
    """
    if not may_steer(job, actor):
        raise NotYours(f"job {job.number} is not yours to print again")

    def work() -> None:
        now = Job.objects.get(pk=job.pk)
        if not can_resubmit(now):
            why = "its document is not kept" if now.job_state.is_final else f"it is {now.state}"
            raise NotPossible(f"job {now.number} cannot be printed again: {why}")
        order = ResubmitJob(job_id=str(now.uuid), by=actor.name, new_job_id=str(uuid.uuid4()))
        make_order(now.provider_id, order)
        JobStep.objects.create(
            job=now, at=timezone.now(), event="ordered", state=now.state, text="to be printed again", actor=actor
        )
        if now.owner_id != actor.pk:
            note("job.print-again", now, after={"document": now.name, "user": now.user_name})

    transact(work)


def take_resubmission(job: Job, event: Event, fact: JobResubmitted | ResubmitFailed) -> JobStep:
    """The line of the job's time line that says which new job it became, or why none."""
    if isinstance(fact, JobResubmitted):
        new = Job.objects.filter(uuid=fact.new_job_id).values_list("number", flat=True).first()
        text = said("printed-again", job=new, name=fact.by) if new is not None else kept(f"by {fact.by}", 500)
    else:
        text = kept(f"without effect: {fact.reason}", 500)
    moved = isinstance(fact, JobResubmitted)
    return JobStep(
        job=job, at=event.at, event="resubmitted", state=job.state, text=text, moved=moved,
        sequence=event.sequence,
    )  # fmt: skip
