"""Two jobs that were really printed become old as jobs do: the server itself packs the one and closes its books."""

from __future__ import annotations

import psycopg

from rig.waiting import wait_for

_MIGRATED = "3 days"  # the server waits a day for the upgrade of the others
_ENDED, _SETTLED = "2 days", "8 days"


def let_age(connection: psycopg.Connection, job: str) -> None:
    """That job (by its uuid) is packed and its books are closed, by the scheduled work of the server that runs; its
    moments are then again what they were."""
    _move(connection, "UPDATE jobs_job SET finished_at = finished_at - %s::interval WHERE uuid = %s", _ENDED, job)
    _move(connection, "UPDATE accounts_transaction SET at = at - %s::interval WHERE job = %s", _SETTLED, job)
    connection.execute("UPDATE django_migrations SET applied = applied - %s::interval", (_MIGRATED,))

    def is_old() -> bool:
        connection.execute("UPDATE schedule_scheduledwork SET done_at = NULL WHERE name IN ('old-jobs', 'old-books')")
        found = connection.execute(
            "SELECT history IS NOT NULL, EXISTS (SELECT 1 FROM accounts_closedjob WHERE job = %s) "
            "FROM jobs_job WHERE uuid = %s",
            (job, job),
        ).fetchone()
        return found == (True, True)

    wait_for("the server to pack a job and to close its books", is_old, within_s=300, every_s=2)
    _move(connection, "UPDATE jobs_job SET finished_at = finished_at + %s::interval WHERE uuid = %s", _ENDED, job)
    for column in ("reserved_at", "settled_at"):
        statement = f"UPDATE accounts_closedjob SET {column} = {column} + %s::interval WHERE job = %s"
        _move(connection, statement, _SETTLED, job)


def _move(connection: psycopg.Connection, statement: str, by: str, job: str) -> None:
    """Triggers are not asked: the ledger's would refuse it."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(statement.encode(), (by, job))
