"""Days, weeks and months, for what is printed in one of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from everprint.contract.rules import Span


def begin_of(span: Span, at: datetime) -> datetime:
    """The first moment of the day, week or month that the moment is in, in the moment's own zone."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match span:
        case Span.DAY:
            return day
        case Span.WEEK:
            return day - timedelta(days=day.weekday())
        case Span.MONTH:
            return day.replace(day=1)
