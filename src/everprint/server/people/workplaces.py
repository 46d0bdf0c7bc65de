"""Departments and offices: found by their name in any case of its letters, and made when somebody is the first there.

They are what the directory, a table or an administrator calls them. One that nobody is in any more is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from everprint.server.people.models import Department, Office, User

LONGEST_NAME = 128

Workplace = TypeVar("Workplace", Department, Office)


def workplace_named(kind: type[Workplace], name: str) -> Workplace | None:
    """The one of that name, made if there is none; None for an empty name."""
    name = as_kept(name)
    if not name:
        return None
    return kind.objects.filter(name__iexact=name).first() or kind.objects.get_or_create(name=name)[0]


def workplaces_named(kind: type[Workplace], names: Iterable[str]) -> dict[str, int]:
    """The id of each name, in the one case of its letters that case-folding gives; made where there is none."""
    wanted = {kept.casefold(): kept for kept in map(as_kept, names) if kept}
    if not wanted:
        return {}
    ids = {name.casefold(): pk for pk, name in kind.objects.values_list("pk", "name")}
    for folded in sorted(wanted.keys() - ids.keys()):
        ids[folded] = kind.objects.get_or_create(name=wanted[folded])[0].pk
    return {folded: ids[folded] for folded in wanted}


def as_kept(name: str) -> str:
    """The name with single spaces, and no longer than it may be."""
    return " ".join(name.split())[:LONGEST_NAME].strip()


def in_use(kind: type[Workplace]) -> QuerySet[Workplace]:
    """Those in which somebody is."""
    return kind.objects.filter(Exists(User.objects.filter(**{kind.__name__.lower(): OuterRef("pk")})))


def name_of(workplace: Department | Office | None) -> str:
    """Its name; empty for none."""
    return workplace.name if workplace else ""
