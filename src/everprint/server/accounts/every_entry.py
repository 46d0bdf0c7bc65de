"""The view of all entries: those that are rows, and those of jobs whose books are closed (models.ClosedJob).

A closed job is four entries again: the reservation's two and the settlement's two, which sum to zero each. The view
is put up after every migration, and on SQLite taken down before: SQLite rebuilds no table that a view reads.
"""

from __future__ import annotations

from datetime import datetime

from django.db.backends.base.base import BaseDatabaseWrapper

from everprint.server import sql
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind

VIEW = "accounts_everyentry"
_RESERVED = f"CAST({SYSTEM_ACCOUNTS[AccountKind.RESERVED]} AS bigint)"
_REVENUE = f"CAST({SYSTEM_ACCOUNTS[AccountKind.REVENUE]} AS bigint)"
_SETTLEMENT = "reservation + settled_after"


def put_up_view(connection: BaseDatabaseWrapper) -> None:
    """Makes the view, or makes it anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP VIEW IF EXISTS {VIEW}")
        replace = " OR REPLACE" if connection.vendor == "postgresql" else ""
        cursor.execute(f"CREATE{replace} VIEW {VIEW} AS {_SELECT}")


def is_view_up(connection: BaseDatabaseWrapper) -> bool:
    """True if the view is there, of whatever release."""
    with connection.cursor() as cursor:
        return VIEW in connection.introspection.table_names(cursor, include_views=True)


def oldest_booking() -> datetime | None:
    """When the first transaction was booked; None if there is none."""
    ((first, closed),) = sql.rows(
        "SELECT (SELECT min(at) FROM accounts_transaction), (SELECT min(reserved_at) FROM accounts_closedjob)", ()
    )
    found = [moment for moment in (sql.to_moment(first), sql.to_moment(closed)) if moment is not None]
    return min(found, default=None)


def newest_booking() -> int:
    """The highest id that a transaction has or had; 0 if there is none."""
    ((newest, closed),) = sql.rows(
        "SELECT (SELECT max(id) FROM accounts_transaction), (SELECT max(through) FROM accounts_closedthrough)", ()
    )
    return max(newest or 0, closed or 0)


def take_down_view(connection: BaseDatabaseWrapper) -> None:
    """On SQLite, before its tables are changed; nobody reads meanwhile."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {VIEW}")


def _closed(transaction: str, account: str, amount: str, balance: str, kind: str, at: str) -> str:
    return (
        f"SELECT entry, {transaction}, {account}, {amount}, {balance}, '{kind}', {at}, job, account_id, '', "  # noqa: S608
        "CAST(NULL AS bigint) FROM accounts_closedjob WHERE amount <> 0"
    )


_NONE = "CAST(NULL AS bigint)"
_SELECT = " UNION ALL ".join(
    (
        "SELECT entry.id, entry.transaction_id, entry.account_id, entry.amount, entry.balance_after, booked.kind, "
        "booked.at, booked.job, booked.account_id AS booked_for, booked.comment, booked.actor_id "
        "FROM accounts_entry entry JOIN accounts_transaction booked ON booked.id = entry.transaction_id",
        _closed("reservation", "account_id", "-amount", "balance_after", "reserve", "reserved_at"),
        _closed("reservation", _RESERVED, "amount", _NONE, "reserve", "reserved_at"),
        _closed(_SETTLEMENT, _RESERVED, "-amount", _NONE, "settle", "settled_at"),
        _closed(_SETTLEMENT, _REVENUE, "amount", _NONE, "settle", "settled_at"),
    )
)
