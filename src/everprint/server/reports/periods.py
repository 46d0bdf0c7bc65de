"""The time that a report is of: whole days in the installation's zone, both ends included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST = timedelta(days=3_660)  # ten years
EARLIEST = date(2000, 1, 1)
LATEST = date(2999, 12, 31)


class Named(StrEnum):
    """A period by its name: a saved report moves on with the calendar."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this-week"
    LAST_WEEK = "last-week"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    LAST_30_DAYS = "last-30-days"
    THIS_YEAR = "this-year"
    LAST_YEAR = "last-year"
    LAST_365_DAYS = "last-365-days"


class Comparison(StrEnum):
    """What a report is compared with."""

    BEFORE = "before"  # the period of the same length that ends the day before
    YEAR_BEFORE = "year-before"


class BadPeriod(ValueError):
    """A period that no report is made of; the text says why."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadPeriod(f"the last day, {self.last}, is before the first, {self.first}")
        if self.last - self.first > LONGEST:
            raise BadPeriod("a report is of ten years at most")
        if self.first < EARLIEST or self.last > LATEST:
            raise BadPeriod(f"a report is of days from {EARLIEST} to {LATEST}")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def words(self) -> str:
        """As people read it."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"

    def compared_with(self, comparison: Comparison) -> Period:
        """The period that it is compared with; of 29 February, the year before is compared by its 28th.

        Raises BadPeriod.
        """
        if comparison is Comparison.YEAR_BEFORE:
            return Period(_year_before(self.first), _year_before(self.last))
        return Period(self.first - timedelta(self.days), self.first - timedelta(1))


def period_named(name: Named, today: date) -> Period:
    """The period of that name on that day. A week begins on Monday."""
    monday = today - timedelta(today.weekday())
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    yesterday, before_month, before_year = (day - timedelta(1) for day in (today, month, year))
    first, last = {
        Named.TODAY: (today, today),
        Named.YESTERDAY: (yesterday, yesterday),
        Named.THIS_WEEK: (monday, today),
        Named.LAST_WEEK: (monday - timedelta(7), monday - timedelta(1)),
        Named.THIS_MONTH: (month, today),
        Named.LAST_MONTH: (before_month.replace(day=1), before_month),
        Named.LAST_30_DAYS: (today - timedelta(29), today),
        Named.THIS_YEAR: (year, today),
        Named.LAST_YEAR: (before_year.replace(month=1, day=1), before_year),
        Named.LAST_365_DAYS: (today - timedelta(364), today),
    }[name]
    return Period(first, last)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)
