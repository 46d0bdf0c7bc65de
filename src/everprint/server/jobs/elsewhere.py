"""Answers a provider about the jobs of others, by the rules of the job's own provider (contract.elsewhere).

A job is its owner's. The owner is known as the job's queue knows people: by a password, or by the word of a client in
a network that the queue trusts; a password is always good enough.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec
from django.db.models import Q, QuerySet

from everprint.contract.elsewhere import (
    MOST_LISTED,
    Act,
    Asker,
    FindJob,
    Found,
    FoundJob,
    JobView,
    ListedJobs,
    ListJobs,
    SteerJob,
    WhichJobs,
)
from everprint.contract.job_life import FINAL, JobState
from everprint.contract.messages import Authentication, CancelJob, HoldJob, ReleaseJob
from everprint.contract.trusted_networks import is_in, read_networks
from everprint.documents.result import NOTHING, Output
from everprint.server.database import transact
from everprint.server.jobs.kept import details_of
from everprint.server.jobs.models import WITH_RECENT_JOB_ID, Job
from everprint.server.jobs.owner import find_owner
from everprint.server.jobs.queries import UNFINISHED_STATES
from everprint.server.printers.models import Printer
from everprint.server.providers.orders import is_ordered, make_order

_FINISHED_STATES = sorted(state.value for state in FINAL)


class NotFound(Exception):
    """The asker gets no job; `why` is never FOUND."""

    def __init__(self, why: Found) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Person:
    """Who asks: a name, and the user that has it or had it once. A job of a known user is that user's, whatever the
    name was that it came with."""

    name: str
    user: int | None

    @classmethod
    def who(cls, asker: Asker) -> _Person:
        """Nobody for an asker without a name."""
        owner = find_owner(asker.user_name) if asker.user_name else None
        return cls(asker.user_name, owner.user if owner else None)

    def owns(self, job: Job) -> bool:
        """True if the job is theirs."""
        if job.owner_id is not None and self.user is not None:
            return job.owner_id == self.user
        return bool(self.name) and job.user_name == self.name

    def own_jobs(self) -> Q:
        """The same for a question."""
        if self.user is None:
            return Q(user_name=self.name) if self.name else Q(pk__in=())
        return Q(owner=self.user) | Q(owner=None, user_name=self.name)


def find_job(question: FindJob) -> FoundJob:
    """The job, if there is one of that number and it is the asker's."""
    try:
        return FoundJob(outcome=Found.FOUND, job=view_of(_job_of(question)))
    except NotFound as error:
        return FoundJob(outcome=error.why)


def list_jobs(provider: uuid.UUID, question: ListJobs) -> ListedJobs:
    """The jobs of the queue of that name; of those that are not the asker's only that they are there."""
    queues = Printer.objects.filter(name=question.queue, is_active=True).exclude(provider=provider)
    known = {queue.pk: why_not(queue, question.asker) for queue in queues}
    allowed = [pk for pk, why in known.items() if why is None]
    if not allowed:
        return ListedJobs(outcome=next((why for why in known.values() if why is not None), Found.UNKNOWN))
    person = _Person.who(question.asker)
    jobs = Job.objects.filter(WITH_RECENT_JOB_ID, printer__in=allowed, unlogged=False)
    if question.mine:
        jobs = jobs.filter(person.own_jobs())
    most = max(1, min(question.limit, MOST_LISTED))
    found = islice(_chosen(jobs.select_related("printer"), question, most), most)
    return ListedJobs(outcome=Found.FOUND, jobs=tuple(_as_seen_by(person, job) for job in found))


def order_what_is_asked(question: SteerJob) -> None:
    """Gives the job's own provider the order, once.

    Raises NotFound.
    """
    job = _job_of(question)
    who = {"job_id": str(job.uuid), "by": question.asker.user_name, "request": question.request}
    do: CancelJob | HoldJob | ReleaseJob
    match question.act:
        case Act.CANCEL:
            do = CancelJob(**who)
        case Act.HOLD:
            do = HoldJob(**who)
        case Act.RELEASE:
            do = ReleaseJob(**who, password=question.password, password_encryption=question.password_encryption)

    def work() -> None:
        if not is_ordered(uuid.UUID(question.request)):
            make_order(job.provider_id, do)

    transact(work)


def why_not(queue: Printer, asker: Asker) -> Found | None:
    """Why the queue does not believe who asks; None if it does."""
    if asker.authenticated:
        return None
    if queue.authentication == Authentication.BASIC:
        return Found.NEEDS_PASSWORD
    if not is_in(asker.client_address, read_networks(queue.trusted_networks)):
        return Found.UNTRUSTED
    return None


def view_of(job: Job) -> JobView:
    """The job as its own provider shows it, by all that this provider has told."""
    details = details_of(job)
    noted = details.noted or {}
    state = job.job_state
    completed_at = noted.get("completed_at")
    return JobView(
        job_id=str(job.uuid),
        ipp_job_id=job.ipp_job_id or 0,
        queue=job.printer.name,
        user_name=job.user_name,
        job_name=job.name,
        document_format=details.document_format,
        octets=job.octets,
        created_at=job.submitted_at,
        state=state,
        job_state_reasons=tuple(noted.get("job_state_reasons") or ()),
        job_state_message=str(noted.get("job_state_message", job.reason)),
        hold=bool(noted.get("hold")) or state is JobState.HELD,
        is_cancelling=bool(noted.get("is_cancelling")),
        processing_at=details.processing_at,
        completed_at=datetime.fromisoformat(completed_at) if completed_at else job.finished_at,
        expected=_output((details.document or {}).get("output")),
        output=(_output(details.output) or NOTHING) if state.is_final else None,
        password_encryption=job.password_encryption,
    )


def _job_of(question: FindJob | SteerJob) -> Job:
    """The asker's job of that number or UUID. Raises NotFound."""
    asker = question.asker
    jobs = Job.objects.select_related("printer").filter(unlogged=False)
    if isinstance(question, FindJob) and not question.job_id:
        jobs = jobs.filter(WITH_RECENT_JOB_ID, ipp_job_id=question.ipp_job_id).order_by("-pk")
    else:
        jobs = jobs.filter(uuid=question.job_id, ipp_job_id__isnull=False)
    job = jobs.first()
    if job is None:
        raise NotFound(Found.UNKNOWN)
    why = why_not(job.printer, asker)
    if why is not None:
        raise NotFound(why)
    if not _Person.who(asker).owns(job):
        raise NotFound(Found.NOT_YOURS)
    return job


def _chosen(jobs: QuerySet[Job], question: ListJobs, most: int) -> Iterable[Job]:
    """In the order in which a provider lists its own."""
    if question.ipp_job_ids:
        by_id = {job.ipp_job_id: job for job in jobs.filter(ipp_job_id__in=question.ipp_job_ids)}
        yield from (by_id[number] for number in dict.fromkeys(question.ipp_job_ids) if number in by_id)
        return
    if question.which is not WhichJobs.COMPLETED:
        yield from jobs.filter(state__in=UNFINISHED_STATES).order_by("ipp_job_id")[:most]
    if question.which is not WhichJobs.NOT_COMPLETED:
        yield from jobs.filter(state__in=_FINISHED_STATES).order_by("-finished_at")[:most]


def _as_seen_by(person: _Person, job: Job) -> JobView:
    view = view_of(job)
    if person.owns(job):
        return view
    return msgspec.structs.replace(view, user_name="", job_name="", job_state_message="", document_format="")


def _output(stored: object) -> Output | None:
    return None if stored is None else msgspec.convert(stored, Output)
