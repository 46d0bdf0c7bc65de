"""Asks the directory that the settings name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from everprint.server.directory.ldap_people import ask_ldap
from everprint.server.directory.people import DirectoryAnswer, DirectoryAway, Problem
from everprint.server.directory.program import ask_program, read_file
from everprint.server.directory_settings import CSV, LDAP, DirectorySettings
from everprint.server.people.groups import LONGEST_NAME


def ask_directory(settings: DirectorySettings) -> DirectoryAnswer:
    """Everybody in it, with the groups that are taken, each person and name once.

    Raises DirectoryAway.
    """
    if not settings.directory:
        raise DirectoryAway("no directory is set: see the setting directory")
    if settings.directory == LDAP:
        return without_doubles(ask_ldap(settings))
    if settings.directory == CSV:
        answer = read_file(Path(settings.directory_file))
    else:
        answer = ask_program(settings.directory_program)
    wanted = {name.casefold() for name in settings.directory_groups}
    if wanted:
        people = (
            replace(person, groups=frozenset(name for name in person.groups if name.casefold() in wanted))
            for person in answer.people
        )
        answer = replace(answer, people=tuple(people))
    return without_doubles(answer)


def without_doubles(answer: DirectoryAnswer) -> DirectoryAnswer:
    """The same, where of two with one name or key the first is taken, and groups have one spelling."""
    names: dict[str, str] = {}
    keys: set[str] = set()
    spelling: dict[str, str] = {}
    people = []
    problems = list(answer.problems)
    for person in answer.people:
        if person.name in names or person.key in keys:
            problems.append(Problem(person.name, "another one in the directory has the same name or key"))
            continue
        names[person.name] = person.key
        keys.add(person.key)
        groups = frozenset(spelling.setdefault(name.casefold(), name) for name in person.groups)
        if too_long := [name for name in groups if len(name) > LONGEST_NAME]:
            problems.append(Problem(person.name, f"the name of the group {too_long[0][:50]}... is too long"))
            groups -= set(too_long)
        people.append(replace(person, groups=groups))
    return DirectoryAnswer(tuple(people), tuple(problems))
