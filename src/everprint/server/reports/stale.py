"""The list of the sums that are not to be read: how it is read, and how it gets longer and shorter.

What a trigger marked (triggers.py) is taken off the marks and kept as stale spans in one transaction. Quarters have a
list of their own, which the database makes longer whenever a mark is taken: servers of the release before, which take
marks too while a site is upgraded, know none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from everprint.server import sql
from everprint.server.reports.grains import Span
from everprint.server.reports.models import StaleMoment, StaleQuarter, StaleSpan
from everprint.server.reports.spans import first_day_after, first_day_of

MARKS_AT_ONCE = 50_000
_LISTED = (Span.DAY, Span.MONTH)


def stale_spans() -> dict[Span, set[date]]:
    """First days of the spans whose sums are not to be read."""
    # Marks first: one that is taken meanwhile is then seen twice, and not never.
    marked = {_day_of(at) for (at,) in sql.rows("SELECT DISTINCT at FROM reports_stalemoment", ())}
    found = {span: {first_day_of(span, day) for day in marked} for span in Span}
    for span, first in sql.rows(
        f"SELECT span, first_day FROM reports_stalespan UNION ALL SELECT '{Span.QUARTER.value}', first_day "  # noqa: S608 - ours
        "FROM reports_stalequarter",
        (),
    ):
        found[Span(span)].add(first if isinstance(first, date) else date.fromisoformat(first))
    return found


def take_marks() -> bool:
    """Turns marks into stale spans, in the caller's transaction; True if there may be more."""
    marks = list(StaleMoment.objects.order_by("pk").values_list("pk", "at")[:MARKS_AT_ONCE])
    if not marks:
        return False
    days = {_day_of(at) for _, at in marks}
    spans = {(span, first_day_of(span, day)) for span in _LISTED for day in days}
    StaleSpan.objects.bulk_create(
        [StaleSpan(span=span.value, first_day=first) for span, first in sorted(spans)], ignore_conflicts=True
    )
    # By number, not all of them: one that was written meanwhile may have a lower number, and is not ours.
    StaleMoment.objects.filter(pk__in=[number for number, _ in marks]).delete()
    return len(marks) == MARKS_AT_ONCE


def stale_and_over(today: date) -> Iterator[tuple[Span, date]]:
    """Which spans can be summed, by their first days; the shorter ones first."""
    for listed in StaleSpan.objects.order_by("first_day", "span"):
        span = Span(listed.span)
        if first_day_after(span, listed.first_day) <= today:
            yield span, listed.first_day
    for quarter in StaleQuarter.objects.order_by("first_day"):
        if first_day_after(Span.QUARTER, quarter.first_day) <= today:
            yield Span.QUARTER, quarter.first_day


def take_off(span: Span, first: date) -> bool:
    """Takes the span off the list, in the caller's transaction; False if another server did."""
    if span is Span.QUARTER:
        gone, _ = StaleQuarter.objects.filter(first_day=first).delete()
    else:
        gone, _ = StaleSpan.objects.filter(span=span.value, first_day=first).delete()
    return gone > 0


def forget_what_is_stale() -> None:
    """Empties the list, when all sums are gone and all history is marked."""
    StaleSpan.objects.all().delete()
    StaleQuarter.objects.all().delete()


def _day_of(at: object) -> date:
    moment = sql.to_moment(at)
    assert moment is not None
    return timezone.localtime(moment).date()
