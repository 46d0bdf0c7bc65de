"""What a sync changes: the directory compared with what is here. Plain functions on values, no database.

A person is known by their key; one who has none here yet and whose name is here already becomes the directory's. Who
is in the directory no more is disabled, never removed; who comes back is enabled, unless an administrator disabled
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from everprint.server.directory.people import DirectoryPerson, Problem

FEW = 5  # so many may go at any time


class TooManyGone(Exception):
    """So many people would be disabled that the directory is rather wrong, or read only in part."""


class Kind(StrEnum):
    """What becomes of somebody."""

    NEW = "new"
    CHANGED = "changed"
    ADOPTED = "adopted"  # was here before, and is the directory's from now on
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody here whom the directory has, or had."""

    user: int
    key: str
    name: str
    full_name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()  # of those that are the directory's
    left: bool = False
    department: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one person; `before` and `after` hold what differs. `person` is None of who is gone."""

    kind: Kind
    name: str
    user: int | None  # None: nobody yet
    person: DirectoryPerson | None
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a sync changes."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    groups: frozenset[str]  # all that the directory's people are in

    def number(self, kind: Kind) -> int:
        """How many of that kind there are."""
        return sum(change.kind is kind for change in self.changes)


@dataclass(frozen=True, slots=True)
class _Names:
    """Which names are somebody's here."""

    known: AbstractSet[str]
    others: Mapping[str, int]
    before: Mapping[str, int]

    def why_not(self, name: str, user: int | None) -> str:
        """Why that user (None: a new one) cannot have the name now; empty if they can."""
        if name in self.known:
            return f"another person of the directory is called {name} here"
        if name in self.others:
            return f"another user is called {name}: merge them, or rename one"
        if self.before.get(name, user) != user:
            return f"somebody was called {name} before: give them another name"
        return ""


def plan(
    people: Sequence[DirectoryPerson],
    known: Sequence[KnownPerson],
    others: Mapping[str, int],
    taken: Mapping[str, int] | None = None,
) -> Plan:
    """The changes that make what is here as the directory is.

    `others` are the users whom no directory has, by name; `taken` are names that nobody else can have, with who was
    called so before.
    """
    by_key = {person.key: person for person in known}
    names = _Names({person.name for person in known}, others, taken or {})
    changes: list[Change] = []
    problems: list[Problem] = []
    for person in people:
        there = by_key.get(person.key)
        if there is not None:
            if there.name != person.name and (why := names.why_not(person.name, there.user)):
                problems.append(Problem(there.name, why))
                continue
            before, after = _different(there, person)
            if after:
                changes.append(Change(Kind.CHANGED, there.name, there.user, person, before, after))
        elif person.name in others:
            changes.append(Change(Kind.ADOPTED, person.name, others[person.name], person, {}, _shown(person)))
        elif why := names.why_not(person.name, None):
            problems.append(Problem(person.name, why))
        else:
            changes.append(Change(Kind.NEW, person.name, None, person, {}, _shown(person)))
    there_still = {person.key for person in people}
    changes += [
        Change(Kind.GONE, person.name, person.user, None, {"in_directory": True}, {"in_directory": False})
        for person in known
        if person.key not in there_still and not person.left
    ]
    groups = frozenset(name for person in people for name in person.groups)
    return Plan(tuple(changes), tuple(problems), groups)


def check_not_too_many(made: Plan, known: Iterable[KnownPerson], most_percent: int) -> None:
    """Raises TooManyGone."""
    here = sum(not person.left for person in known)
    gone = made.number(Kind.GONE)
    if gone > FEW and gone * 100 > here * most_percent:
        raise TooManyGone(
            f"{gone} of {here} people are not in the directory any more, which is more than {most_percent} %. "
            "Nothing was changed. If that is right, let them go by a sync that is told so"
        )


def _shown(person: DirectoryPerson) -> dict[str, object]:
    said = {
        "full_name": person.full_name,
        "email": person.email,
        "department": person.department,
        "office": person.office,
        "groups": sorted(person.groups),
    }
    return {key: value for key, value in said.items() if value}


def _different(there: KnownPerson, person: DirectoryPerson) -> tuple[dict[str, object], dict[str, object]]:
    """What differs, as it is and as the directory says; what the directory does not say stays."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for key, was, now in (
        ("name", there.name, person.name),
        ("full_name", there.full_name, person.full_name or there.full_name),
        ("email", there.email, person.email or there.email),
        ("department", there.department, _workplace(there.department, person.department)),
        ("office", there.office, _workplace(there.office, person.office)),
        ("groups", sorted(there.groups), sorted(person.groups)),
        ("in_directory", not there.left, True),
    ):
        if was != now:
            before[key], after[key] = was, now
    return before, after


def _workplace(there: str, said: str) -> str:
    """What the directory says, unless it says nothing, or the same in other letters."""
    return said if said and said.casefold() != there.casefold() else there
