"""Periods by name and by days, what they are compared with, and how they are cut into sums and single days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.server.reports.grains import Span
from everprint.server.reports.periods import BadPeriod, Comparison, Named, Period, period_named
from everprint.server.reports.spans import Made, cut, first_day_after, first_day_of

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


SPANS = st.sampled_from([(), (Span.DAY,), (Span.MONTH,), (Span.QUARTER, Span.MONTH), tuple(Span)[::-1]])


@given(DAYS, st.integers(0, 500), SPANS, st.sets(DAYS, max_size=20), DAYS)
def test_every_day_is_in_exactly_one_piece(
    first: date, length: int, spans: tuple[Span, ...], dirty: set[date], today: date
) -> None:
    period = Period(first, first + timedelta(length))
    stale = {span: {first_day_of(span, day) for day in dirty} for span in spans}
    pieces = cut(period, [Made(span, today, stale[span]) for span in spans])
    seen: list[date] = []
    for run in pieces.summed:
        begin, after = run.first, first_day_after(run.span, run.last)
        assert after <= today
        while begin < after:
            assert begin not in stale[run.span]
            following = first_day_after(run.span, begin)
            seen += [begin + timedelta(days) for days in range((following - begin).days)]
            begin = following
        assert begin == after
    for piece in pieces.live:
        seen += [piece.first + timedelta(days) for days in range(piece.days)]
    assert sorted(seen) == [first + timedelta(days) for days in range(length + 1)]


def test_a_year_is_cut_into_few_sums() -> None:
    made = [Made(span, date(2026, 11, 27)) for span in (Span.QUARTER, Span.MONTH)]
    pieces = cut(Period(date(2025, 11, 28), date(2026, 11, 27)), made)
    assert [(run.span, str(run.first), str(run.last)) for run in pieces.summed] == [
        (Span.QUARTER, "2026-01-01", "2026-07-01"),
        (Span.MONTH, "2025-12-01", "2025-12-01"),
        (Span.MONTH, "2026-10-01", "2026-10-01"),
    ]
    assert [(str(piece.first), str(piece.last)) for piece in pieces.live] == [
        ("2025-11-28", "2025-11-30"),
        ("2026-11-01", "2026-11-27"),
    ]
