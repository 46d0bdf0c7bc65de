"""An external program as directory: its table is read, its failures are said, and it is started by no shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from everprint.server.directory.people import DirectoryAway, DirectoryPerson, Problem
from everprint.server.directory.program import ask_program, read_file, read_people


def test_people_are_read_with_their_groups(tmp_path: Path) -> None:
    table = "name,key,full_name,groups,department\nAlice,17,Alice Adams,Year 12|Choir,Art\nbob,,,,\n"
    program = tmp_path / "people.py"
    program.write_text(f"import sys\nassert sys.argv[1:] == ['; echo x']\nprint({table!r}, end='')\n")
    answer = ask_program([sys.executable, str(program), "; echo x"])
    assert answer.people == (
        DirectoryPerson("17", "alice", "Alice Adams", "", frozenset({"Year 12", "Choir"}), department="Art"),
        DirectoryPerson("bob", "bob"),
    )


def test_a_line_that_cannot_be_used_is_named_and_the_others_are_read() -> None:
    answer = read_people(b"name,email\nfine,\ntwo  spaces,\nfine2,,,\n")
    assert [person.name for person in answer.people] == ["fine"]
    assert {problem.where for problem in answer.problems} == {"line 3", "line 4"}
    assert all(isinstance(problem, Problem) for problem in answer.problems)


def test_a_file_is_read_as_what_a_program_prints(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    cases = (("cannot be read: No such file", None), ("cannot be read", b"no table"), ("more than", b"x" * 2000))
    for why, table in cases:
        if table is not None:
            file.write_bytes(table)
        with pytest.raises(DirectoryAway, match=why):
            read_file(file, most_octets=1049)
    file.write_text("name,groups\nAlice,Choir\n")
    assert read_file(file).people == (DirectoryPerson("alice", "alice", groups=frozenset({"Choir"})),)


def test_a_program_that_prints_without_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    endless = "import itertools; [print('x' * 1000) for _ in itertools.count()]"
    started = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {endless!r}])"
    for code in (endless, started):
        with pytest.raises(DirectoryAway, match=r"more than 0\.5 MiB"):
            ask_program([sys.executable, "-c", code], most_octets=2**19)


def test_what_a_program_complains_of_is_read_and_not_kept_without_end() -> None:
    code = "import sys; print('why ' * 100_000, file=sys.stderr); print('name'); print('alice'); sys.exit({})"
    assert [person.name for person in ask_program([sys.executable, "-c", code.format(0)]).people] == ["alice"]
    with pytest.raises(DirectoryAway, match="status 3: why why") as caught:
        ask_program([sys.executable, "-c", code.format(3)])
    assert len(str(caught.value)) < 1000


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
