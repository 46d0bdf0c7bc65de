"""Releasing held jobs: which wait for whoever asks, and who may release for whom."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field, StringConstraints

from everprint.contract.job_passwords import LEAST_OCTETS, MOST_OCTETS
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints import jobs
from everprint.server.api.fields import Body, Id, Money, Name
from everprint.server.api.problem import Refused
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import with_expected_costs
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible
from everprint.server.jobs.queries import jobs_operated_by, jobs_releasable_by, jobs_waiting_for, without_details
from everprint.server.pages.person import person
from everprint.server.people.models import User
from everprint.server.release.delegates import MOST_DELEGATES, Delegates, delegates_of, set_delegates
from everprint.server.release.find_me import places_for, printers_for, release_at

area = Area("Release")

MOST_WAITING = 200


class WaitingRecord(BaseModel):
    """A held job."""

    job: jobs.JobRecord
    own: bool = Field(description="False: somebody else's, who let one release it")
    expected_cost: Money | None = Field(description="For its owner, on its printer; none if it is not known")
    expires_at: datetime | None = Field(description="When it ends; none: as its Print Provider says")


class PlaceRecord(BaseModel):
    """A printer where a Find-Me job could be released."""

    printer: Id
    name: str
    provider: str
    location: str
    misfits: list[str] = Field(description="What of the job it cannot do; empty: the job can be released there")
    cost: Money | None = Field(description="What the job will cost its owner there; none if it is not known")


class ReleaseAt(Body):
    """Where a Find-Me job shall be printed."""

    printer: Annotated[Id, Field(strict=True)]
    pin: Annotated[str, StringConstraints(min_length=LEAST_OCTETS, max_length=MOST_OCTETS)] | None = Field(
        None, description="Of a job that was sent with one"
    )


class DelegatesRecord(BaseModel):
    """Who may release somebody's jobs."""

    users: list[str]
    groups: list[str] = Field(description="Whoever is in one of them")


class NewDelegates(Body):
    """Who shall be able to release somebody's jobs; nobody else is then."""

    users: list[Name] = Field(max_length=MOST_DELEGATES)
    groups: list[Name] = Field(max_length=MOST_DELEGATES)


@area.get("/jobs", list[WaitingRecord], needs=Permission.USE_OWN)
def list_jobs_to_release(request: HttpRequest) -> list[WaitingRecord]:
    """List held jobs that wait for whoever asks, their own and those of others, the newest 200."""
    user = person(request)
    hours = read_settings().hold_hours
    return [
        WaitingRecord(
            job=jobs.record_of(job),
            own=job.owner_id == user.pk,
            expected_cost=cost,
            expires_at=expires_at(job, hours),
        )
        for job, cost in with_expected_costs(jobs_waiting_for(user)[:MOST_WAITING])
    ]


@area.get("/operated", list[jobs.JobRecord], needs=Permission.USE_OWN)
def list_operated_jobs(request: HttpRequest) -> list[jobs.JobRecord]:
    """List the jobs that wait or print at the printers that whoever asks operates, the newest 200."""
    found = without_details(jobs_operated_by(person(request)))
    return [jobs.record_of(job) for job in found[:MOST_WAITING]]


@area.get("/jobs/{int:number}/printers", list[PlaceRecord], needs=Permission.USE_OWN)
def list_printers_for_a_job(request: HttpRequest, number: Id) -> list[PlaceRecord]:
    """List the printers where a Find-Me job can be released, at most 200, and what it costs there."""
    job = _find_me_job(request, number)
    return [
        PlaceRecord(
            printer=place.printer.pk,
            name=place.printer.name,
            provider=place.printer.provider.name,
            location=place.printer.location,
            misfits=[str(misfit) for misfit in place.misfits],
            cost=place.cost,
        )
        for place in places_for(job, printers_for(job)[:MOST_WAITING])
    ]


@area.post("/jobs/{int:number}", jobs.JobWithSteps, needs=Permission.USE_OWN)
def release_job_at(request: HttpRequest, number: Id, wanted: ReleaseAt) -> jobs.JobWithSteps:
    """Order a Find-Me job to be printed at a printer."""
    job = _find_me_job(request, number)
    printer = printers_for(job).filter(pk=wanted.printer).first()
    if printer is None:
        text = "There is no printer of this id where the job can be released."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-printer", text)
    release_at(job, printer, person(request), pin=wanted.pin or "")
    return jobs.with_steps(job)


@area.get("/my-delegates", DelegatesRecord, needs=Permission.USE_OWN)
def get_my_delegates(request: HttpRequest) -> DelegatesRecord:
    """Get who may release the jobs of whoever asks."""
    return _record(delegates_of(person(request)))


@area.put("/my-delegates", DelegatesRecord, needs=Permission.USE_OWN)
def set_my_delegates(request: HttpRequest, wanted: NewDelegates) -> DelegatesRecord:
    """Set who may release the jobs of whoever asks."""
    return _record(set_delegates(person(request), wanted.users, wanted.groups))


@area.get("/delegates-of/{int:user_id}", DelegatesRecord, needs=Permission.VIEW_USERS)
def get_the_delegates(request: HttpRequest, user_id: Id) -> DelegatesRecord:
    """Get who may release a user's jobs."""
    return _record(delegates_of(get_object_or_404(User, pk=user_id)))


@area.put("/delegates-of/{int:user_id}", DelegatesRecord, needs=Permission.MANAGE_USERS)
def set_the_delegates(request: HttpRequest, user_id: Id, wanted: NewDelegates) -> DelegatesRecord:
    """Set who may release a user's jobs."""
    return _record(set_delegates(get_object_or_404(User, pk=user_id), wanted.users, wanted.groups))


def _find_me_job(request: HttpRequest, number: int) -> Job:
    job = get_object_or_404(jobs_releasable_by(person(request)), pk=number)
    if not job.printer.is_find_me:
        raise NotPossible(f"job {job.number} is released where it waits, at {job.printer.name}")
    return job


def _record(named: Delegates) -> DelegatesRecord:
    return DelegatesRecord(users=list(named.users), groups=list(named.groups))
