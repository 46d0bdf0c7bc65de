"""What the bookings of each kind did to the accounts of each kind, day by day: from sums, and from the ledger.

The ledger never changes, so a day's sum is made once, when the day is surely over for every transaction that was open
at midnight, and is never stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.every_entry import oldest_booking
from everprint.server.accounts.money import from_units
from everprint.server.jobs.queries import start_of
from everprint.server.reports.models import SumsMade
from everprint.server.reports.periods import Period

# A booking's moment is a little before its commit: so long after midnight nothing of the day before can still come.
SURELY_OVER = timedelta(hours=6)
DAYS_AT_ONCE = 400

_ENTRIES = (
    "FROM accounts_everyentry entry JOIN accounts_account account ON account.id = entry.account_id "
    "WHERE entry.at >= %s AND entry.at < %s GROUP BY entry.kind, account.kind"
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What bookings of that kind did to accounts of that kind."""

    kind: str
    account_kind: str
    entries: int
    amount: Decimal


def moved_in(period: Period, *, account: int | None = None) -> list[Moved]:
    """All of a period; with `account`, of the bookings of one account only, which are read from the ledger."""
    if account is not None:
        return [_moved(row) for row in _live(period, " AND entry.booked_for = %s", (account,))]
    made = SumsMade.objects.first()
    through = made.ledger_through if made is not None and made.zone == timezone.get_current_timezone_name() else None
    if through is None or through < period.first:
        return [_moved(row) for row in _live(period)]
    summed = sql.rows(
        "SELECT kind, account_kind, sum(entries), sum(amount) FROM reports_ledgersum "
        "WHERE day >= %s AND day <= %s GROUP BY kind, account_kind",
        (str(period.first), str(min(period.last, through))),
    )
    rest = _live(Period(through + timedelta(1), period.last)) if period.last > through else []
    both: dict[tuple[str, str], tuple[int, int]] = {}
    for kind, account_kind, entries, amount in [*summed, *rest]:
        before = both.get((kind, account_kind), (0, 0))
        both[kind, account_kind] = (before[0] + int(entries), before[1] + int(amount))
    return [_moved((*key, *figures)) for key, figures in both.items()]


def unsummed_ledger_days(now: datetime) -> list[date]:
    """Days that are surely over and have no sum yet, oldest first; some of them, if there are very many."""
    made = SumsMade.objects.first()
    last = timezone.localtime(now - SURELY_OVER).date() - timedelta(1)
    if made is not None and made.ledger_through is not None:
        first = made.ledger_through + timedelta(1)
    else:
        moment = oldest_booking()
        first = timezone.localtime(moment).date() if moment is not None else last
    return [first + timedelta(days) for days in range(min((last - first).days + 1, DAYS_AT_ONCE))]


def sum_ledger_day(day: date) -> None:
    """Sums one day and says so, if it is the next one; else another server did it."""
    made = SumsMade.objects.select_for_update().get()
    if made.ledger_through is not None and day != made.ledger_through + timedelta(1):
        return
    SumsMade.objects.filter(pk=made.pk).update(ledger_through=day)
    typed = "%s::date" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_ledgersum (day, kind, account_kind, entries, amount) "
            f"SELECT {typed}, entry.kind, account.kind, count(*), sum(entry.amount) {_ENTRIES}",
            [str(day), sql.of_moment(start_of(day)), sql.of_moment(start_of(day + timedelta(1)))],
        )


def _live(period: Period, narrowed: str = "", wanted: tuple[int, ...] = ()) -> list[sql.Row]:
    return sql.rows(
        "SELECT entry.kind, account.kind, count(*), sum(entry.amount) "
        + _ENTRIES.replace(" GROUP", f"{narrowed} GROUP"),
        (sql.of_moment(start_of(period.first)), sql.of_moment(start_of(period.last + timedelta(1))), *wanted),
    )


def _moved(row: sql.Row) -> Moved:
    kind, account_kind, entries, amount = row
    return Moved(kind, account_kind, int(entries), from_units(int(amount)))
