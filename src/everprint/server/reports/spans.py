"""A period cut into whole spans that have sums, and days that have not: pure arithmetic of the calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from everprint.server.reports.grains import Span
from everprint.server.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Made:
    """Sums that there are: of all such spans that ended before that day, but those that begin on a stale one."""

    span: Span
    before: date
    stale: Collection[date] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring spans that are read as sums: the first day of the first and of the last of them."""

    span: Span
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Cut:
    """What is read as sums, and which periods from what was summed. Together: the period."""

    summed: tuple[Run, ...]
    live: tuple[Period, ...]


def first_day_of(span: Span, day: date) -> date:
    """Of the span that the day is in."""
    if span is Span.DAY:
        return day
    return day.replace(month=day.month - (day.month - 1) % 3 if span is Span.QUARTER else day.month, day=1)


def first_day_after(span: Span, first: date) -> date:
    """Of the span after the one that begins then."""
    if span is Span.DAY:
        return first + timedelta(1)
    return (first + timedelta(31 if span is Span.MONTH else 95)).replace(day=1)


def cut(period: Period, made: Iterable[Made]) -> Cut:
    """The longest spans come first in `made`: what they leave of the period is cut by the shorter ones.

    Spans are summed that lie wholly in it, are over, and are not stale; neighbouring other days join.
    """
    summed: list[Run] = []
    live = [period]
    for sums in made:
        left: list[Period] = []
        for piece in live:
            _cut(piece, sums, summed, left)
        live = left
    return Cut(tuple(summed), tuple(live))


def _cut(period: Period, sums: Made, summed: list[Run], live: list[Period]) -> None:
    first = first_day_of(sums.span, period.first)
    while first <= period.last:
        after = first_day_after(sums.span, first)
        whole = first >= period.first and after - timedelta(1) <= period.last
        if whole and after <= sums.before and first not in sums.stale:
            _join_run(summed, Run(sums.span, first, first))
        else:
            _join(live, Period(max(first, period.first), min(after - timedelta(1), period.last)))
        first = after


def _join_run(runs: list[Run], later: Run) -> None:
    if runs and runs[-1].span is later.span and first_day_after(later.span, runs[-1].last) == later.first:
        runs[-1] = Run(later.span, runs[-1].first, later.last)
    else:
        runs.append(later)


def _join(periods: list[Period], later: Period) -> None:
    if periods and periods[-1].last + timedelta(1) == later.first:
        periods[-1] = Period(periods[-1].first, later.last)
    else:
        periods.append(later)
