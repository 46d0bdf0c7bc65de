"""Periods by name and by days, what they are compared with, and how they are cut into sums and single days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.server.reports.grains import Span
from everprint.server.reports.periods import BadPeriod, Comparison, Named, Period, period_named
from everprint.server.reports.spans import cut, first_day_after, first_day_of, runs

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("named", "first", "last"),
    [
        (Named.TODAY, "2026-11-27", "2026-11-27"),
        (Named.YESTERDAY, "2026-11-26", "2026-11-26"),
        (Named.THIS_WEEK, "2026-11-23", "2026-11-27"),
        (Named.LAST_WEEK, "2026-11-16", "2026-11-22"),
        (Named.THIS_MONTH, "2026-11-01", "2026-11-27"),
        (Named.LAST_MONTH, "2026-10-01", "2026-10-31"),
        (Named.LAST_30_DAYS, "2026-10-29", "2026-11-27"),
        (Named.THIS_YEAR, "2026-01-01", "2026-11-27"),
        (Named.LAST_YEAR, "2025-01-01", "2025-12-31"),
        (Named.LAST_365_DAYS, "2025-11-28", "2026-11-27"),
    ],
)
def test_a_named_period_moves_with_the_calendar(named: Named, first: str, last: str) -> None:
    expected = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert period_named(named, date(2026, 11, 27)) == expected


def test_a_period_is_compared_with_as_many_days_before_or_with_the_same_of_the_year_before() -> None:
    period = Period(date(2024, 2, 29), date(2024, 3, 9))
    assert period.compared_with(Comparison.BEFORE) == Period(date(2024, 2, 19), date(2024, 2, 28))
    assert period.compared_with(Comparison.YEAR_BEFORE) == Period(date(2023, 2, 28), date(2023, 3, 9))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 2), date(2026, 2, 1)),
        (date(2010, 1, 1), date(2026, 1, 1)),
        (date(1999, 12, 31), date(2000, 1, 1)),
        (date(2999, 12, 31), date(3000, 1, 1)),
    ],
)
def test_no_report_is_of_a_period_that_cannot_be(first: date, last: date) -> None:
    with pytest.raises(BadPeriod):
        Period(first, last)


@given(DAYS, st.integers(0, 500), st.sampled_from(Span), st.sets(DAYS, max_size=20), DAYS)
def test_every_day_is_in_exactly_one_piece(
    first: date, length: int, span: Span, dirty: set[date], today: date
) -> None:
    period = Period(first, first + timedelta(length))
    stale = {first_day_of(span, day) for day in dirty}
    pieces = cut(period, span, stale, today)
    seen: list[date] = []
    for begin, last in runs(pieces.summed, span):
        after = first_day_after(span, last)
        assert after <= today
        seen += [begin + timedelta(days) for days in range((after - begin).days)]
    assert not stale & set(pieces.summed)
    for piece in pieces.live:
        seen += [piece.first + timedelta(days) for days in range(piece.days)]
    assert sorted(seen) == [first + timedelta(days) for days in range(length + 1)]
