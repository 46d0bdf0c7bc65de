"""A job, from the request that created it to its final state (RFC 8011 section 5.3); what `job.json` holds."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from everprint.documents.ticket import Ticket
from everprint.virtual_printer.plain import PlainValue


class JobState(StrEnum):
    """*job-state* by its keyword (RFC 8011 section 5.3.7)."""

    PENDING = "pending"
    PENDING_HELD = "pending-held"
    PROCESSING = "processing"
    PROCESSING_STOPPED = "processing-stopped"
    CANCELED = "canceled"
    ABORTED = "aborted"
    COMPLETED = "completed"

    @property
    def is_final(self) -> bool:
        """True if nothing can follow."""
        return self in (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)

    @property
    def enum(self) -> int:
        """The number that IPP gives it."""
        return 3 + list(JobState).index(self)


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


class Job(msgspec.Struct, kw_only=True, eq=False):
    """One job. Only its device changes it. Figures *completed* are what really came out."""

    job_id: int
    key: str  # its folder's name: the number and something random, because numbers may come again
    job_uuid: str = msgspec.field(default_factory=lambda: uuid.uuid4().urn)
    user_name: str
    job_name: str
    state: JobState = JobState.PENDING
    state_reasons: tuple[str, ...] = ("none",)
    state_message: str = ""
    sheets_completed: int = 0
    impressions_completed: int = 0
    colour_impressions_completed: int = 0
    pages: int | None = None  # of the document; None until it is known
    sheets: int | None = None  # of all copies
    impressions: int | None = None
    pictures: list[str] = []  # file names, in order of printing
    document_format: str = "application/octet-stream"
    document_octets: int = 0
    document_sha256: str = ""  # empty until the whole document is there
    created_at: datetime = msgspec.field(default_factory=now)
    processing_at: datetime | None = None
    completed_at: datetime | None = None
    forgotten: bool = False  # the printer lost power and now denies that there ever was such a job
    ticket: Ticket = Ticket()
    attributes: dict[str, PlainValue] = {}  # the job template attributes as asked and accepted, for people
    attributes_ipp: bytes = b""  # the same as IPP octets

    @property
    def has_document(self) -> bool:
        """True once the whole document is there."""
        return bool(self.document_sha256)
