"""When a quota comes round: pure functions of days, in the installation's time zone."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on the weekday of the first day
    MONTHLY = "monthly"  # on the day of the month of the first day, or on the last day of a shorter month
    ONCE = "once"  # initial credit: each person once, if they came on the first day or later


# After a long time without a server, or when a clock was set far ahead, no more than so many are made up for.
MOST_MISSED = {Period.DAILY: 14, Period.WEEKLY: 4, Period.MONTHLY: 3, Period.ONCE: 1}


def first_day_of(period: Period, starts_on: date, number: int) -> date:
    """The day on which the period with that number, from 0, begins."""
    match period:
        case Period.DAILY:
            return starts_on + timedelta(days=number)
        case Period.WEEKLY:
            return starts_on + timedelta(weeks=number)
        case Period.MONTHLY:
            year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + number, 12)
            return date(year, month + 1, min(starts_on.day, calendar.monthrange(year, month + 1)[1]))
        case Period.ONCE:
            return starts_on


def number_of(period: Period, starts_on: date, day: date) -> int | None:
    """The number of the period that the day is in; None before the first."""
    if day < starts_on:
        return None
    match period:
        case Period.DAILY:
            return (day - starts_on).days
        case Period.WEEKLY:
            return (day - starts_on).days // 7
        case Period.MONTHLY:
            number = (day.year - starts_on.year) * 12 + day.month - starts_on.month
            return number if first_day_of(period, starts_on, number) <= day else number - 1
        case Period.ONCE:
            return 0


def due(period: Period, starts_on: date, granted_through: date | None, today: date, *, resets: bool) -> list[date]:
    """The first days of all periods that are to be granted, oldest first; the last is the one that today is in.

    Of those that were missed since `granted_through`, a quota that resets leaves nothing behind: only the newest
    counts. Without `granted_through` nothing was missed.
    """
    newest = number_of(period, starts_on, today)
    if newest is None:
        return []
    oldest = newest
    if granted_through is not None and not resets:
        missed = number_of(period, starts_on, granted_through)
        oldest = min(newest, max(0 if missed is None else missed + 1, newest - MOST_MISSED[period] + 1))
    return [first_day_of(period, starts_on, number) for number in range(oldest, newest + 1)]


def next_after(period: Period, starts_on: date, today: date) -> date | None:
    """When it comes round next; None if it does not."""
    if today < starts_on:
        return starts_on
    if period is Period.ONCE:
        return None
    return first_day_of(period, starts_on, (number_of(period, starts_on, today) or 0) + 1)
