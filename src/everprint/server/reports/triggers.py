"""What tells the sums that they are stale: triggers on the job log, so that no way to change a job goes round them.

They add one row for a job that ended, and for one that ended before and changes in what reports count. SQLite drops
triggers when a migration rebuilds their table, so they are put up again after every migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

COUNTED = (
    "finished_at",
    "owner_id",
    "printer_id",
    "account_id",
    "printed_impressions",
    "printed_colour_impressions",
    "printed_sheets",
    "cost_charged",
    "cost_refunded",
    "cost_uncollected",
)
_NAMES = ("reports_job_added", "reports_job_changed", "reports_job_removed")
_TAKEN = "reports_mark_taken"
_ANY_ZONE = ("-14 hours", "+14 hours")  # SQLite knows no zones: both quarters are marked that it can be in


def put_up_triggers(connection: BaseDatabaseWrapper) -> None:
    """Makes the triggers, or makes them anew."""
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor]
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)


def put_up_quarters_trigger(connection: BaseDatabaseWrapper) -> None:
    """Makes what marks quarters stale as marks are taken, or makes it anew."""
    statements = {"sqlite": _sqlite_quarters, "postgresql": _postgresql_quarters}[connection.vendor]
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)


def mark_all_history(connection: BaseDatabaseWrapper) -> None:
    """Says that every day on which a job ended is to be summed: the first and the last moment of each."""
    utc_day = {
        "sqlite": "date(finished_at)",
        "postgresql": "(finished_at AT TIME ZONE 'UTC')::date",
    }[connection.vendor]
    with connection.cursor() as cursor:
        for edge in ("min", "max"):
            cursor.execute(
                f"INSERT INTO reports_stalemoment (at) SELECT {edge}(finished_at) FROM jobs_job "  # noqa: S608 - ours
                f"WHERE finished_at IS NOT NULL GROUP BY {utc_day}"
            )


def _sqlite_quarters() -> Iterator[str]:
    quarters = " UNION ".join(
        f"SELECT date(OLD.at, '{zone}', 'start of month', "
        f"'-' || ((CAST(strftime('%m', OLD.at, '{zone}') AS INTEGER) - 1) % 3) || ' months')"
        for zone in _ANY_ZONE
    )
    yield f"DROP TRIGGER IF EXISTS {_TAKEN}"
    yield (
        f"CREATE TRIGGER {_TAKEN} AFTER DELETE ON reports_stalemoment BEGIN "
        f"INSERT OR IGNORE INTO reports_stalequarter (first_day) {quarters}; END"
    )


def _postgresql_quarters() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION reports_mark_quarters() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO reports_stalequarter (first_day) SELECT DISTINCT date_trunc('quarter', taken.at "
        "AT TIME ZONE COALESCE((SELECT zone FROM reports_sumsmade), 'UTC'))::date FROM taken "
        "ON CONFLICT DO NOTHING; RETURN NULL; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {_TAKEN} ON reports_stalemoment"
    yield (
        f"CREATE TRIGGER {_TAKEN} AFTER DELETE ON reports_stalemoment REFERENCING OLD TABLE AS taken "
        "FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_quarters()"
    )


def _sqlite() -> Iterator[str]:
    mark = "INSERT INTO reports_stalemoment (at) SELECT {0}.finished_at WHERE {0}.finished_at IS NOT NULL"
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in COUNTED)
    old = mark.format("OLD") + " AND OLD.finished_at IS NOT NEW.finished_at"
    for name in _NAMES:
        yield f"DROP TRIGGER IF EXISTS {name}"
    yield f"CREATE TRIGGER {_NAMES[0]} AFTER INSERT ON jobs_job BEGIN {mark.format('NEW')}; END"
    yield f"CREATE TRIGGER {_NAMES[1]} AFTER UPDATE ON jobs_job WHEN {differs} BEGIN {mark.format('NEW')}; {old}; END"
    yield f"CREATE TRIGGER {_NAMES[2]} AFTER DELETE ON jobs_job BEGIN {mark.format('OLD')}; END"


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION reports_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL THEN "
        "INSERT INTO reports_stalemoment (at) VALUES (OLD.finished_at); END IF; "
        "IF TG_OP <> 'DELETE' AND NEW.finished_at IS NOT NULL AND "
        "(TG_OP = 'INSERT' OR NEW.finished_at IS DISTINCT FROM OLD.finished_at) THEN "
        "INSERT INTO reports_stalemoment (at) VALUES (NEW.finished_at); END IF; "
        "RETURN NULL; END $$"
    )
    old, new = (", ".join(f"{row}.{column}" for column in COUNTED) for row in ("OLD", "NEW"))
    events = {
        "INSERT": "NEW.finished_at IS NOT NULL",
        "UPDATE": f"({old}) IS DISTINCT FROM ({new})",
        "DELETE": "OLD.finished_at IS NOT NULL",
    }
    for name, (event, condition) in zip(_NAMES, events.items(), strict=True):
        yield f"DROP TRIGGER IF EXISTS {name} ON jobs_job"
        yield (
            f"CREATE TRIGGER {name} AFTER {event} ON jobs_job FOR EACH ROW WHEN ({condition}) "
            "EXECUTE FUNCTION reports_mark_stale()"
        )
