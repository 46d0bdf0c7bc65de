"""Changing what is known about a user and their account's limits: all of it or nothing, never over another's edit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.utils import timezone

from everprint.server.access.permissions import Role
from everprint.server.accounts.holders import open_personal_account, set_limits, tell_print_servers
from everprint.server.accounts.models import Account
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.authority import check_may_change, check_may_join
from everprint.server.people.models import Group, User
from everprint.server.people.users import change_active, change_details, change_role, change_workplace
from everprint.server.people.workplaces import name_of


class BadLastDay(ValueError):
    """A user who is enabled cannot have a last day that is over."""


class UserChanges(TypedDict, total=False):
    """What can be changed; what is left out stays."""

    full_name: str
    email: str
    department: str  # its name; empty: none
    office: str
    role: str
    is_active: bool
    groups: list[int]
    last_day: date | None  # None: for ever
    restricted: bool
    overdraft: Decimal | None  # None: as far as the installation says


def own_overdraft(account: Account) -> Decimal | None:
    """The account's overdraft; None if it is that of the installation."""
    return account.overdraft if account.overdraft_is_own else None


def changeable(user: User, account: Account) -> dict[str, object]:
    """What is stored of what can be changed: the edition of a user is made of it."""
    return {
        "full_name": user.full_name,
        "email": user.email,
        "department": name_of(user.department),
        "office": name_of(user.office),
        "role": user.role,
        "is_active": user.is_active,
        "last_day": user.last_day,
        "groups": sorted(user.print_groups.values_list("pk", flat=True)),
        "restricted": account.restricted,
        "overdraft": own_overdraft(account),
    }


def named(values: dict[str, object]) -> dict[str, object]:
    """The same with the groups' names instead of their ids: for people to read."""
    groups = Group.objects.filter(pk__in=values["groups"])  # type: ignore[misc] # a list of ids
    return {**values, "groups": sorted(group.name for group in groups)}


def check_last_day(user: User) -> None:
    """Raises BadLastDay for who is enabled beyond their last day."""
    if user.is_active and user.last_day is not None and user.last_day < timezone.localdate():
        raise BadLastDay(f"the last day of {user.name}, {user.last_day:%Y-%m-%d}, is over: set a later one, or none")


def change_user(user_id: int, changes: UserChanges, seen: str | None) -> User:
    """Stores the changes; `seen` is the edition that the editor saw, None if they do not mind.

    Raises User.DoesNotExist, EditedMeanwhile, BadEmail, LastAdministrator, MergedUser, BelowFloor, BeyondOwn,
    BadLastDay.
    """

    def work() -> User:
        user = User.objects.select_for_update().get(pk=user_id)
        account = open_personal_account(user)
        before = named(changeable(user, account))
        check_edition(changeable(user, account), seen)
        check_may_change(user)
        if "role" in changes:
            change_role(user, Role(changes["role"]))
        if "is_active" in changes:
            change_active(user, changes["is_active"])
        if "last_day" in changes:
            user.last_day = changes["last_day"]
            user.save(update_fields=["last_day"])
        if {"is_active", "last_day"} & changes.keys():
            check_last_day(user)
        change_details(
            user, full_name=changes.get("full_name", user.full_name), email=changes.get("email", user.email)
        )
        if {"department", "office"} & changes.keys():
            change_workplace(user, department=changes.get("department"), office=changes.get("office"))
        if "groups" in changes:
            joined = Group.objects.filter(pk__in=changes["groups"]).exclude(members=user)
            check_may_join(joined)
            user.print_groups.set(changes["groups"])
            tell_print_servers([user])
        if "restricted" in changes or "overdraft" in changes:
            set_limits(
                account.pk,
                restricted=changes.get("restricted", account.restricted),
                overdraft=changes.get("overdraft", own_overdraft(account)),
            )
        account.refresh_from_db()
        note("user.change", user, before, named(changeable(user, account)), name=user.name)
        return user

    return transact(work)
