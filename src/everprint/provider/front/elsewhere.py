"""Requests about jobs that are not here: any provider answers for any job of the installation (contract.elsewhere).

The Application Server is asked. It knows what the job's own provider reported, and gives that provider the orders; so
the answer is the one which that provider would give. While the server is away nobody here can know: that is what the
client is told, and it may ask again.

Not here are a job with a number that no job of ours has, whichever queue it is asked for at, and a queue of a name
that we do not have.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everprint.contract.client import ServerClient
from everprint.contract.elsewhere import (
    MOST_LISTED,
    Act,
    Asker,
    FindJob,
    Found,
    FoundJob,
    JobView,
    ListJobs,
    Outcome,
    Steered,
    SteerJob,
    WhichJobs,
)
from everprint.contract.messages import DocumentSummary
from everprint.contract.servers import ContractError, UnknownQueue
from everprint.documents.result import Confidence, Language
from everprint.documents.ticket import Ticket
from everprint.ipp.errors import Refused
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import reply
from everprint.ipp.request_rules import Target
from everprint.ipp.requested_attributes import GET_JOBS_DEFAULT, requested_attributes
from everprint.ipp.service import NotAuthenticated, Request, TlsRequired
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.addresses import queue_of
from everprint.provider.front.cups_backend import as_followed
from everprint.provider.front.job_attributes import job_group
from everprint.provider.front.job_password import read_password
from everprint.provider.front.who import requesting_user_name
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_password import PLAIN, SentPassword
from everprint.provider.server_gate import ServerGate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from everprint.provider.front.call import Front

# Questions come from strangers, and must leave the way to the server free for jobs.
_AT_ONCE, _MOST_WAITING = 8, 100
# By which a PIN is hashed for a job of which nobody has said yet how its own is.
_USUAL_METHOD = "sha2-256"
# What is not known of the job of another provider: more than nothing would be said of it.
_UNKNOWN_HERE = frozenset({"document-name"})

_WHY_NOT = {
    Found.NOT_YOURS: (Status.CLIENT_ERROR_NOT_AUTHORIZED, "job {} belongs to somebody else"),
    Found.UNTRUSTED: (
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
        "the queue of job {} does not trust the network that this comes from",
    ),
}
_STATUS_OF = {
    Outcome.DONE: Status.SUCCESSFUL_OK,
    Outcome.NOT_POSSIBLE: Status.CLIENT_ERROR_NOT_POSSIBLE,
    Outcome.WRONG_PASSWORD: Status.CLIENT_ERROR_NOT_AUTHORIZED,
    Outcome.UNKNOWN_JOB: Status.CLIENT_ERROR_NOT_FOUND,
    Outcome.NOT_REPORTED: Status.SERVER_ERROR_TEMPORARY_ERROR,
}


@dataclass(frozen=True, slots=True)
class FarCall:
    """A request about a queue of another provider, or a job in one."""

    front: Front
    request: Request
    queue: str

    def printer_uri(self) -> str:
        """The URI of that queue here: we answer for it, too."""
        return self.front.queue_uri(self.request, self.queue)


class Elsewhere:
    """Asks the server about jobs of other providers."""

    def __init__(self, server: ServerClient, gate: ServerGate, is_offered: Callable[[], bool]) -> None:
        """`is_offered` says whether the server is one that answers for jobs."""
        self._server = server
        self._gate = gate
        self._is_offered = is_offered
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._acts = asyncio.Semaphore(_AT_ONCE)  # these wait for another provider, and nobody else behind them
        self._waiting = 0

    def answer(self, front: Front, request: Request, target: Target) -> Awaitable[Message] | None:
        """The answer, if it is asked for something that is not here and that another provider may have."""
        if not self._is_offered():
            return None
        code = request.message.code
        if target.job_id is not None or target.job_uuid:
            if target.job_id is not None and front.jobs.get(target.job_id) is not None:
                return None
            match code:
                case Operation.GET_JOB_ATTRIBUTES:
                    return self._tell(front, request, target)
                case Operation.CANCEL_JOB:
                    return self._steer(front, request, target, Act.CANCEL)
                case Operation.HOLD_JOB:
                    return self._steer(front, request, target, _wanted_hold(request.message))
                case Operation.RELEASE_JOB:
                    return self._steer(front, request, target, Act.RELEASE)
                case _:
                    return None
        queue = queue_of(target.path)
        if code == Operation.GET_JOBS and queue and queue not in front.queues:
            return self._list(front, request, queue)
        return None

    async def _tell(self, front: Front, request: Request, target: Target) -> Message:
        found = await self._find(front, request, target)
        call = FarCall(front, request, found.queue)
        job = _as_job(found)
        group = _known(job_group(call, job, requested_attributes(request.message)))
        return reply(request.message, Status.SUCCESSFUL_OK, as_followed(call, job, group))

    async def _list(self, front: Front, request: Request, queue: str) -> Message:
        operation = request.message.operation
        limit = operation.integer("limit")
        if limit is not None and limit < 1:
            raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, f"limit is 1 or more, not {limit}")
        question = ListJobs(
            asker=await self._asker(front, request, queue),
            queue=queue,
            which=_which(request.message),
            mine=operation.boolean("my-jobs") or False,
            ipp_job_ids=tuple(number for number in operation.integers("job-ids") if number > 0)[:MOST_LISTED],
            limit=min(limit or MOST_LISTED, MOST_LISTED),
        )
        async with self._asking(self._places):
            listed = await self._server.list_jobs(question)
        if listed.outcome is not Found.FOUND:
            raise _refusal(listed.outcome, request, queue, f"there is no queue at /ipp/print/{queue}")
        call, wanted = FarCall(front, request, queue), requested_attributes(request.message, GET_JOBS_DEFAULT)
        groups = [_known(job_group(call, _as_job(job), wanted, public_only=not job.user_name)) for job in listed.jobs]
        return reply(request.message, Status.SUCCESSFUL_OK, *groups)

    async def _steer(self, front: Front, request: Request, target: Target, act: Act) -> Message:
        job = await self._find(front, request, target)
        sent = read_password(request.message.operation) if act is Act.RELEASE else None
        password, method = (b"", "") if sent is None else _hashed(sent, job)
        if sent is None and act is Act.RELEASE and job.password_encryption:
            raise Refused(
                Status.CLIENT_ERROR_NOT_POSSIBLE,
                f"job {job.ipp_job_id} is released with its PIN only: send job-password",
            )
        question = SteerJob(
            request=str(uuid.uuid4()),
            asker=await self._asker(front, request, job.queue),
            job_id=job.job_id,
            act=act,
            password=password,
            password_encryption=method,
        )
        async with self._asking(self._acts):
            steered: Steered = await self._server.steer_job(question)
        if steered.found is not Found.FOUND or steered.outcome is None:
            raise _refusal(steered.found, request, job.queue, _no_job(target), target)
        status = _STATUS_OF[steered.outcome]
        if status is not Status.SUCCESSFUL_OK:
            raise Refused(status, steered.message)
        return reply(request.message, status)

    async def _find(self, front: Front, request: Request, target: Target) -> JobView:
        """Raises Refused, NotAuthenticated, TlsRequired."""
        question = FindJob(
            asker=await self._asker(front, request, ""), ipp_job_id=target.job_id or 0, job_id=target.job_uuid
        )
        async with self._asking(self._places):
            found: FoundJob = await self._server.find_job(question)
        if found.job is None:
            raise _refusal(found.outcome, request, "", _no_job(target), target)
        return found.job

    async def _asker(self, front: Front, request: Request, queue: str) -> Asker:
        """By a password if there is one, whatever queue was named: the job's own queue decides what is enough."""
        if request.credentials is None:
            return Asker(user_name=requesting_user_name(request), authenticated=False, client_address=request.peer)
        if not request.tls:
            raise TlsRequired
        user = await front.passwords.user(request.credentials, request.peer)
        if user is None:
            raise NotAuthenticated(queue)
        return Asker(user_name=user.user_name or "", authenticated=True, client_address=request.peer)

    @asynccontextmanager
    async def _asking(self, places: asyncio.Semaphore) -> AsyncIterator[None]:
        """Room for one question. Raises Refused if it cannot be asked or is not answered."""
        if self._gate.is_away:
            raise _cannot_say(self._gate.trouble)
        if self._waiting >= _MOST_WAITING:
            raise Refused(Status.SERVER_ERROR_BUSY, "Too many questions about jobs of other print servers wait.")
        self._waiting += 1
        try:
            async with places:
                yield
        except UnknownQueue as error:  # a server of an older release
            raise Refused(
                Status.CLIENT_ERROR_NOT_FOUND, f"this print server has no such job or queue: {error}"
            ) from None
        except ContractError as error:
            raise _cannot_say(str(error)) from error
        finally:
            self._waiting -= 1


def _cannot_say(trouble: str) -> Refused:
    return Refused(
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        f"This is no job or queue of this print server, and others cannot be asked now; try again later. {trouble}",
    )


def _no_job(target: Target) -> str:
    return f"there is no job {target.job_uuid or target.job_id}"


def _refusal(why: Found, request: Request, queue: str, unknown: str, target: Target | None = None) -> Exception:
    if why is Found.NEEDS_PASSWORD:
        return NotAuthenticated(queue) if request.tls else TlsRequired()
    if why in _WHY_NOT:
        status, text = _WHY_NOT[why]
        return Refused(status, text.format((target.job_uuid or target.job_id) if target else "that is asked about"))
    return Refused(Status.CLIENT_ERROR_NOT_FOUND, unknown)


def _wanted_hold(message: Message) -> Act:
    until = message.operation.string("job-hold-until") or "indefinite"
    if until not in ("indefinite", "no-hold"):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"job-hold-until {until} is not supported; indefinite is",
            unsupported_group(message.operation.require("job-hold-until")),
        )
    return Act.RELEASE if until == "no-hold" else Act.HOLD


def _which(message: Message) -> WhichJobs:
    which = message.operation.string("which-jobs") or WhichJobs.NOT_COMPLETED.value
    if message.operation.integers("job-ids") and "which-jobs" in message.operation:
        raise Refused(Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES, "either job-ids or which-jobs, not both")
    if which not in set(WhichJobs):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"which-jobs {which} is not supported; {', '.join(WhichJobs)} are",
            unsupported_group(message.operation.require("which-jobs")),
        )
    return WhichJobs(which)


def _hashed(sent: SentPassword, job: JobView) -> tuple[bytes, str]:
    """The PIN for its way over the server, and by what it is hashed.

    One that cannot be hashed as the job's is goes as it came: its own provider says that it is wrong, and counts it.
    """
    method = job.password_encryption or _USUAL_METHOD
    if sent.encryption != PLAIN and sent.encryption != method:
        method = sent.encryption
    octets = sent.hashed_by(method)
    assert octets is not None
    return octets, method


def _known(group: Group) -> Group:
    return Group(group.tag, tuple(attribute for attribute in group if attribute.name not in _UNKNOWN_HERE))


def _as_job(view: JobView) -> Job:
    """The job as its own provider has it, as far as clients are shown."""
    summary = DocumentSummary(language=Language.UNKNOWN, confidence=Confidence.UNKNOWN, pages=0, output=view.expected)
    return Job(
        job_id=view.ipp_job_id,
        uuid=view.job_id,
        queue=view.queue,
        owner=Owner(view.user_name, authenticated=False, client_address=""),
        job_name=view.job_name,
        attributes=(),
        ticket=Ticket(),
        created_at=view.created_at,
        state=view.state,
        document=Document(view.document_format, view.octets),
        hold_wanted=view.hold,
        findings=summary,
        cancelled_by="somebody" if view.is_cancelling else None,
        job_state_reasons=view.job_state_reasons,
        job_state_message=view.job_state_message,
        processing_at=view.processing_at,
        completed_at=view.completed_at,
        output=view.output,
    )
