"""Whose credential it is, also while others write: that a provider was heard of is a note, not a condition."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.server.conftest import KIND, Database
from tests.server.world import PrintServer


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """A transaction of another process that has changed the providers and does not end; we are not patient."""
    from django.db import connection

    change = "UPDATE providers_provider SET software_version = 'other'"
    if KIND == "postgresql":
        import psycopg

        connection.cursor().execute("SET lock_timeout = '50ms'")
        with psycopg.connect(database.url) as other:
            other.execute(change)
            yield
    else:
        import sqlite3

        connection.cursor().execute("PRAGMA busy_timeout = 50")
        other_one = sqlite3.connect(database.url.removeprefix("sqlite://"))
        other_one.execute(change)
        yield
        other_one.close()


def test_a_provider_is_answered_while_others_write_for_long(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    from everprint.server.providers.credentials import caller_of

    asking = PrintServer()
    before = asking.provider.last_seen_at
    with somebody_writes(database), caplog.at_level(logging.WARNING):
        assert caller_of(asking.credential, "192.0.2.1").id == asking.provider.pk
    assert "not written down now" in caplog.text
    asking.provider.refresh_from_db()
    assert asking.provider.last_seen_at == before


@pytest.mark.usefixtures("database")
def test_that_a_provider_was_heard_of_is_written_down() -> None:
    from everprint.server.providers.credentials import BadCredential, caller_of

    asking = PrintServer()
    caller_of(asking.credential, "192.0.2.1")
    asking.provider.refresh_from_db()
    assert asking.provider.last_address == "192.0.2.1"
    for wrong in ("", "x.y", asking.credential[:-1], asking.credential + "x"):
        with pytest.raises(BadCredential):
            caller_of(wrong, "192.0.2.1")
