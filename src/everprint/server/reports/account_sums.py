"""Sums of what bookings did to each person's accounts, month by month: made once a month is surely over.

The ledger never changes, so such a sum is never stale. A month and the note that it is summed are one transaction, in
the order of the calendar: each is summed once, on however many servers.
"""

from __future__ import annotations

from collections.abc import Callable
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
from everprint.server.reports.models import AccountSum, AccountSumsMade
from everprint.server.reports.periods import Period
from everprint.server.reports.ranked import Statement, sums_of
from everprint.server.reports.spans import first_day_after, first_day_of

PERSONS = f"('{AccountKind.PERSONAL.value}', '{AccountKind.PURSE.value}')"
_SYSTEMS = ", ".join(str(account) for account in SYSTEM_ACCOUNTS.values())


def sum_account_months(still_ours: Callable[[], bool], now: datetime) -> int:
    """Sums the months that are surely over and have no sums yet, the oldest first; how many."""
    transact(_begin)
    last = first_day_of(Span.MONTH, timezone.localtime(now - SURELY_OVER).date())
    months = 0
    while (month := _next_month()) is not None and month < last and still_ours():
        months += transact(partial(_sum_month, month))
    return months


def summed_through() -> date | None:
    """The last day of the newest month that has sums in today's zone; None: none has."""
    made = AccountSumsMade.objects.filter(zone=timezone.get_current_timezone_name()).first()
    return None if made is None else made.through


def booked_part(period: Period) -> Statement:
    """What the ledger itself says of a time: account, and what each booking did to it, by purpose."""
    # Said so that the system's side of closed jobs, half of the view, is not even looked at.
    return Statement(
        f"SELECT account_id AS account, {_by_purpose()} FROM accounts_everyentry "  # noqa: S608 - no value in it
        f"WHERE at >= %s AND at < %s AND account_id NOT IN ({_SYSTEMS})",
        [sql.of_moment(start_of(period.first)), sql.of_moment(start_of(period.last + timedelta(1)))],
    )


def _begin() -> None:
    """Months of one zone are not months of another: then all sums go."""
    zone = timezone.get_current_timezone_name()
    made = AccountSumsMade.objects.select_for_update().first()
    if made is None:
        AccountSumsMade.objects.create(pk=1, zone=zone)
    elif made.zone != zone:
        AccountSum.objects.all().delete()
        AccountSumsMade.objects.filter(pk=made.pk).update(zone=zone, through=None)


def _next_month() -> date | None:
    through = AccountSumsMade.objects.values_list("through", flat=True).get()
    if through is not None:
        return through + timedelta(1)
    oldest = oldest_booking()
    return None if oldest is None else first_day_of(Span.MONTH, timezone.localtime(oldest).date())


def _sum_month(first: date) -> int:
    """Sums one month and says so, if it is the next one; else another server did it."""
    made = AccountSumsMade.objects.select_for_update().get()
    if made.through is not None and first != made.through + timedelta(1):
        return 0
    last = first_day_after(Span.MONTH, first) - timedelta(1)
    AccountSumsMade.objects.filter(pk=made.pk).update(through=last)
    booked = booked_part(Period(first, last))
    typed = "%s::date" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_accountsum WHERE first_day = %s", [str(first)])
        cursor.execute(
            f"INSERT INTO reports_accountsum (first_day, account, {', '.join(PURPOSES)}) "  # noqa: S608 - no value in it
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
