"""A server that is set up on a copy has what one has that migrated from nothing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from everprint.server.database_url import SQLITE_FILE
from rig.everprint import ADMINISTRATOR, Server
from rig.migrated import FOLDER

SAME_ROWS = (
    "SELECT app, name FROM django_migrations ORDER BY app, name",
    "SELECT app_label, model FROM django_content_type ORDER BY app_label, model",
    "SELECT codename FROM auth_permission ORDER BY codename",
    "SELECT name, kind, balance FROM accounts_account ORDER BY name, kind",
)


def set_up(folder: Path, *, copied: bool, patch: pytest.MonkeyPatch) -> Server:
    folder.mkdir()
    with patch.context() as without:
        if not copied:
            without.delenv(FOLDER)
        return Server(folder)


def test_a_copy_is_what_migrating_from_nothing_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for copied in (True, False):
        server = set_up(tmp_path / str(copied), copied=copied, patch=monkeypatch)
        assert [row["name"] for row in server.listing("user", "list")] == [ADMINISTRATOR]
        path = tmp_path / str(copied) / "state" / SQLITE_FILE
        assert path.stat().st_mode & 0o777 == 0o600
        with sqlite3.connect(path) as connection:
            made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
            mode = connection.execute("PRAGMA journal_mode").fetchone()
            found.append((mode, made, [connection.execute(rows).fetchall() for rows in SAME_ROWS]))
        connection.close()
    assert found[0] == found[1]
    assert (Path(os.environ[FOLDER]) / "sqlite").is_dir()
