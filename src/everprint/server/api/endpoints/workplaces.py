"""The departments and offices that somebody is in: reports and lists of users ask for them by id."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Id
from everprint.server.people.models import Department, Office
from everprint.server.people.workplaces import in_use

departments_area = Area("Users")
offices_area = Area("Users")


class WorkplaceRecord(BaseModel):
    """A department or an office."""

    id: Id
    name: str
    users: int = Field(description="How many are in it")


@departments_area.get("", list[WorkplaceRecord], needs=Permission.VIEW_USERS)
def list_departments(request: HttpRequest) -> list[WorkplaceRecord]:
    """List the departments that somebody is in."""
    return _records(in_use(Department))


@offices_area.get("", list[WorkplaceRecord], needs=Permission.VIEW_USERS)
def list_offices(request: HttpRequest) -> list[WorkplaceRecord]:
    """List the offices that somebody is in."""
    return _records(in_use(Office))


def _records(found: QuerySet[Department] | QuerySet[Office]) -> list[WorkplaceRecord]:
    counted = found.annotate(user_count=Count("users")).values_list("pk", "name", "user_count")
    return [WorkplaceRecord(id=pk, name=name, users=users) for pk, name, users in counted]
