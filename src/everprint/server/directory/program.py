"""An external program, or a file, as directory: what it prints, or has in it, is a table of people, one a line.

Columns: `name`, and any of `key` (what stays when the name changes; empty: the name), `full_name`, `email`,
`department`, `office`, `groups` (with | between them). It is started without a shell; it is ended when it prints too
much or takes too long.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

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
_PIECE = 64 * 1024
COLUMNS = ("key", "full_name", "email", "department", "office", "groups")


def ask_program(
    command: Sequence[str], longest_s: float = LONGEST_S, most_octets: int = MOST_OCTETS
) -> DirectoryAnswer:
    """Everybody whom the program prints.

    Raises DirectoryAway if it cannot be started, fails, takes too long, or prints what is no such table.
    """
    return read_people(_run(command, longest_s, most_octets))


def read_file(path: Path, most_octets: int = MOST_OCTETS) -> DirectoryAnswer:
    """Everybody in the file.

    Raises DirectoryAway if it cannot be read, is too large, or is no such table.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most_octets + 1)
    except OSError as error:
        raise DirectoryAway(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > most_octets:
        raise DirectoryAway(f"{path} has more than {most_octets / 2**20:g} MiB")
    return read_people(data)


def read_people(data: bytes) -> DirectoryAnswer:
    """The people of the table; lines that cannot be used are problems.

    Raises DirectoryAway for what is no table.
    """
    try:
        rows, bad = read_table(data, ("name",), COLUMNS, most_lines=MOST_PEOPLE)
    except BadCsv as error:
        raise DirectoryAway(f"the directory's table of people cannot be read: {error.problems[0].message}") from None
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
    return DirectoryPerson(
        key,
        name,
        said["full_name"],
        said["email"],
        frozenset(group for group in groups if group),
        department=said["department"],
        office=said["office"],
    )


def _run(command: Sequence[str], longest_s: float, most_octets: int) -> bytes:
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # what it starts ends with it
        )
    except OSError as error:
        raise DirectoryAway(f"{command[0]} cannot be started: {error.strerror}") from None
    try:
        said, complained = _listen(process, command[0], time.monotonic() + longest_s, longest_s, most_octets)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # nobody waited for it yet, so the number is its own
        process.wait()
        raise
    if process.returncode != 0:
        words = complained.decode("utf-8", "replace").strip()
        raise DirectoryAway(f"{command[0]} failed with status {process.returncode}: {words or 'it said nothing'}")
    return said


def _listen(
    process: subprocess.Popen[bytes], name: str, until: float, longest_s: float, most_octets: int
) -> tuple[bytes, bytes]:
    """What it prints, and the beginning of what it complains of, until it ended; never more than may be."""
    assert process.stdout is not None
    assert process.stderr is not None
    said, complained = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes, process.stdout as out, process.stderr as err:
        pipes.register(out, selectors.EVENT_READ)
        pipes.register(err, selectors.EVENT_READ)
        while pipes.get_map():
            ready = pipes.select(max(until - time.monotonic(), 0))
            if not ready:
                raise DirectoryAway(f"{name} did not end within {longest_s:g} seconds")
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    pipes.unregister(key.fileobj)
                elif key.fileobj is out:
                    said += piece
                    if len(said) > most_octets:
                        raise DirectoryAway(f"{name} printed more than {most_octets / 2**20:g} MiB")
                else:
                    complained += piece[: _MOST_SAID - len(complained)]
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            raise DirectoryAway(f"{name} did not end within {longest_s:g} seconds") from None
    return bytes(said), bytes(complained)
