"""A period cut into whole spans that have sums, and days that have not: pure arithmetic of the calendar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from everprint.server.reports.grains import Span
from everprint.server.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Cut:
    """Which spans are read as sums, by their first days, and which periods from the job log. Together: the period."""

    summed: tuple[date, ...]
    live: tuple[Period, ...]


def first_day_of(span: Span, day: date) -> date:
    """Of the span that the day is in."""
    return day if span is Span.DAY else day.replace(day=1)


def first_day_after(span: Span, first: date) -> date:
    """Of the span after the one that begins then."""
    return first + timedelta(1) if span is Span.DAY else (first + timedelta(31)).replace(day=1)


def cut(period: Period, span: Span, stale: Collection[date], today: date) -> Cut:
    """Spans are summed that lie wholly in the period, are over, and are not stale; neighbouring other days join."""
    summed: list[date] = []
    live: list[Period] = []
    first = first_day_of(span, period.first)
    while first <= period.last:
        after = first_day_after(span, first)
        whole = first >= period.first and after - timedelta(1) <= period.last
        if whole and after <= today and first not in stale:
            summed.append(first)
        else:
            _join(live, Period(max(first, period.first), min(after - timedelta(1), period.last)))
        first = after
    return Cut(tuple(summed), tuple(live))


def runs(days: Collection[date], span: Span) -> list[tuple[date, date]]:
    """First days as few runs of neighbours, each with the first day of its first and its last span."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and first_day_after(span, found[-1][1]) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _join(periods: list[Period], later: Period) -> None:
    if periods and periods[-1].last + timedelta(1) == later.first:
        periods[-1] = Period(periods[-1].first, later.last)
    else:
        periods.append(later)
