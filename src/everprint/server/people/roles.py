"""Roles that an installation makes beside the built-in three, and who has them: single users and whole groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from everprint.server.access.permissions import Permission, known_permissions
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.authority import check_may_give
from everprint.server.people.models import OwnRole

LONGEST_NAME = 100


class RoleExists(Exception):
    """The name is taken, by another role or by a built-in one."""


class RoleTerms(TypedDict, total=False):
    """What can be set of a role; what is left out stays."""

    name: str
    permissions: Sequence[Permission]
    users: Sequence[int]
    groups: Sequence[int]


def settable(role: OwnRole) -> dict[str, object]:
    """What is stored of what can be set: the edition of a role is made of it."""
    return {
        "name": role.name,
        "permissions": sorted(role.permissions),
        "users": sorted(role.users.values_list("pk", flat=True)),
        "groups": sorted(role.groups.values_list("pk", flat=True)),
    }


def create_role(terms: RoleTerms) -> OwnRole:
    """A new role, given to those users and groups.

    Raises RoleExists, BeyondOwn.
    """

    def work() -> OwnRole:
        role = OwnRole(name=_free_name(terms["name"], None))
        _write(role, terms)
        note("role.make", role, after=_kept(role))
        return role

    return transact(work)


def change_role_terms(role_id: int, terms: RoleTerms, seen: str | None) -> OwnRole:
    """Changes a role; `seen` is the edition that the editor saw, None if they do not mind.

    Raises OwnRole.DoesNotExist, EditedMeanwhile, RoleExists, BeyondOwn.
    """

    def work() -> OwnRole:
        role = OwnRole.objects.select_for_update().get(pk=role_id)
        check_edition(settable(role), seen)
        before = _kept(role)
        check_may_give(known_permissions(role.permissions))
        if "name" in terms:
            role.name = _free_name(terms["name"], role)
        _write(role, terms)
        note("role.change", role, before, _kept(role))
        return role

    return transact(work)


def remove_role(role: OwnRole) -> None:
    """Takes the role away from everybody.

    Raises BeyondOwn.
    """

    def work() -> None:
        check_may_give(known_permissions(role.permissions))
        note("role.remove", role, _kept(role))
        role.delete()

    transact(work)


def _write(role: OwnRole, terms: RoleTerms) -> None:
    if "permissions" in terms:
        role.permissions = sorted(permission.value for permission in terms["permissions"])
    check_may_give(known_permissions(role.permissions))
    role.save()
    if "users" in terms:
        role.users.set(terms["users"])
    if "groups" in terms:
        role.groups.set(terms["groups"])


def _free_name(name: str, role: OwnRole | None) -> str:
    name = " ".join(name.split())
    others = OwnRole.objects.exclude(pk=role.pk) if role else OwnRole.objects.all()
    if name.lower() in ("administrator", "operator", "user") or others.filter(name__iexact=name).exists():
        raise RoleExists(f"There is already a role called {name}.")
    return name


def _kept(role: OwnRole) -> dict[str, object]:
    return {
        "name": role.name,
        "permissions": sorted(role.permissions),
        "users": sorted(role.users.values_list("name", flat=True)),
        "groups": sorted(role.groups.values_list("name", flat=True)),
    }
