"""What Print-Job, Create-Job and Validate-Job have in common: may this job be, and what will it be like?"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime

from everprint.contract.job_life import JobState
from everprint.documents.ticket import Ticket
from everprint.ipp.compression import COMPRESSIONS
from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.job_template import check_job_template, wants_fidelity
from everprint.ipp.message import Attribute, Group
from everprint.ipp.request_rules import check_document_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.provider.front.call import Call
from everprint.provider.front.job_password import keep_password, read_password
from everprint.provider.job import Job, Owner
from everprint.provider.job_password import SentPassword
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.queue_attributes import ACCOUNTING
from everprint.provider.tickets import read_ticket

_COMPRESSIONS: Set[str] = frozenset(COMPRESSIONS)
AUTOMATIC = "application/octet-stream"
_NAMES = frozenset({ValueTag.NAME, ValueTag.NAME_WITH_LANGUAGE})
# A Job Template attribute that some clients put beside the operation attributes: who wants to hold does not want to
# see it printed.
_HOLD = "job-hold-until"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that may be made."""

    owner: Owner
    job_name: str
    attributes: tuple[Attribute, ...]
    ticket: Ticket
    hold_wanted: bool
    password: SentPassword | None
    unsupported: tuple[Attribute, ...]

    @property
    def status(self) -> Status:
        """How its making is answered."""
        if self.unsupported:
            return Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES
        return Status.SUCCESSFUL_OK

    @property
    def groups(self) -> tuple[Group, ...]:
        """What the client is told of what was left out."""
        return (Group(GroupTag.UNSUPPORTED, self.unsupported),) if self.unsupported else ()


async def examine(call: Call) -> NewJob:
    """The job that the request asks for.

    Raises Refused (or NotAuthenticated, TlsRequired) with the reason why there will be none.
    """
    message, queue = call.request.message, call.queue
    owner = await call.caller()
    check_document(call)
    view = queue.view_of(owner.user_name)
    template = check_job_template(message.job, view.job_template)
    if template.unsupported and wants_fidelity(message):
        names = ", ".join(attribute.name for attribute in template.unsupported)
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"this printer cannot do as asked: {names}",
            Group(GroupTag.UNSUPPORTED, template.unsupported),
        )
    job = Group(GroupTag.JOB, view.with_defaults(template.supported))
    _check_accounting(job)
    password = read_password(message.operation)
    release_action = job.string("job-release-action")
    if release_action == "job-password" and password is None:
        raise Refused(
            Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES,
            "job-release-action is job-password, and there is no job-password",
        )
    return NewJob(
        owner=owner,
        job_name=message.operation.string("job-name") or message.operation.string("document-name") or "Untitled",
        attributes=job.attributes,
        ticket=read_ticket(job, queue.default_ticket),
        hold_wanted=queue.settings.hold
        or password is not None
        or release_action == "owner-authorized"
        or "indefinite" in (job.string(_HOLD), message.operation.string(_HOLD)),
        password=password,
        unsupported=template.unsupported,
    )


def _check_accounting(job: Group) -> None:
    """Names, which hold no control characters: the server is told them."""
    for accounting in ACCOUNTING:
        attribute = job.get(accounting)
        if attribute is not None and not _NAMES.issuperset(attribute.tags):
            raise BadValue(accounting, "is a name")


def check_document(call: Call) -> None:
    """Raises Refused for a format or compression that cannot be taken."""
    check_document_attributes(call.request.message, call.queue.document_formats, _COMPRESSIONS)


def require_room(call: Call, owner: Owner) -> None:
    """Raises Refused if no job can be taken now, SpoolFull if the disk is full."""
    if call.queue.is_hooked:
        raise Refused(
            Status.SERVER_ERROR_NOT_ACCEPTING_JOBS, f"queue {call.queue.name} belongs to CUPS: print to it there"
        )
    if not call.queue.state.accepting:
        raise Refused(Status.SERVER_ERROR_NOT_ACCEPTING_JOBS, f"queue {call.queue.name} takes no jobs at the moment")
    _require_few_jobs(call, owner)
    call.front.spool.require_space(0)


def _require_few_jobs(call: Call, owner: Owner) -> None:
    jobs, limits = call.front.jobs, call.front.job_limits
    if jobs.active_count() >= limits.in_all:
        raise _too_many("Too many jobs wait in this print server; try again later.")
    if jobs.active_count_of(owner.user_name) >= limits.per_user:
        raise _too_many(f"{owner.user_name} has {limits.per_user} unfinished jobs; cancel some, or try again later.")
    if jobs.active_count_from(owner.client_address) >= limits.per_address:
        raise _too_many(f"{limits.per_address} unfinished jobs came from {owner.client_address}; try again later.")


def _too_many(what: str) -> Refused:
    return Refused(Status.SERVER_ERROR_TOO_MANY_JOBS, what)


async def make_job(call: Call, new: NewJob) -> Job:
    """The job, not kept anywhere yet."""
    job_id = await call.front.job_ids.take()
    return Job(
        job_id=job_id.number,
        job_id_unique=job_id.is_unique,
        uuid=new_job_uuid(),
        queue=call.queue.name,
        owner=new.owner,
        job_name=new.job_name,
        attributes=new.attributes,
        ticket=new.ticket,
        created_at=datetime.now(UTC),
        state=JobState.INCOMING,
        hold_wanted=new.hold_wanted,
        job_password=await keep_password(new.password),
        device_uri=None,
    )
