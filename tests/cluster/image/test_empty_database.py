"""The database that new VMs begin with: the same file in every build, whenever it is made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from everprint.cluster.image.empty_database import write_without_times
from everprint.cluster.image.errors import ImageError


def database(path: Path, moment: str) -> Path:
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE applied (number INTEGER PRIMARY KEY, name TEXT, at TEXT, day TEXT)")
        made.execute("INSERT INTO applied VALUES (1, 'first', ?, '2026-11-27')", (moment,))
        made.commit()
    return path


def test_two_builds_at_different_times_give_the_same_file(tmp_path: Path) -> None:
    for name, moment in (("one", "2026-11-27 04:01:31.728498"), ("other", "2027-01-02 13:14:15.000001")):
        write_without_times(database(tmp_path / f"{name}.made", moment), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_all_else_is_kept(tmp_path: Path) -> None:
    write_without_times(database(tmp_path / "made", "2026-11-27 04:01:31.728498"), tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out")) as out:
        assert out.execute("SELECT * FROM applied").fetchall() == [(1, "first", "2025-01-01 00:00:00", "2026-11-27")]


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"x" * 4096)
    with pytest.raises(ImageError, match="empty database"):
        write_without_times(tmp_path / "made", tmp_path / "out")
