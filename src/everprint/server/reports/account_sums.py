"""What was booked on each person's accounts, summed: by month once it is surely over, and by quarter, of months.

The ledger never changes, so such a sum is never stale. A month or quarter and the note that it is summed are one
transaction, in the order of the calendar: each is summed once, on however many servers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.every_entry import oldest_booking
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind
from everprint.server.database import transact
from everprint.server.jobs.queries import start_of
from everprint.server.reports.grains import Span
from everprint.server.reports.kinds import PURPOSES
from everprint.server.reports.ledger_sums import SURELY_OVER
from everprint.server.reports.models import AccountQuarter, AccountQuartersMade, AccountSum, AccountSumsMade
from everprint.server.reports.periods import Period
from everprint.server.reports.ranked import Statement, sums_of
from everprint.server.reports.spans import Made, Run, first_day_after, first_day_of

PERSONS = f"('{AccountKind.PERSONAL.value}', '{AccountKind.PURSE.value}')"
_SYSTEMS = ", ".join(str(account) for account in SYSTEM_ACCOUNTS.values())


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one span: where they are, and where it is said through when they are made."""

    span: Span
    rows: type[AccountSum | AccountQuarter]
    noted: type[AccountSumsMade | AccountQuartersMade]

    def through(self) -> date | None:
        """The last day of the newest one that is made in today's zone; None: none is."""
        made = self.noted._default_manager.filter(zone=timezone.get_current_timezone_name()).first()
        return None if made is None else made.through

    def read(self, first: date, last: date) -> Statement:
        """Account and what was booked for what, of the spans that begin on these days and between."""
        return Statement(
            f"SELECT account, {', '.join(PURPOSES)} FROM {self.rows._meta.db_table} "  # noqa: S608 - no value in it
            "WHERE first_day >= %s AND first_day <= %s",
            [str(first), str(last)],
        )


MONTHS = Sums(Span.MONTH, AccountSum, AccountSumsMade)
QUARTERS = Sums(Span.QUARTER, AccountQuarter, AccountQuartersMade)
_OF_SPAN = {sums.span: sums for sums in (QUARTERS, MONTHS)}


def sum_accounts(still_ours: Callable[[], bool], now: datetime) -> tuple[int, int]:
    """Sums the months that are surely over and have no sums yet, then the quarters; how many of each."""
    over = first_day_of(Span.MONTH, timezone.localtime(now - SURELY_OVER).date())
    months = _sum_all(MONTHS, over, booked_part, still_ours)
    through = MONTHS.through()
    quarters = 0 if through is None else _sum_all(QUARTERS, through + timedelta(1), _months_of, still_ours)
    return months, quarters


def made_sums() -> list[Made]:
    """Which sums there are, the longest spans first."""
    ends = ((span, sums.through()) for span, sums in _OF_SPAN.items())
    return [Made(span, through + timedelta(1)) for span, through in ends if through is not None]


def summed_part(run: Run) -> Statement:
    """What sums say of a time: account, and what was booked for what."""
    return _OF_SPAN[run.span].read(run.first, run.last)


def booked_part(period: Period) -> Statement:
    """What the ledger itself says of a time: account, and what each booking did to it, by purpose."""
    # Said so that the system's side of closed jobs, half of the view, is not even looked at.
    return Statement(
        f"SELECT account_id AS account, {_by_purpose()} FROM accounts_everyentry "  # noqa: S608 - no value in it
        f"WHERE at >= %s AND at < %s AND account_id NOT IN ({_SYSTEMS})",
        [sql.of_moment(start_of(period.first)), sql.of_moment(start_of(period.last + timedelta(1)))],
    )


def _months_of(quarter: Period) -> Statement:
    return MONTHS.read(quarter.first, quarter.last)


def _sum_all(sums: Sums, over: date, source: Callable[[Period], Statement], still_ours: Callable[[], bool]) -> int:
    """Sums what ended before the day, the oldest first; how many."""
    transact(partial(_begin, sums))
    made = 0
    while (first := _next(sums)) is not None and first_day_after(sums.span, first) <= over and still_ours():
        made += transact(partial(_sum, sums, first, source))
    return made


def _begin(sums: Sums) -> None:
    """Days of one zone are not days of another: then all sums go."""
    zone = timezone.get_current_timezone_name()
    notes = sums.noted._default_manager
    made = notes.select_for_update().first()
    if made is None:
        notes.create(pk=1, zone=zone)
    elif made.zone != zone:
        sums.rows._default_manager.all().delete()
        notes.filter(pk=made.pk).update(zone=zone, through=None)


def _next(sums: Sums) -> date | None:
    through = sums.noted._default_manager.values_list("through", flat=True).get()
    if through is not None:
        return through + timedelta(1)
    oldest = oldest_booking()
    return None if oldest is None else first_day_of(sums.span, timezone.localtime(oldest).date())


def _sum(sums: Sums, first: date, source: Callable[[Period], Statement]) -> int:
    """Sums one span and says so, if it is the next one; else another server did it."""
    made = sums.noted._default_manager.select_for_update().get()
    if made.through is not None and first != made.through + timedelta(1):
        return 0
    last = first_day_after(sums.span, first) - timedelta(1)
    sums.noted._default_manager.filter(pk=made.pk).update(through=last)
    booked = source(Period(first, last))
    table = sums.rows._meta.db_table
    typed = "%s::date" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE first_day = %s", [str(first)])  # noqa: S608 - a table of ours
        cursor.execute(
            f"INSERT INTO {table} (first_day, account, {', '.join(PURPOSES)}) "  # noqa: S608 - no value in it
            f"SELECT {typed}, booked.account, {sums_of(tuple(PURPOSES))} FROM ({booked.text}) booked "
            f"JOIN accounts_account account ON account.id = booked.account AND account.kind IN {PERSONS} GROUP BY 2",
            [str(first), *booked.parameters],
        )
    return 1


def _by_purpose() -> str:
    """The amount in the column of what it is for, and nothing in the others."""
    columns = []
    for purpose in PURPOSES.values():
        kinds = ", ".join(f"'{kind.value}'" for kind in purpose.bookings)
        columns.append(f"CASE WHEN kind IN ({kinds}) THEN amount ELSE CAST(0 AS bigint) END AS {purpose.key}")
    return ", ".join(columns)
