"""Applies what this release brings: by one process at a time, never waiting long for a lock that others wait behind.

On PostgreSQL a change of a table waits for whoever uses it, and everybody who comes later waits behind the change.
So the change gives up after LOCK_WAIT_S and is tried again: meanwhile the servers go on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from everprint.server.accounts.every_entry import is_view_up, put_up_view, take_down_view
from everprint.server.migrating.compatibility import needed_server, note_version
from everprint.server.reports.triggers import put_up_quarters_trigger, put_up_triggers

log = logging.getLogger(__name__)

LOCK_WAIT_S = 1.0
TRIES = 120
LONGEST_PAUSE_S = 5.0
# A server looks so often whether the database still takes it (start.py); then it stops.
SERVERS_LOOK_S = 20.0
TOLD_SINCE = ("installation", "0002_online_migrations")
_ONE_AT_A_TIME = 0x45766572  # PostgreSQL's advisory lock of ours: any number that is always the same
_LOCK_NOT_AVAILABLE = "55P03"


class CannotMigrate(Exception):
    """The database cannot be brought to this release now; the text says why and what to do."""


Say = Callable[[str], None]


def bring_up_to_date(say: Say = lambda _: None) -> None:
    """Applies all migrations that are not applied yet; says each.

    Raises CannotMigrate; what was applied until then stays, and the next time goes on.
    """
    with _alone(), _short_waits():
        for attempt in range(1, TRIES + 1):
            try:
                _apply(say)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
                log.info("a table is in use, the migration is tried again attempt=%d", attempt)
                time.sleep(min(LONGEST_PAUSE_S, 0.1 * attempt))
            else:
                return
        raise CannotMigrate(
            f"A table was in use each of {TRIES} times. Look for a transaction that is open for long "
            "(pg_stat_activity), end it, and run `everprint server migrate` again."
        )


def _apply(say: Say) -> None:
    def progress(action: str, migration: object = None, fake: bool | None = False) -> None:
        if action == "apply_start":
            say(f"Database: {migration}")

    executor = MigrationExecutor(connection, progress)
    targets = executor.loader.graph.leaf_nodes()
    planned = [migration for migration, _ in executor.migration_plan(targets)]
    if planned:  # else nothing is to be done, but Django works its models out all the same
        _stop_old_servers(planned, executor, say)
        take_down_view(connection)
        executor.migrate(targets)
    if planned or not is_view_up(connection):  # the try before may have ended in between
        put_up_view(connection)
    note_version(executor.loader.graph.nodes.values())
    put_up_triggers(connection)
    put_up_quarters_trigger(connection)


def _stop_old_servers(planned: Sequence[Migration], executor: MigrationExecutor, say: Say) -> None:
    """Before something is taken away: servers that still use it stop by themselves once the database says so."""
    takes_away = [migration for migration in planned if needed_server(migration)]
    if not takes_away or TOLD_SINCE not in executor.loader.applied_migrations:
        return  # the database is new, or its servers are older than this way to tell them
    note_version(takes_away)
    say(f"Servers that are too old stop now; the migration waits {2 * SERVERS_LOOK_S:.0f} s for them.")
    time.sleep(2 * SERVERS_LOOK_S)


@contextmanager
def _alone() -> Iterator[None]:
    """Two at once would do the same work twice."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_AT_A_TIME])
        if cursor.fetchone() != (True,):
            raise CannotMigrate("The database is being migrated by another process: wait until that has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


@contextmanager
def _short_waits() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_WAIT_S * 1000:.0f}ms"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
