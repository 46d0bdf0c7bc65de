"""What a killed process had written and not synced is seen by the next one: then the power does not take it back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from rig.everprint import Server
from tests.faults.storm.disk_layer import Disk, build

# Each is one life of a process; none of them closes what it opened, as kill -9 leaves it.
MAKE_JOURNAL = """
import os, sys
from pathlib import Path
from everprint.provider.journal.schema import open_journal
open_journal(Path(sys.argv[1]))
os._exit(0)
"""
WRITE_AND_BE_KILLED_BEFORE_THE_SYNC = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = OFF")
database.execute(sys.argv[2])
os._exit(0)
"""
START_SERVER = """
import os
from everprint.server.start import check_ready, set_up
check_ready(set_up())
os._exit(0)
"""


def live(script: str, *arguments: str | Path, disk: Disk, environment: Mapping[str, str] = os.environ) -> None:
    subprocess.run(
        [sys.executable, "-c", script, *arguments], env={**os.environ, **environment, **disk.environment}, check=True
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def disk(tmp_path: Path, state: Path) -> Disk:
    return Disk(state, tmp_path / "disk", build(tmp_path))


def found(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


MARK = "INSERT INTO marks (name, value) VALUES ('order', 7)"
SESSION = "INSERT INTO django_session VALUES ('of-somebody', '', '2099-01-01 00:00:00')"


def test_the_disk_forgets_what_a_killed_process_did_not_sync(state: Path, disk: Disk) -> None:
    journal = state / "journal.sqlite3"
    live(MAKE_JOURNAL, journal, disk=disk)
    live(WRITE_AND_BE_KILLED_BEFORE_THE_SYNC, journal, MARK, disk=disk)
    disk.lose_power()
    assert found(journal, "SELECT value FROM marks") == []


def test_a_print_server_acts_on_nothing_that_the_power_can_take_back(state: Path, disk: Disk) -> None:
    journal = state / "journal.sqlite3"
    live(MAKE_JOURNAL, journal, disk=disk)
    live(WRITE_AND_BE_KILLED_BEFORE_THE_SYNC, journal, MARK, disk=disk)
    live(MAKE_JOURNAL, journal, disk=disk)  # the next one opens it
    disk.lose_power()
    assert found(journal, "SELECT value FROM marks") == [(7,)]


def test_neither_does_an_application_server(tmp_path: Path, disk: Disk) -> None:
    server = Server(tmp_path)
    database = tmp_path / "state" / "everprint.sqlite3"
    live(WRITE_AND_BE_KILLED_BEFORE_THE_SYNC, database, SESSION, disk=disk)
    live(START_SERVER, disk=disk, environment=server.environment)
    disk.lose_power()
    assert found(database, "SELECT session_key FROM django_session") == [("of-somebody",)]
