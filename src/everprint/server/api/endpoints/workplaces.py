"""Departments and offices: reports and lists of users ask for them by id; they are renamed, and two made one."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.endpoints.users import Workplace as WorkplaceName
from everprint.server.api.fields import Body, Id
from everprint.server.people.models import Department, Office
from everprint.server.people.workplace_edits import Workplace, editable, merge_workplaces, rename_workplace
from everprint.server.people.workplaces import in_use

departments_area = Area("Users")
offices_area = Area("Users")


class WorkplaceRecord(BaseModel):
    """A department or an office."""

    id: Id
    name: str
    users: int = Field(description="How many are in it")


class NewWorkplaceName(Body):
    """What it is called from now on, in old reports too."""

    name: WorkplaceName


class WorkplaceMerge(Body):
    """Which one it is from now on."""

    into: Id = Field(description="The id of the one that stays")


@departments_area.get("", list[WorkplaceRecord], needs=Permission.VIEW_USERS)
def list_departments(request: HttpRequest) -> list[WorkplaceRecord]:
    """List the departments that somebody is in."""
    return _records(in_use(Department))


@departments_area.get("/{int:department_id}", WorkplaceRecord, needs=Permission.VIEW_USERS)
def get_department(request: HttpRequest, department_id: Id, response: HttpResponse) -> WorkplaceRecord:
    """Get one department; the answer has an ETag."""
    return _with_tag(get_object_or_404(Department, pk=department_id), response)


@departments_area.patch("/{int:department_id}", WorkplaceRecord, needs=Permission.MANAGE_USERS)
def rename_a_department(
    request: HttpRequest, department_id: Id, wanted: NewWorkplaceName, response: HttpResponse, if_match: IfMatch
) -> WorkplaceRecord:
    """Give a department another name; with If-Match, only if nobody else did meanwhile."""
    found = get_object_or_404(Department, pk=department_id)
    return _with_tag(rename_workplace(found, wanted.name, seen(if_match)), response)


@departments_area.post("/{int:department_id}/merge", WorkplaceRecord, needs=Permission.MANAGE_USERS)
def merge_a_department(request: HttpRequest, department_id: Id, wanted: WorkplaceMerge) -> WorkplaceRecord:
    """Make everybody who is in a department be in another one; the answer is that one."""
    found, into = get_object_or_404(Department, pk=department_id), get_object_or_404(Department, pk=wanted.into)
    return _record(merge_workplaces(found, into))


@offices_area.get("", list[WorkplaceRecord], needs=Permission.VIEW_USERS)
def list_offices(request: HttpRequest) -> list[WorkplaceRecord]:
    """List the offices that somebody is in."""
    return _records(in_use(Office))


@offices_area.get("/{int:office_id}", WorkplaceRecord, needs=Permission.VIEW_USERS)
def get_office(request: HttpRequest, office_id: Id, response: HttpResponse) -> WorkplaceRecord:
    """Get one office; the answer has an ETag."""
    return _with_tag(get_object_or_404(Office, pk=office_id), response)


@offices_area.patch("/{int:office_id}", WorkplaceRecord, needs=Permission.MANAGE_USERS)
def rename_an_office(
    request: HttpRequest, office_id: Id, wanted: NewWorkplaceName, response: HttpResponse, if_match: IfMatch
) -> WorkplaceRecord:
    """Give an office another name; with If-Match, only if nobody else did meanwhile."""
    found = get_object_or_404(Office, pk=office_id)
    return _with_tag(rename_workplace(found, wanted.name, seen(if_match)), response)


@offices_area.post("/{int:office_id}/merge", WorkplaceRecord, needs=Permission.MANAGE_USERS)
def merge_an_office(request: HttpRequest, office_id: Id, wanted: WorkplaceMerge) -> WorkplaceRecord:
    """Make everybody who is in an office be in another one; the answer is that one."""
    found, into = get_object_or_404(Office, pk=office_id), get_object_or_404(Office, pk=wanted.into)
    return _record(merge_workplaces(found, into))


def _records(found: QuerySet[Department] | QuerySet[Office]) -> list[WorkplaceRecord]:
    counted = found.annotate(user_count=Count("users")).values_list("pk", "name", "user_count")
    return [WorkplaceRecord(id=pk, name=name, users=users) for pk, name, users in counted]


def _with_tag(workplace: Workplace, response: HttpResponse) -> WorkplaceRecord:
    tag(response, editable(workplace))
    return _record(workplace)


def _record(workplace: Workplace) -> WorkplaceRecord:
    return WorkplaceRecord(id=workplace.pk, name=workplace.name, users=workplace.users.count())
