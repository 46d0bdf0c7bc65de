"""From the contract's messages to a job's row: one translation, used by decisions and by reported events."""

from __future__ import annotations

import logging
import uuid
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from everprint.contract.job_life import JobState
from everprint.contract.messages import DocumentSummary, JobDescription
from everprint.documents.result import Output
from everprint.documents.ticket import Ticket
from everprint.server.jobs.models import Job
from everprint.server.jobs.text import kept
from everprint.server.providers.job_ids import is_given_to

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger(__name__)


def new_job(number: uuid.UUID, description: JobDescription, provider: uuid.UUID, printer: int, at: datetime) -> Job:
    """A job as its provider accepted it; not saved."""
    return Job(
        uuid=number,
        provider_id=provider,
        printer_id=printer,
        user_name=kept(description.user_name, 255),
        authenticated=description.authenticated,
        name=kept(description.job_name, 255),
        document_format=kept(description.document_format, 255),
        octets=description.octets,
        client_address=kept(description.client_address, 64),
        submitted_at=description.submitted_at,
        copies=description.copies,
        sides=kept(description.sides, 30),
        number_up=description.number_up,
        media=None if description.media is None else kept(description.media, 255),
        print_color_mode=kept(description.print_color_mode, 30),
        job_account_id=kept(description.job_account_id, 255),
        job_accounting_user_id=kept(description.job_accounting_user_id, 255),
        ipp_job_id=job_id_of(provider, description),
        state=JobState.INCOMING.value,
        state_at=at,
    )


def job_id_of(provider: uuid.UUID, description: JobDescription) -> int | None:
    """Its job-id, if it is one that its provider was given."""
    number = description.ipp_job_id
    if number is None or is_given_to(provider, number):
        return number
    log.error("job-id is of no block of its provider job=%s ipp_job_id=%d", description.job_id, number)
    return None


def note_logged(job: Job, description: JobDescription) -> None:
    """A job that was printed for nobody is somebody's again, for it is decided anew; not saved."""
    job.unlogged = False
    job.user_name, job.name = kept(description.user_name, 255), kept(description.job_name, 255)
    job.authenticated, job.client_address = description.authenticated, kept(description.client_address, 64)
    job.job_account_id = kept(description.job_account_id, 255)
    job.job_accounting_user_id = kept(description.job_accounting_user_id, 255)


def note_document(job: Job, document: DocumentSummary) -> None:
    """Writes what analysis found into the job, and the ticket that holds since; not saved."""
    job.document = {name: _clean(value) for name, value in _said(document).items()}
    if document.ticket is not None:
        _note_ticket(job, document.ticket)
    if document.output is None:
        job.pages = job.sheets = job.impressions = job.colour_impressions = None
        return
    job.pages = document.pages
    job.sheets = document.output.sheets
    job.impressions = document.output.impressions
    job.colour_impressions = document.output.colour_impressions


def _note_ticket(job: Job, ticket: Ticket) -> None:
    job.copies, job.sides, job.number_up = ticket.copies, ticket.sides.value, ticket.number_up
    job.media = None if ticket.media is None else kept(ticket.media, 255)
    job.print_color_mode = kept(ticket.print_color_mode, 30)


def note_output(job: Job, output: Output) -> None:
    """Writes what came out into the job; not saved."""
    job.output = asdict(output)
    job.printed_sheets = output.sheets
    job.printed_impressions = output.impressions
    job.printed_colour_impressions = output.colour_impressions


def _said(value: DocumentSummary | DataclassInstance) -> dict[str, Any]:
    """As JSON, without what is as it is by default: that is most of it, and comes back when it is read."""
    described = msgspec.structs.fields(value) if isinstance(value, msgspec.Struct) else fields(value)
    said: dict[str, Any] = {}
    for field in described:
        inner = getattr(value, field.name)
        is_default = inner == field.default or (field.default_factory is list and inner == [])
        is_part = is_dataclass(inner) and not isinstance(inner, type)
        if not is_default:
            said[field.name] = _said(inner) if is_part else msgspec.to_builtins(inner)
    return said


def _clean(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON whose texts are kept (PostgreSQL's jsonb refuses NUL)."""
    if isinstance(value, str):
        return kept(value, 500)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value
