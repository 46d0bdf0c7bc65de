"""A job as clients see it (RFC 8011 section 5.3, PWG 5100.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from everprint.contract.job_life import JobState
from everprint.ipp.message import (
    Attribute,
    Group,
    charset,
    date_time,
    integer,
    keyword,
    mime_media_type,
    name,
    natural_language,
    no_value,
    text,
    uri,
)
from everprint.ipp.requested_attributes import RequestedAttributes
from everprint.ipp.tags import GroupTag
from everprint.provider.front.call import Asked
from everprint.provider.job import Job
from everprint.provider.job_state import state_attributes

# What people see of a job that is not theirs: that it is there and how far it is, not what it is or whose.
PUBLIC = frozenset(
    {
        "job-id", "job-uri", "job-printer-uri", "job-uuid", "job-state", "job-state-reasons", "job-k-octets",
        "job-impressions", "job-impressions-completed", "job-media-sheets-completed", "job-printer-up-time",
        "time-at-creation", "time-at-processing", "time-at-completed", "number-of-intervening-jobs",
    }
)  # fmt: skip


def job_uri(call: Asked, job: Job) -> str:
    """The URI of a job: its queue's, by the scheme that the client used, and its number."""
    return f"{call.printer_uri()}/{job.job_id}"


def status_group(call: Asked, job: Job) -> Group:
    """What the client is told of a job that it made or sent a document to (RFC 8011 section 4.2.1.2)."""
    return Group(GroupTag.JOB, (*_identity(call, job), *_state(job)))


def job_group(call: Asked, job: Job, wanted: RequestedAttributes, public_only: bool = False) -> Group:
    """The job's attributes that were asked for."""
    if wanted.names <= {"job-id", "job-uri"}:
        return Group(GroupTag.JOB, wanted.of_job(_identity(call, job)))
    attributes = wanted.of_job(_all(call, job))
    if public_only:
        attributes = tuple(attribute for attribute in attributes if attribute.name in PUBLIC)
    return Group(GroupTag.JOB, attributes)


def _identity(call: Asked, job: Job) -> tuple[Attribute, ...]:
    return uri("job-uri", job_uri(call, job)), integer("job-id", job.job_id)


def _state(job: Job) -> Iterator[Attribute]:
    yield from state_attributes(job)
    yield text("job-state-message", job.job_state_message.encode()[:1023].decode("utf-8", "ignore"))


def _all(call: Asked, job: Job) -> Iterator[Attribute]:
    yield from _identity(call, job)
    yield from _state(job)
    yield uri("job-uuid", f"urn:uuid:{job.uuid}")
    yield uri("job-printer-uri", call.printer_uri())
    yield name("job-name", job.job_name)
    yield name("job-originating-user-name", job.owner.user_name)
    yield charset("attributes-charset", "utf-8")
    yield natural_language("attributes-natural-language", "en")
    yield from _document(job)
    yield from _progress(job)
    yield from _times(call, job)
    holds = job.hold_wanted or job.state is JobState.HELD
    yield keyword("job-hold-until", "indefinite" if holds else "no-hold")
    yield from (attribute for attribute in job.attributes if attribute.name != "job-hold-until")


def _document(job: Job) -> Iterator[Attribute]:
    yield integer("number-of-documents", 0 if job.document is None else 1)
    if job.document is not None:
        yield integer("job-k-octets", (job.document.octets + 1023) >> 10)
        yield mime_media_type("document-format", job.document.document_format)
        yield name("document-name", job.document.document_name)


def _progress(job: Job) -> Iterator[Attribute]:
    output = job.findings.output if job.findings else None
    if output is not None:
        yield integer("job-impressions", output.impressions)
        yield integer("job-media-sheets", output.sheets)
    if job.output is not None:
        yield integer("job-impressions-completed", job.output.impressions)
        yield integer("job-media-sheets-completed", job.output.sheets)
    elif job.state not in (JobState.DELIVERING, JobState.PRINTING):
        yield integer("job-impressions-completed", 0)
        yield integer("job-media-sheets-completed", 0)


def _times(call: Asked, job: Job) -> Iterator[Attribute]:
    """Moments twice: as dates, and as printer-up-time, which jobs of an earlier start reach back from (0)."""
    up_time = call.front.up_time.now()
    yield integer("job-printer-up-time", up_time)
    moments = (
        ("creation", job.created_at),
        ("processing", job.processing_at),
        ("completed", job.completed_at),
    )
    for what, moment in moments:
        if moment is None:
            yield no_value(f"time-at-{what}")
            yield no_value(f"date-time-at-{what}")
        else:
            age_s = int((datetime.now(moment.tzinfo) - moment).total_seconds())
            yield integer(f"time-at-{what}", max(0, up_time - age_s))
            yield date_time(f"date-time-at-{what}", moment)
