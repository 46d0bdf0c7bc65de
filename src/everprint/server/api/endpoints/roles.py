"""Roles: the built-in three, and those that this installation made, with who has them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import ROLE_PERMISSIONS, Permission, Role
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.endpoints.users import groups_with
from everprint.server.api.fields import Body, Id, Name
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.api.problem import Refused
from everprint.server.pages.listing import Column
from everprint.server.people.models import OwnRole, User
from everprint.server.people.roles import (
    LONGEST_NAME,
    RoleTerms,
    change_role_terms,
    create_role,
    remove_role,
    settable,
)

area = Area("Roles")

RoleName = Annotated[Name, Field(max_length=LONGEST_NAME)]

COLUMNS = (Column("name", "Role", "name"),)


class BuiltInRecord(BaseModel):
    """A built-in role."""

    name: Role
    permissions: list[Permission]


class RoleRecord(BaseModel):
    """A role that this installation made."""

    id: Id
    name: str
    permissions: list[str]
    users: list[Id] = Field(description="Ids of the users who have it themselves")
    groups: list[Id] = Field(description="Ids of the groups whose members have it")


class RolesAsked(Asked):
    """Which roles."""

    sort: str = sort_field(COLUMNS, "name")


class RolePatch(Body):
    """What to change; what is left out stays."""

    name: RoleName | None = None
    permissions: list[Permission] | None = Field(None, max_length=100)
    users: list[Id] | None = Field(None, max_length=1000)
    groups: list[Id] | None = Field(None, max_length=1000)


class NewRole(Body):
    """A role to be made."""

    name: RoleName
    permissions: list[Permission] = Field(max_length=100)
    users: list[Id] = Field(default=[], max_length=1000)
    groups: list[Id] = Field(default=[], max_length=1000)


def _record(role: OwnRole) -> RoleRecord:
    return RoleRecord.model_validate({"id": role.pk, **settable(role)})


@area.get("/built-in", list[BuiltInRecord], needs=Permission.VIEW_USERS)
def list_built_in_roles(request: HttpRequest) -> list[BuiltInRecord]:
    """List the built-in roles."""
    return [BuiltInRecord(name=role, permissions=sorted(may)) for role, may in ROLE_PERMISSIONS.items()]


@area.get("", Found[RoleRecord], needs=Permission.VIEW_USERS)
def list_roles(request: HttpRequest, asked: Query[RolesAsked]) -> Found[RoleRecord]:
    """List the roles that this installation made."""
    return found(OwnRole.objects.all(), COLUMNS, asked, asked.sort, _record)


@area.post("", RoleRecord, needs=Permission.MANAGE_ROLES, status=HTTPStatus.CREATED)
def make_a_role(request: HttpRequest, wanted: NewRole, response: HttpResponse) -> RoleRecord:
    """Make a role of permissions that one has oneself, and give it."""
    check_holders(wanted.users, wanted.groups)
    return _with_tag(create_role(cast(RoleTerms, wanted.model_dump())), response)


@area.get("/{int:role_id}", RoleRecord, needs=Permission.VIEW_USERS)
def get_role(request: HttpRequest, role_id: Id, response: HttpResponse) -> RoleRecord:
    """Get one role; the answer has an ETag."""
    return _with_tag(get_object_or_404(OwnRole, pk=role_id), response)


@area.patch("/{int:role_id}", RoleRecord, needs=Permission.MANAGE_ROLES)
def change_a_role(
    request: HttpRequest, role_id: Id, wanted: RolePatch, response: HttpResponse, if_match: IfMatch
) -> RoleRecord:
    """Change a role or who has it; with If-Match, only if nobody else did meanwhile."""
    check_holders(wanted.users or [], wanted.groups or [])
    terms = cast(RoleTerms, wanted.model_dump(exclude_none=True))
    try:
        role = change_role_terms(role_id, terms, seen(if_match))
    except OwnRole.DoesNotExist:
        raise Http404 from None
    return _with_tag(role, response)


@area.delete("/{int:role_id}", needs=Permission.MANAGE_ROLES)
def remove_a_role(request: HttpRequest, role_id: Id) -> None:
    """Remove a role; nobody has it any more."""
    remove_role(get_object_or_404(OwnRole, pk=role_id))


def check_holders(users: list[int], groups: list[int]) -> None:
    """Raises Refused for an id that no user or no group has."""
    groups_with(groups)
    missing = sorted(set(users) - set(User.objects.filter(pk__in=users).values_list("pk", flat=True)))
    if missing:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-user", f"No user has the id {missing[0]}.")


def _with_tag(role: OwnRole, response: HttpResponse) -> RoleRecord:
    tag(response, settable(role))
    return _record(role)
