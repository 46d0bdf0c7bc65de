"""The printer at one moment, as GET /state tells it."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import msgspec

from everprint.virtual_printer.job import Job
from everprint.virtual_printer.printer import Printer

JOBS_SHOWN = 50
PICTURES_SHOWN = 12


class JobLine(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the page shows it."""

    job_id: int
    key: str
    job_name: str
    user_name: str
    state: str
    message: str
    document_format: str
    copies: int
    sides: str
    number_up: int
    print_color_mode: str
    pages: int | None
    sheets: int | None
    sheets_completed: int
    impressions_completed: int
    colour_impressions_completed: int
    created_at: datetime
    completed_at: datetime | None
    pictures: list[str]  # addresses of the first ones
    more_pictures: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know without asking for more."""

    revision: int
    name: str
    make_and_model: str
    colour: bool
    power: bool
    state: str  # idle, processing, stopped or off
    state_message: str
    state_reasons: tuple[str, ...]
    accepting: str  # yes, busy or not-accepting
    pages_per_minute: float
    answer_delay_s: float
    garbage: bool
    toner: int
    papers: list[str]
    paper_left: int | None
    jam_after: int | None
    abort_after: int | None
    queued: int
    identified: int
    jobs_remembered: int
    sheets_completed: int  # of all jobs that are remembered
    impressions_completed: int
    jobs: list[JobLine]  # the newest first


def take_snapshot(printer: Printer) -> Snapshot:
    """The printer now."""
    device, troubles = printer.device, printer.troubles
    jobs = device.jobs if device else {}
    return Snapshot(
        revision=printer.changes.revision,
        name=printer.model.name,
        make_and_model=printer.model.make_and_model,
        colour=printer.model.colour,
        power=device is not None,
        state=device.state if device else "off",
        state_message=printer.state_message,
        state_reasons=troubles.state_reasons,
        accepting=troubles.refusal.value if troubles.refusal else "yes",
        pages_per_minute=printer.pace.pages_per_minute,
        answer_delay_s=troubles.answer_delay_s,
        garbage=troubles.garbage,
        toner=troubles.toner,
        papers=[paper.label for paper in printer.model.loaded],
        paper_left=troubles.paper_left,
        jam_after=troubles.jam_after,
        abort_after=troubles.abort_after,
        queued=device.queued if device else 0,
        identified=printer.identified,
        jobs_remembered=len(jobs),
        sheets_completed=sum(job.sheets_completed for job in jobs.values()),
        impressions_completed=sum(job.impressions_completed for job in jobs.values()),
        jobs=[job_line(job) for job in islice(reversed(jobs.values()), JOBS_SHOWN)],
    )


def job_line(job: Job) -> JobLine:
    """One job for the page."""
    return JobLine(
        job_id=job.job_id,
        key=job.key,
        job_name=job.job_name,
        user_name=job.user_name,
        state=job.state.value,
        message=job.state_message,
        document_format=job.document_format,
        copies=job.ticket.copies,
        sides=job.ticket.sides.value,
        number_up=job.ticket.number_up,
        print_color_mode=job.ticket.print_color_mode,
        pages=job.pages,
        sheets=job.sheets,
        sheets_completed=job.sheets_completed,
        impressions_completed=job.impressions_completed,
        colour_impressions_completed=job.colour_impressions_completed,
        created_at=job.created_at,
        completed_at=job.completed_at,
        pictures=[f"/pictures/{job.key}/{name}" for name in job.pictures[:PICTURES_SHOWN]],
        more_pictures=max(0, len(job.pictures) - PICTURES_SHOWN),
    )
