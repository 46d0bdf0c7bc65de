"""The *database* setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.configuration import ConfigurationError
from everprint.server.database_url import database_entry

STATE = Path("/var/lib/everprint/server")


def test_empty_is_sqlite_in_the_state_folder_synced_at_each_commit() -> None:
    entry = database_entry("", STATE)
    assert entry["NAME"] == "/var/lib/everprint/server/everprint.sqlite3"
    assert "synchronous=FULL" in str(entry["OPTIONS"])
    assert "journal_mode=WAL" in str(entry["OPTIONS"])
    assert "IMMEDIATE" in str(entry["OPTIONS"])


def test_sqlite_elsewhere() -> None:
    assert database_entry("sqlite:///srv/my%20data/e.db", STATE)["NAME"] == "/srv/my data/e.db"


def test_postgresql_with_all_its_parts() -> None:
    entry = database_entry(
        "postgresql://ever:p%40ss%2Fword@a.example:5432,b.example:5433,[2001:db8::7]:5434/print?"
        "target_session_attrs=read-write&sslmode=verify-full",
        STATE,
    )
    assert (entry["USER"], entry["PASSWORD"], entry["NAME"]) == ("ever", "p@ss/word", "print")
    assert (entry["HOST"], entry["PORT"]) == ("a.example,b.example,2001:db8::7", "5432,5433,5434")
    options = entry["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["sslmode"], options["target_session_attrs"]) == ("verify-full", "read-write")


def test_postgresql_on_a_socket_and_without_a_port() -> None:
    entry = database_entry("postgresql:///print?host=/run/postgresql", STATE)
    assert (entry["HOST"], entry["PORT"]) == ("/run/postgresql", "")
    assert database_entry("postgresql://db.example/print", STATE)["PORT"] == ""


@pytest.mark.parametrize(
    "url",
    ["mysql://x/y", "everprint.db", "sqlite://host/file", "sqlite:", "postgresql://host", "postgresql://h:port/db"],
)
def test_what_is_no_such_url_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database: .*postgresql://user"):
        database_entry(url, STATE)
