"""An external program as directory: what it prints is a table of people, one a line.

Columns: `name`, and any of `key` (what stays when the name changes; empty: the name), `full_name`, `email`, `groups`
(with | between them). It is started without a shell, and what it prints is bounded in octets and time.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.directory.people import (
    LONGEST_KEY,
    DirectoryAnswer,
    DirectoryAway,
    DirectoryPerson,
    Problem,
)
from everprint.server.people.csv_table import BadCsv, Row, read_table

MOST_PEOPLE = 1_000_000
MOST_OCTETS = 256 * 2**20
LONGEST_S = 600.0
_MOST_SAID = 500
COLUMNS = ("key", "full_name", "email", "groups")


def ask_program(command: Sequence[str], longest_s: float = LONGEST_S) -> DirectoryAnswer:
    """Everybody whom the program prints.

    Raises DirectoryAway if it cannot be started, fails, takes too long, or prints what is no such table.
    """
    return read_people(_run(command, longest_s))


def read_people(data: bytes) -> DirectoryAnswer:
    """The people of the table; lines that cannot be used are problems.

    Raises DirectoryAway for what is no table.
    """
    try:
        rows, bad = read_table(data, ("name",), COLUMNS, most_lines=MOST_PEOPLE)
    except BadCsv as error:
        raise DirectoryAway(
            f"what the directory's program printed cannot be read: {error.problems[0].message}"
        ) from None
    problems = [Problem(f"line {line.line}", line.message) for line in bad]
    people: list[DirectoryPerson] = []
    for row in rows:
        try:
            people.append(_person(row))
        except (BadUserName, ValueError) as error:
            problems.append(Problem(f"line {row.line}", str(error)))
    return DirectoryAnswer(tuple(people), tuple(problems))


def _person(row: Row) -> DirectoryPerson:
    name = canonical_user_name(row.fields["name"])
    said = {column: row.fields.get(column, "") for column in COLUMNS}
    key = said["key"] or name
    if len(key) > LONGEST_KEY:
        raise ValueError(f"key: it has at most {LONGEST_KEY} characters")
    groups = (" ".join(group.split()) for group in said["groups"].split("|"))
    return DirectoryPerson(key, name, said["full_name"], said["email"], frozenset(group for group in groups if group))


def _run(command: Sequence[str], longest_s: float) -> bytes:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        try:
            done = subprocess.run(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=complained,
                timeout=longest_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DirectoryAway(f"{command[0]} did not end within {longest_s:g} seconds") from None
        except OSError as error:
            raise DirectoryAway(f"{command[0]} cannot be started: {error.strerror}") from None
        if done.returncode != 0:
            complained.seek(0)
            words = complained.read(_MOST_SAID).decode("utf-8", "replace").strip()
            raise DirectoryAway(f"{command[0]} failed with status {done.returncode}: {words or 'it said nothing'}")
        size = said.tell() if said.tell() else said.seek(0, 2)
        if size > MOST_OCTETS:
            raise DirectoryAway(f"{command[0]} printed more than {MOST_OCTETS // 2**20} MiB")
        said.seek(0)
        return said.read()
