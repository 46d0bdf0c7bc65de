"""An external program as directory: its table is read, its failures are said, and it is started by no shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from everprint.server.directory.people import DirectoryAway, DirectoryPerson, Problem
from everprint.server.directory.program import ask_program, read_people


def test_people_are_read_with_their_groups(tmp_path: Path) -> None:
    table = "name,key,full_name,groups\nAlice,17,Alice Adams,Year 12|Choir\nbob,,,\n"
    program = tmp_path / "people.py"
    program.write_text(f"import sys\nassert sys.argv[1:] == ['; echo x']\nprint({table!r}, end='')\n")
    answer = ask_program([sys.executable, str(program), "; echo x"])
    assert answer.people == (
        DirectoryPerson("17", "alice", "Alice Adams", "", frozenset({"Year 12", "Choir"})),
        DirectoryPerson("bob", "bob"),
    )


def test_a_line_that_cannot_be_used_is_named_and_the_others_are_read() -> None:
    answer = read_people(b"name,email\nfine,\ntwo  spaces,\nfine2,,,\n")
    assert [person.name for person in answer.people] == ["fine"]
    assert {problem.where for problem in answer.problems} == {"line 3", "line 4"}
    assert all(isinstance(problem, Problem) for problem in answer.problems)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["/nowhere/people"], "cannot be started"),
        ([sys.executable, "-c", "import sys; sys.exit('the HR system is away')"], "the HR system is away"),
        ([sys.executable, "-c", "print('no table')"], "cannot be read"),
        ([sys.executable, "-c", ""], "cannot be read"),
        ([sys.executable, "-c", "import time; time.sleep(600)"], "did not end"),
    ],
)
def test_a_program_that_fails_is_a_directory_that_is_away(command: list[str], says: str) -> None:
    with pytest.raises(DirectoryAway, match=says):
        ask_program(command, longest_s=1 if "sleep" in command[-1] else 60)
