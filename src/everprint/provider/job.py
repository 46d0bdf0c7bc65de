"""A job as the provider knows it: one immutable record, replaced at each step of its life.

Invariant: what is in the registry (jobs.py) is what is in the journal; nobody else keeps a job's state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from everprint.contract.job_life import JobState
from everprint.contract.messages import DocumentSummary, JobDescription
from everprint.documents.result import Output
from everprint.documents.ticket import Ticket, TicketPart
from everprint.ipp.message import Attribute, Group
from everprint.ipp.tags import GroupTag
from everprint.provider.by_rules import NO_RULES, ByRules
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.job_password import JobPassword
from everprint.provider.on_its_way import OnItsWay
from everprint.provider.tickets import read_asked


@dataclass(frozen=True, slots=True)
class Owner:
    """Who printed it. `user_name` is the one spelling used for every comparison."""

    user_name: str
    authenticated: bool  # by a password, not only by the name that a trusted network gave
    client_address: str


@dataclass(frozen=True, slots=True)
class Document:
    """The job's document in the spool; `document_format` is what the client called it."""

    document_format: str
    octets: int
    document_name: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Fields that have an IPP attribute carry its name (RFC 8011 section 5.3, PWG 5100.7)."""

    job_id: int
    uuid: str  # names the spool file, too
    queue: str
    owner: Owner
    job_name: str
    attributes: tuple[Attribute, ...]  # the job template as accepted: all of it goes to the device
    ticket: Ticket  # what of it changes the paper, the device's defaults of that day filled in
    created_at: datetime
    moving: OnItsWay | None = None  # of one that goes to another print server
    first_queue: str = ""  # where it was accepted, if it was redirected since: its client asks for it there
    state: JobState = JobState.INCOMING
    document: Document | None = None
    attempt: int = 1  # grows when the job is decided anew
    hold_wanted: bool = False  # hold it as soon as it can be held
    findings: DocumentSummary | None = None  # what analysis found
    device_uri: str | None = None
    device_job_id: int | None = None
    cancelled_by: str | None = None  # a cancel that is under way at the device
    job_password: JobPassword | None = None  # its PIN
    in_doubt: bool = False  # held because nobody knows what the device did with it
    job_state_reasons: tuple[str, ...] = ()
    job_state_message: str = ""
    processing_at: datetime | None = None
    completed_at: datetime | None = None
    output: Output | None = None  # what came out, once the state is final
    job_id_unique: bool = False  # its job-id is given once in the whole installation (contract.job_ids)
    cups: CupsJob | None = None  # its life in CUPS, for a job of a queue that CUPS owns
    by_rules: ByRules = NO_RULES  # what became of it by rules

    @property
    def waits_for_password(self) -> bool:
        """True if it goes on with its PIN only."""
        return self.job_password is not None and not self.job_password.given

    @property
    def is_first_time(self) -> bool:
        """True until it was released for the first time."""
        return self.attempt == 1 + self.by_rules.sent_back

    @property
    def asked(self) -> TicketPart:
        """What the client said of the ticket."""
        return read_asked(Group(GroupTag.JOB, self.attributes))

    @property
    def effective_ticket(self) -> Ticket:
        """What holds, once it is known what the document itself sets; before, what was accepted."""
        return (self.findings.ticket if self.findings else None) or self.ticket

    def description(self) -> JobDescription:
        """The job as the Application Server is told of it; only for a job with a document."""
        assert self.document is not None, f"job {self.job_id} has no document yet"
        said = Group(GroupTag.JOB, self.attributes)
        ticket = self.effective_ticket
        return JobDescription(
            job_id=self.uuid,
            queue=self.queue,
            user_name=self.owner.user_name,
            authenticated=self.owner.authenticated,
            job_name=self.job_name,
            document_format=self.document.document_format,
            octets=self.document.octets,
            client_address=self.owner.client_address,
            submitted_at=self.created_at,
            copies=ticket.copies,
            sides=ticket.sides,
            number_up=ticket.number_up,
            media=ticket.media,
            print_color_mode=ticket.print_color_mode,
            job_account_id=said.string("job-account-id") or "",
            job_accounting_user_id=said.string("job-accounting-user-id") or "",
            ipp_job_id=self.job_id if self.job_id_unique else None,
            redirected=bool(self.first_queue),
            forced=self.by_rules.forced,
            let_go=self.by_rules.let_go,
        )
