"""Makes the sums of times that are over: idempotent, safe to break off, and to do on two servers at once.

What a trigger marked is taken off the list and kept as a stale span in one transaction; a span's sums are thrown away
and made anew, and the span taken off the list, in another. A job that changes meanwhile has a mark of its own, which
is still there afterwards: until the next roll-up its time is read from the job log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.models import AccountKind
from everprint.server.database import transact
from everprint.server.jobs.queries import start_of
from everprint.server.reports.account_sums import sum_accounts
from everprint.server.reports.grains import SPAN_OF, Grain, Span
from everprint.server.reports.ledger_sums import sum_ledger_day, unsummed_ledger_days
from everprint.server.reports.models import LedgerSum, SumsMade, UsageSum
from everprint.server.reports.query import FIGURES, KEY_OF, PRINTED, figures_of_a_job
from everprint.server.reports.spans import first_day_after
from everprint.server.reports.stale import forget_what_is_stale, stale_and_over, take_marks, take_off
from everprint.server.reports.triggers import mark_all_history
from everprint.server.reports.whole_sums import whole_sum

# People's own accounts are in no report by account: their sums would be those of their users once more.
_SHARED = f"SELECT id FROM accounts_account WHERE kind = '{AccountKind.SHARED.value}'"  # noqa: S608 - ours
_NARROWED = {Grain.ACCOUNT: f" AND account_id IN ({_SHARED})"}


def roll_up(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Sums all that is over and stale; in words, how much. Breaks off when the work is another server's."""
    now = timezone.now() if now is None else now
    today = timezone.localtime(now).date()
    transact(_begin_anew_in_another_zone)
    while transact(take_marks):
        if not still_ours():
            return ""
    spans = 0
    for span, first in stale_and_over(today):
        if not still_ours():
            return f"{spans} spans, then another server took over"
        spans += transact(partial(_sum_anew, span, first))
    days = 0
    for day in unsummed_ledger_days(now):
        if not still_ours():
            break
        transact(partial(sum_ledger_day, day))
        days += 1
    months, quarters = sum_accounts(still_ours, now)
    if not (spans or days or months or quarters):
        return ""
    return (
        f"{spans} spans of jobs, {days} days of the ledger, {months} months and {quarters} quarters "
        "of people's accounts"
    )


def _begin_anew_in_another_zone() -> None:
    """Days of one zone are not days of another: all sums go, and everything is to be made."""
    zone = timezone.get_current_timezone_name()
    made = SumsMade.objects.select_for_update().first()
    if made is not None and made.zone == zone:
        return
    if made is None:
        SumsMade.objects.create(pk=1, zone=zone)
        return
    UsageSum.objects.all().delete()
    LedgerSum.objects.all().delete()
    forget_what_is_stale()
    SumsMade.objects.filter(pk=made.pk).update(zone=zone, ledger_through=None)
    mark_all_history(connection)


def _sum_anew(span: Span, first: date) -> int:
    """Makes the span's sums of all grains. The list is shortened first: whoever changes a job later lengthens it."""
    if not take_off(span, first):
        return 0
    begin, end = start_of(first), start_of(first_day_after(span, first))
    for grain in (grain for grain in Grain if SPAN_OF[grain] is span):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM reports_usagesum WHERE grain = %s AND first_day = %s", [grain.value, str(first)]
            )
            cursor.execute(
                f"INSERT INTO reports_usagesum (grain, first_day, key, {', '.join(FIGURES)}) "  # noqa: S608 - ours
                f"SELECT %s, {_date()}, COALESCE({KEY_OF[grain]}, 0), {_summed()} FROM jobs_job "
                f"WHERE finished_at >= %s AND finished_at < %s AND {PRINTED}{_NARROWED.get(grain, '')} "
                f"GROUP BY 3 ORDER BY 3",  # reports find a person's sums of all months where they were, and sooner
                [grain.value, str(first), sql.of_moment(begin), sql.of_moment(end)],
            )
    return 1


def _summed() -> str:
    """The figures of jobs, summed."""
    total = whole_sum()
    return ", ".join(f"{total}({figure})" for figure in figures_of_a_job())


def _date() -> str:
    """A parameter that is a day."""
    return "%s::date" if connection.vendor == "postgresql" else "%s"
