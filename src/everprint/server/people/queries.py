"""Questions about users: which of them, with their account and groups at hand."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from everprint.server.people.models import User
from everprint.server.people.searching import with_text


def users_matching(
    text: str = "",
    role: str = "",
    group: int | None = None,
    department: int | None = None,
    office: int | None = None,
) -> QuerySet[User]:
    """Those with the text in a name or the e-mail address, with that role, in that group, that department and that
    office: all that is given."""
    users = User.objects.select_related("account", "department", "office").prefetch_related("print_groups", "cards")
    if text:
        users = with_text(users, text)
    if role:
        users = users.filter(role=role)
    if department is not None:
        users = users.filter(department=department)
    if office is not None:
        users = users.filter(office=office)
    return users if group is None else users.filter(print_groups=group)


def names_of(users: Iterable[int | None]) -> dict[int | None, str]:
    """What users with those ids are called; empty for one that is not there."""
    wanted = {user for user in users if user is not None}
    if not wanted:
        return {}
    found: dict[int | None, str] = dict.fromkeys(wanted, "")
    found.update(User.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return found
