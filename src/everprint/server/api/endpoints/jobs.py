"""Jobs: the job log, one job with its time line, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field, StringConstraints

from everprint.contract.job_life import FINAL, JobState
from everprint.contract.job_passwords import LEAST_OCTETS, MOST_OCTETS
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints.printers import Redirection, target_of
from everprint.server.api.fields import Body, Day, Id, Money, ShortText, Switch
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.jobs.history import Step
from everprint.server.jobs.kept import details_of, steps_of
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import order_cancel, order_hold, order_release, order_release_with_pin
from everprint.server.jobs.queries import (
    NEWEST_SEARCHED,
    JobFilter,
    among_newest,
    is_cut,
    jobs_releasable_by,
    jobs_visible_to,
    looks_at_many,
    matching,
    without_details,
)
from everprint.server.jobs.redirection import order_redirect
from everprint.server.jobs.resubmission import document_until, order_resubmit
from everprint.server.jobs.sentences import as_read
from everprint.server.pages.listing import Column
from everprint.server.pages.person import person
from everprint.server.people.models import User
from everprint.server.people.queries import names_of

area = Area("Jobs")

COLUMNS = (
    Column("number", "Job", "number", number=True),
    Column("document", "Document", "name"),
    Column("user", "User", "user_name"),
    Column("printer", "Printer", "printer__name"),
    Column("state", "State", "state"),
    Column("pages", "Pages", "pages", number=True),
    Column("impressions", "Impressions", "printed_impressions", number=True),
    Column("sheets", "Sheets", "printed_sheets", number=True),
    Column("cost", "Cost", "cost_charged", number=True),
    Column("submitted", "Submitted", "submitted_at"),
)

StateWanted = StrEnum("StateWanted", [("UNFINISHED", "unfinished"), *((s.name, s.value) for s in JobState)])  # type: ignore[misc] # the states and one word more


class JobRecord(BaseModel):
    """A job as the job log shows it."""

    number: Id
    uuid: UUID
    user: str = Field(description="The name that it came with, in its one spelling if it is known")
    owner: Id | None = Field(description="The user's id; none if the name is nobody's")
    document: str
    printer: str
    printer_id: Id
    provider: str
    state: JobState
    reason: str = Field(description="Why it is held, refused or ended")
    in_doubt: bool
    waits_for_pin: bool = Field(description="It is released with its PIN only")
    pages: int | None = Field(description="Of the document; none until they are counted, and if they cannot be")
    copies: int
    sides: str
    media: str | None
    impressions: int = Field(description="What came out")
    colour_impressions: int
    sheets: int
    counted: int | None = Field(description="How far the printer's own counter moved, where that is checked")
    counter_remark: str = Field(description="Why the job was not settled on that; empty: it was, or is not checked")
    cost_reserved: Money
    cost_charged: Money
    cost_uncollected: Money = Field(description="Printed beyond what the account could pay")
    offline: bool = Field(description="Decided by its Print Provider while this server was away")
    client_address: str
    submitted_at: datetime
    finished_at: datetime | None
    document_until: datetime | None = Field(description="Until then its print server wants to keep its document")


class JobsFound(Found[JobRecord]):
    """A page of the job log."""

    searched: int | None = Field(
        description="Only so many of the newest jobs were looked at, as a text is looked for or they are sorted by "
        "what has no index, and neither a user, a printer nor days narrow it. None: all were"
    )


class JobPin(Body):
    """The PIN that a job was sent with."""

    pin: Annotated[str, StringConstraints(min_length=LEAST_OCTETS, max_length=MOST_OCTETS)]


class StepRecord(BaseModel):
    """A line of a job's time line."""

    at: datetime
    event: str
    state: JobState
    text: str
    by: str
    moved: bool = Field(description="False: it came late or could not happen, and is only recorded")


class JobWithSteps(JobRecord):
    """A job with its time line."""

    steps: list[StepRecord]


class JobsAsked(Asked):
    """Which jobs."""

    text: ShortText = Field("", description="In the document's or the user's name, or the job's number")
    state: StateWanted | None = None
    printer: Id | None = Field(None, description="The id of a printer")
    user: ShortText = Field("", description="A user's name")
    first_day: Day | None = Field(None, description="In the installation's time zone, included")
    last_day: Day | None = Field(None, description="Included")
    unpaid: Switch = Field(False, description="Only those printed beyond what the account could pay")
    offline: Switch = Field(False, description="Only those decided while this server was away")
    sort: str = sort_field(COLUMNS, "-number")

    def wanted(self) -> JobFilter:
        """The filter as the job log takes it."""
        states: tuple[JobState, ...] = ()
        if self.state is not None:
            unfinished = tuple(state for state in JobState if state not in FINAL)
            states = unfinished if self.state.value == "unfinished" else (JobState(self.state.value),)
        return JobFilter(
            text=self.text.strip(),
            states=states,
            printer=self.printer,
            user=self.user.strip(),
            first_day=self.first_day,
            last_day=self.last_day,
            unpaid=self.unpaid,
            offline=self.offline,
        )


def _facts(job: Job) -> dict[str, object]:
    details = details_of(job)
    return {
        "number": job.number,
        "uuid": job.uuid,
        "user": job.user_name,
        "owner": job.owner_id,
        "document": job.name,
        "printer": job.printer.name,
        "printer_id": job.printer_id,
        "provider": job.provider.name,
        "state": job.job_state,
        "reason": job.reason,
        "in_doubt": job.in_doubt,
        "waits_for_pin": bool(job.password_encryption),
        "pages": job.pages,
        "copies": job.copies,
        "sides": details.sides,
        "media": details.media,
        "impressions": job.printed_impressions,
        "colour_impressions": job.printed_colour_impressions,
        "sheets": job.printed_sheets,
        "counted": job.counted,
        "counter_remark": job.counter_remark,
        "cost_reserved": job.cost_reserved,
        "cost_charged": job.cost_charged,
        "cost_uncollected": job.cost_uncollected,
        "offline": job.offline,
        "client_address": job.client_address,
        "submitted_at": job.submitted_at,
        "finished_at": job.finished_at,
        "document_until": document_until(job),
    }


def record_of(job: Job) -> JobRecord:
    """The job as the API lists it."""
    return JobRecord.model_validate(_facts(job))


def jobs_found(jobs: QuerySet[Job], asked: JobsAsked) -> Found[JobRecord]:
    """Those of the jobs that are asked for."""
    return found(matching(without_details(jobs), asked.wanted()), COLUMNS, asked, asked.sort, record_of)


@area.get("", JobsFound, needs=Permission.VIEW_JOBS)
def list_jobs(request: HttpRequest, asked: Query[JobsAsked]) -> JobsFound:
    """List everybody's jobs; a text is looked for among the newest, unless something else narrows the search."""
    jobs, wanted = jobs_visible_to(person(request)), asked.wanted()
    order = next(column.order_by for column in COLUMNS if column.key == asked.sort.removeprefix("-"))
    searched = looks_at_many(wanted, order)
    listed = jobs_found(among_newest(jobs, wanted) if searched else jobs, asked)
    return JobsFound(**dict(listed), searched=NEWEST_SEARCHED if searched and is_cut(wanted) else None)


@area.get("/{int:number}", JobWithSteps, needs=Permission.USE_OWN)
def get_job(request: HttpRequest, number: Id) -> JobWithSteps:
    """Get one job with its time line: one's own, or anybody's for those who may see them."""
    return with_steps(_visible(request, number))


@area.post("/{int:number}/release", JobWithSteps, needs=Permission.USE_OWN)
def release_job(request: HttpRequest, number: Id) -> JobWithSteps:
    """Order a held job to go on: one's own, somebody's who let one, or anybody's."""
    return _released(request, number, order_release)


@area.post("/{int:number}/release-with-pin", JobWithSteps, needs=Permission.USE_OWN)
def release_job_with_pin(request: HttpRequest, number: Id, given: JobPin) -> JobWithSteps:
    """Order a job that waits for its PIN to go on; its Print Provider compares it, and counts wrong ones."""
    return _released(request, number, lambda job, user: order_release_with_pin(job, user, given.pin))


@area.post("/{int:number}/hold", JobWithSteps, needs=Permission.USE_OWN)
def hold_job(request: HttpRequest, number: Id) -> JobWithSteps:
    """Order a job to be held, if the printer does not have it yet."""
    return _ordered(request, number, order_hold)


@area.post("/{int:number}/cancel", JobWithSteps, needs=Permission.USE_OWN)
def cancel_job(request: HttpRequest, number: Id) -> JobWithSteps:
    """Order a job to be cancelled, wherever it stands."""
    return _ordered(request, number, order_cancel)


@area.post("/{int:number}/print-again", JobWithSteps, needs=Permission.USE_OWN)
def print_job_again(request: HttpRequest, number: Id) -> JobWithSteps:
    """Order a job that is over to be printed again, as a new job, while its document is kept."""
    return _ordered(request, number, order_resubmit)


@area.post("/{int:number}/redirect", JobWithSteps, needs=Permission.USE_OWN)
def redirect_job(request: HttpRequest, number: Id, wanted: Redirection) -> JobWithSteps:
    """Order a job that waits to be sent to another printer, of whichever Print Provider."""
    target = target_of(wanted)
    return _ordered(request, number, lambda job, actor: order_redirect(job, target, actor))


def _ordered(request: HttpRequest, number: int, order: Callable[[Job, User], None]) -> JobWithSteps:
    job = _visible(request, number)
    order(job, person(request))
    return with_steps(job)


def _released(request: HttpRequest, number: int, order: Callable[[Job, User], None]) -> JobWithSteps:
    user = person(request)
    job = get_object_or_404(jobs_releasable_by(user), pk=number)
    order(job, user)
    return with_steps(job)


def _visible(request: HttpRequest, number: int) -> Job:
    return get_object_or_404(jobs_visible_to(person(request)), pk=number)


def with_steps(job: Job) -> JobWithSteps:
    """The job with its time line."""
    steps = steps_of(job)
    names = names_of(step.actor for step in steps)
    return JobWithSteps.model_validate({**_facts(job), "steps": [_step(step, names) for step in steps]})


def _step(step: Step, names: Mapping[int | None, str]) -> StepRecord:
    return StepRecord(
        at=step.at,
        event=step.event,
        state=JobState(step.state),
        text=as_read(step.text),
        by="" if step.actor is None else names[step.actor],
        moved=step.moved,
    )
