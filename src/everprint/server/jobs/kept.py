"""Reads what is kept of a job wherever it stands: in columns and rows of its own, or packed in its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from everprint.server.jobs.history import Details, History, Step, pack, unpack, without_people, without_texts
from everprint.server.jobs.models import Decision, Job, JobStep
from everprint.server.jobs.sentences import as_stored

_NOTHING = History(Details())


def details_of(job: Job) -> Details:
    """What nobody looks for by itself: the document, what came out, what its provider noted, its ticket in words. Of
    a job that was read without its large columns these are None, unless they are packed."""
    if job.history is None:
        return _in_columns(job)
    return _newest(job, _packed(job).details)


def steps_of(job: Job) -> list[Step]:
    """The time line, in the order in which it was recorded."""
    rows = JobStep.objects.filter(job=job).order_by("pk")
    return [*_packed(job).steps, *(as_step(row) for row in rows)]


def steps_of_many(jobs: Sequence[Job]) -> dict[int, list[Step]]:
    """The time lines of all of these jobs, by their numbers."""
    found = {job.number: list(_packed(job).steps) for job in jobs}
    for row in JobStep.objects.filter(job__in=found).order_by("pk"):
        found[row.job_id].append(as_step(row))
    return found


def answer_to(job: Job, attempt: int) -> str | None:
    """The answer to that attempt, word for word; None if there was none."""
    row = Decision.objects.filter(job=job, attempt=attempt).values_list("answer", flat=True).first()
    return row if row is not None else _packed(job).answers.get(attempt)


def answers_before(job: Job, attempt: int) -> Iterable[str]:
    """The answers to all earlier attempts, in no order."""
    rows = Decision.objects.filter(job=job, attempt__lt=attempt).values_list("attempt", "answer")
    packed = {number: answer for number, answer in _packed(job).answers.items() if number < attempt}
    return {**packed, **dict(rows)}.values()


def pack_job(job: Job, steps: Iterable[Step], answers: Mapping[int, str]) -> bytes:
    """The job's history with these steps and answers added to what is packed already."""
    before = _packed(job)
    whole = History(details_of(job), (*before.steps, *steps), {**before.answers, **answers})
    return pack(whole, job.submitted_at)


def open_again(job: Job) -> None:
    """Of a job that turns out not to be over: its columns say again what they said; not saved. Its time line so far
    stays packed."""
    if job.history is None:
        return
    details = details_of(job)
    job.document, job.output, job.noted = details.document, details.output, details.noted
    job.document_format, job.sides, job.media = details.document_format, details.sides, details.media
    job.print_color_mode = details.print_color_mode
    job.device_job_id, job.processing_at = details.device_job_id, details.processing_at


def forget_people(job: Job) -> None:
    """Takes out of its history all that could say whose it was; not saved."""
    if job.history is not None:
        job.history = pack(without_people(_packed(job)), job.submitted_at)


def forget_packed_texts(jobs: QuerySet[Job], *, answers_too: bool = True) -> None:
    """Takes what was written on the way out of the histories of all of these jobs; saved."""
    for job in jobs.exclude(history=None).iterator():
        left = without_texts(_packed(job))
        history = History(left.details, left.steps, {} if answers_too else left.answers)
        Job.objects.filter(pk=job.pk).update(history=pack(history, job.submitted_at))


def as_step(row: JobStep) -> Step:
    """A row of the time line as it is packed."""
    return Step(row.at, row.event, row.state, as_stored(row.text), row.actor_id, row.moved, row.sequence)


def _packed(job: Job) -> History:
    return _NOTHING if job.history is None else unpack(job.history, job.submitted_at)


def _in_columns(job: Job) -> Details:
    return Details(
        document=_read(job, "document"),
        output=_read(job, "output"),
        noted=job.noted,
        document_format=job.document_format,
        sides=job.sides,
        media=job.media,
        print_color_mode=job.print_color_mode,
        device_job_id=job.device_job_id,
        processing_at=job.processing_at,
    )


def _read(job: Job, column: str) -> dict[str, Any] | None:
    """A large column, unless it was left in the database (queries.without_details)."""
    found: dict[str, Any] | None = job.__dict__.get(column)
    return found


def _newest(job: Job, packed: Details) -> Details:
    """A column that was written since then is the newer word."""
    newer = _in_columns(job)
    return Details(
        document=packed.document if newer.document is None else newer.document,
        output=packed.output if newer.output is None else newer.output,
        noted=packed.noted if newer.noted is None else newer.noted,
        document_format=newer.document_format or packed.document_format,
        sides=newer.sides or packed.sides,
        media=packed.media if newer.media is None else newer.media,
        print_color_mode=newer.print_color_mode or packed.print_color_mode,
        device_job_id=packed.device_job_id if newer.device_job_id is None else newer.device_job_id,
        processing_at=packed.processing_at or newer.processing_at,  # the first time counts
    )
