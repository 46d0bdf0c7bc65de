"""A job as its provider accepted it, and what analysis found of its document."""

from __future__ import annotations

from datetime import datetime

import msgspec

from everprint.documents.result import Confidence, Coverage, Output
from everprint.documents.ticket import SidesKeyword, Ticket, TicketPart


class PageRun(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive pages of a document that are alike; `first` and `last` count from 1.

    `copies`, `sides` and `starts_sheet` are what the document sets for each of these pages, as far as it holds
    against the job's ticket (documents.merge).
    """

    first: int
    last: int
    width_mm: float
    height_mm: float
    media: str
    colour: bool
    blank: bool = False
    copies: int = 1
    sides: SidesKeyword | None = None
    starts_sheet: bool = False


class DocumentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What analysis found. `output` is None when the confidence is *unknown*.

    `settings` is what the document sets for itself, `ticket` what holds of that and of what was asked for the job.
    `coverage` is the mean over all pages, None where a page's is not known. Providers older than these fields leave
    them out; then the ticket is what the JobDescription says.
    """

    language: str
    confidence: Confidence
    pages: int
    output: Output | None
    page_runs: list[PageRun] = []
    reason: str = ""
    remarks: list[str] = []
    settings: TicketPart | None = None
    ticket: Ticket | None = None
    coverage: Coverage | None = None


class JobDescription(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its provider accepted it. `job_id` is its UUIDv7 and the idempotency key of all that concerns it."""

    job_id: str
    queue: str
    user_name: str
    authenticated: bool  # by a password, not only by the name a trusted network gave
    job_name: str
    document_format: str
    octets: int
    client_address: str
    submitted_at: datetime
    copies: int = 1
    sides: str = "one-sided"
    number_up: int = 1
    media: str | None = None
    print_color_mode: str = "auto"
    # Whom to charge, in the client's words (PWG 5100.7); shown, and no more.
    job_account_id: str = ""
    job_accounting_user_id: str = ""
    # By which IPP clients know it, if that number is given once in the whole installation (contract.job_ids).
    ipp_job_id: int | None = None
    # What became of it by rules so far (contract.rules).
    redirected: bool = False  # to the queue that it is in now, by whomever
    forced: tuple[str, ...] = ()  # the rules' actions that its provider changed it by
    let_go: tuple[int, ...] = ()  # rules that held it until somebody released it
