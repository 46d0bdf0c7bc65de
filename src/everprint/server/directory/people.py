"""What a directory says: people, each with the groups that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_KEY = 255


class DirectoryAway(Exception):
    """The directory cannot be asked, or what it says cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """Somebody in the directory; `groups` are all of theirs, also those that they are in by another group."""

    key: str  # what the directory knows them by for ever
    name: str  # in its one spelling (contract.user_names)
    full_name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()
    department: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Somebody or something in the directory that cannot be taken as it is."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class DirectoryAnswer:
    """All that a directory says."""

    people: tuple[DirectoryPerson, ...]
    problems: tuple[Problem, ...] = ()
