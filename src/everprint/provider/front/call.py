"""What the operations work with: the provider's parts, and one request to one queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from everprint.ipp.errors import Refused
from everprint.ipp.service import Request
from everprint.ipp.status import Status
from everprint.provider.addresses import Addresses
from everprint.provider.findings import FindingsOf
from everprint.provider.front.who import Passwords, identify, require_operator
from everprint.provider.job import Job, Owner
from everprint.provider.job_ids import JobIds
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue
from everprint.provider.queue_attributes import Limits
from everprint.provider.queue_control import QueueControl
from everprint.provider.resubmission import Resubmission
from everprint.provider.spool import Spool
from everprint.provider.subscriptions.registry import Subscriptions
from everprint.provider.volatile_attributes import UpTime


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the provider listens; None where it does not."""

    plain: int | None
    tls: int | None


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How many unfinished jobs there may be."""

    in_all: int
    per_user: int
    per_address: int


@dataclass(slots=True)
class Front:
    """All that the operations need. `walk` sets a job going that has its document; `identify_device` makes a
    device show itself; `control` does and keeps what an operator wants of a queue (raises OSError); `findings` says
    what a spooled document would be with the options that a job has then; `knows_queues` says whether there are no
    queues but these.
    """

    queues: Mapping[str, Queue]
    knows_queues: Callable[[], bool]
    jobs: Jobs
    job_ids: JobIds
    subscriptions: Subscriptions
    spool: Spool
    resubmission: Resubmission
    passwords: Passwords
    limits: Limits
    job_limits: JobLimits
    decision_wait_s: float
    walk: Callable[[int], None]
    identify_device: Callable[[Queue, tuple[str, ...], str], Awaitable[None]]
    control: Callable[[Queue, QueueControl], None]
    findings: FindingsOf
    ports: Ports = Ports(None, None)
    up_time: UpTime = field(default_factory=UpTime)

    def addresses(self, request: Request) -> Addresses:
        """The addresses that this client can use."""
        return Addresses.seen_by(request.host, request.tls, self.ports.plain, self.ports.tls)

    def queue_uri(self, request: Request, queue: str) -> str:
        """The URI of a queue, by the scheme that the client used."""
        uris = self.addresses(request).queue_uris(queue, tls_only=request.tls)
        wanted = "ipps:" if request.tls else "ipp:"
        return next((one for one in uris if one.startswith(wanted)), uris[0])


class Asked(Protocol):
    """A request whose answer names a queue, of this provider or of another one."""

    @property
    def front(self) -> Front:
        """The provider's parts."""

    @property
    def request(self) -> Request:
        """What the client sent."""

    def printer_uri(self) -> str:
        """The URI of the queue, by the scheme that the client used."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one queue."""

    front: Front
    request: Request
    queue: Queue
    job_id: int | None

    async def caller(self, *, or_nobody: bool = False) -> Owner:
        """Who asks, or an owner without a name: nothing is his. Raises NotAuthenticated, TlsRequired or Refused."""
        return await identify(self.request, self.queue, self.front.passwords, or_nobody=or_nobody)

    async def operator(self) -> str:
        """The name of the operator who asks. Raises NotAuthenticated, TlsRequired or Refused."""
        return await require_operator(self.request, self.queue, self.front.passwords)

    async def own_job(self) -> Job:
        """The job that the request names, if it is the caller's own (RFC 8011 section 4.3).

        Raises Refused, and what caller() raises.
        """
        return self.job_of(await self.caller(), self.job_id or 0)

    def job_of(self, caller: Owner, job_id: int) -> Job:
        """The caller's own job of that number. Raises Refused."""
        job = self.front.jobs.get(job_id)
        if job is None or self.queue.name not in (job.queue, job.first_queue):
            raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no job {job_id} in queue {self.queue.name}")
        if job.owner.user_name != caller.user_name:
            raise Refused(Status.CLIENT_ERROR_NOT_AUTHORIZED, f"job {job_id} belongs to somebody else")
        return job

    def printer_uri(self) -> str:
        """The queue's URI, by the scheme that the client used."""
        return self.front.queue_uri(self.request, self.queue.name)
