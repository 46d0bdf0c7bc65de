"""When a quota comes round: days only, no clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.server.quotas.periods import MOST_MISSED, Period, due, first_day_of, next_after, number_of

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
periods = st.sampled_from([Period.DAILY, Period.WEEKLY, Period.MONTHLY])


@pytest.mark.parametrize(
    ("period", "starts_on", "today", "first_day"),
    [
        (Period.DAILY, date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 9)),
        (Period.WEEKLY, date(2026, 3, 2), date(2026, 3, 8), date(2026, 3, 2)),
        (Period.WEEKLY, date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 9)),
        (Period.MONTHLY, date(2026, 1, 31), date(2026, 2, 27), date(2026, 1, 31)),
        (Period.MONTHLY, date(2026, 1, 31), date(2026, 2, 28), date(2026, 2, 28)),
        (Period.MONTHLY, date(2026, 1, 31), date(2026, 3, 30), date(2026, 2, 28)),
        (Period.MONTHLY, date(2026, 1, 31), date(2026, 3, 31), date(2026, 3, 31)),
        (Period.ONCE, date(2026, 1, 31), date(2030, 3, 31), date(2026, 1, 31)),
    ],
)
def test_the_period_of_a_day(period: Period, starts_on: date, today: date, first_day: date) -> None:
    assert due(period, starts_on, None, today, resets=False) == [first_day]


@given(period=periods, starts_on=days, later=st.integers(0, 5000))
def test_every_day_is_in_the_period_that_began_last(period: Period, starts_on: date, later: int) -> None:
    today = starts_on + timedelta(days=later)
    number = number_of(period, starts_on, today)
    assert number is not None
    assert first_day_of(period, starts_on, number) <= today < first_day_of(period, starts_on, number + 1)
    assert next_after(period, starts_on, today) == first_day_of(period, starts_on, number + 1)
    assert number_of(period, starts_on, starts_on - timedelta(days=1)) is None


@given(period=periods, starts_on=days, steps=st.lists(st.integers(-10, 40), max_size=30))
def test_whatever_the_clock_does_no_period_comes_twice_and_few_are_missed(
    period: Period, starts_on: date, steps: list[int]
) -> None:
    today, through, granted = starts_on, None, []
    for step in steps:
        today = max(today + timedelta(days=step), starts_on)
        fresh = [day for day in due(period, starts_on, through, today, resets=False) if day not in granted]
        assert len(fresh) <= MOST_MISSED[period]
        granted += fresh
        newest = due(period, starts_on, through, today, resets=False)[-1]
        assert newest in granted
        through = max(through or newest, newest)
    assert len(granted) == len(set(granted))


def test_missed_periods_are_made_up_for_unless_the_quota_resets() -> None:
    starts_on, through, today = date(2026, 1, 5), date(2026, 1, 12), date(2026, 2, 3)
    missed = [date(2026, 1, 19), date(2026, 1, 26), date(2026, 2, 2)]
    assert due(Period.WEEKLY, starts_on, through, today, resets=False) == missed
    assert due(Period.WEEKLY, starts_on, through, today, resets=True) == missed[-1:]
    assert due(Period.WEEKLY, starts_on, through, date(2026, 1, 1), resets=False) == []
