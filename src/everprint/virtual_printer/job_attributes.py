"""A job in the attributes of IPP (Get-Job-Attributes, RFC 8011 section 5.3)."""

from __future__ import annotations

from datetime import datetime

from everprint.ipp.codec import decode
from everprint.ipp.message import (
    Attribute,
    charset,
    date_time,
    enum,
    integer,
    keyword,
    mime_media_type,
    name,
    natural_language,
    no_value,
    text,
    uri,
)
from everprint.virtual_printer.job import Job


def template_attributes(job: Job) -> tuple[Attribute, ...]:
    """What was asked for (group *job-template*)."""
    return decode(job.attributes_ipp).job.attributes if job.attributes_ipp else ()


def status_attributes(job: Job, printer_uri: str) -> tuple[Attribute, ...]:
    """What every answer to a job's creation says."""
    return (
        integer("job-id", job.job_id),
        uri("job-uri", f"{printer_uri}/{job.job_id}"),
        uri("job-uuid", job.job_uuid),
        enum("job-state", job.state.enum),
        keyword("job-state-reasons", *job.state_reasons),
        text("job-state-message", job.state_message),
    )


def job_attributes(
    job: Job, printer_uri: str, page: str, powered_at: datetime, up_time: int
) -> tuple[Attribute, ...]:
    """Everything but the template (group *job-description*); `powered_at` is when *printer-up-time* was 1."""
    return (
        *status_attributes(job, printer_uri),
        charset("attributes-charset", "utf-8"),
        natural_language("attributes-natural-language", "en"),
        _moment("date-time-at-completed", job.completed_at),
        _moment("date-time-at-creation", job.created_at),
        _moment("date-time-at-processing", job.processing_at),
        mime_media_type("document-format", job.document_format),
        _count("job-impressions", job.impressions),
        integer("job-impressions-completed", job.impressions_completed),
        integer("job-k-octets", -(-job.document_octets // 1024)),
        _count("job-media-sheets", job.sheets),
        integer("job-media-sheets-completed", job.sheets_completed),
        uri("job-more-info", page),
        name("job-name", job.job_name),
        name("job-originating-user-name", job.user_name),
        _count("job-pages", job.pages),
        integer("job-printer-up-time", up_time),
        uri("job-printer-uri", printer_uri),
        integer("number-of-documents", 1 if job.has_document else 0),
        _up_time("time-at-completed", job.completed_at, powered_at),
        _up_time("time-at-creation", job.created_at, powered_at),
        _up_time("time-at-processing", job.processing_at, powered_at),
    )


def _moment(attribute: str, moment: datetime | None) -> Attribute:
    return date_time(attribute, moment) if moment else no_value(attribute)


def _count(attribute: str, number: int | None) -> Attribute:
    return integer(attribute, number) if number is not None else no_value(attribute)


def _up_time(attribute: str, moment: datetime | None, powered_at: datetime) -> Attribute:
    """In seconds of *printer-up-time*; what was before power-on is 0 (RFC 8011 section 5.3.14)."""
    if moment is None:
        return no_value(attribute)
    return integer(attribute, max(0, int((moment - powered_at).total_seconds()) + 1))
