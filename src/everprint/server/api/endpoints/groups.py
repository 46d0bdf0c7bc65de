"""Print groups and their members."""

from __future__ import annotations

from http import HTTPStatus

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints import users
from everprint.server.api.endpoints.users import UserRecord
from everprint.server.api.fields import Body, Id, Name, ShortText
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.pages.listing import Column
from everprint.server.people.groups import add_member, create_group, remove_group, remove_member
from everprint.server.people.models import Group, User
from everprint.server.people.queries import users_matching

area = Area("Groups")

COLUMNS = (Column("name", "Group", "name"), Column("members", "Members", "member_count", number=True))


class GroupRecord(BaseModel):
    """A print group."""

    id: Id
    name: str
    members: int = Field(description="How many users belong to it")


class GroupsAsked(Asked):
    """Which groups."""

    text: ShortText = Field("", description="In the name")
    sort: str = sort_field(COLUMNS, "name")


class MembersAsked(Asked):
    """Which members."""

    text: ShortText = Field("", description="In the name, the full name or the e-mail address")
    sort: str = sort_field(users.COLUMNS, "name")


class NewGroup(Body):
    """A group to be made."""

    name: Name


def _groups() -> QuerySet[Group]:
    return Group.objects.annotate(member_count=Count("members"))


def _record(group: Group) -> GroupRecord:
    return GroupRecord(id=group.pk, name=group.name, members=getattr(group, "member_count", 0))


@area.get("", Found[GroupRecord], needs=Permission.VIEW_USERS)
def list_groups(request: HttpRequest, asked: Query[GroupsAsked]) -> Found[GroupRecord]:
    """List groups."""
    return found(_groups().filter(name__icontains=asked.text.strip()), COLUMNS, asked, asked.sort, _record)


@area.post("", GroupRecord, needs=Permission.MANAGE_USERS, status=HTTPStatus.CREATED)
def create_a_group(request: HttpRequest, wanted: NewGroup) -> GroupRecord:
    """Make a group."""
    return _record(create_group(wanted.name))


@area.get("/{int:group_id}", GroupRecord, needs=Permission.VIEW_USERS)
def get_group(request: HttpRequest, group_id: Id) -> GroupRecord:
    """Get one group."""
    return _record(get_object_or_404(_groups(), pk=group_id))


@area.delete("/{int:group_id}", needs=Permission.MANAGE_USERS)
def remove_a_group(request: HttpRequest, group_id: Id) -> None:
    """Remove a group; its members stay users."""
    remove_group(get_object_or_404(Group, pk=group_id))


@area.get("/{int:group_id}/members", Found[UserRecord], needs=Permission.VIEW_USERS)
def list_members(request: HttpRequest, group_id: Id, asked: Query[MembersAsked]) -> Found[UserRecord]:
    """List a group's members."""
    group = get_object_or_404(Group, pk=group_id)
    rows = users_matching(asked.text.strip(), group=group.pk)
    return found(rows, users.COLUMNS, asked, asked.sort, users.record_of)


@area.put("/{int:group_id}/members/{int:user_id}", None, needs=Permission.MANAGE_USERS)
def add_a_member(request: HttpRequest, group_id: Id, user_id: Id) -> None:
    """Let a user belong to a group."""
    add_member(get_object_or_404(Group, pk=group_id), get_object_or_404(User, pk=user_id))


@area.delete("/{int:group_id}/members/{int:user_id}", needs=Permission.MANAGE_USERS)
def remove_a_member(request: HttpRequest, group_id: Id, user_id: Id) -> None:
    """End that a user belongs to a group."""
    remove_member(get_object_or_404(Group, pk=group_id), get_object_or_404(User, pk=user_id))
