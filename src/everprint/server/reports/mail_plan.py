"""When a report is due that is mailed every day, week or month: on its day, from its hour on, in the installation's
zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum


class Every(StrEnum):
    """How often. A week's day is Monday, a month's the first."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def last_due(every: Every, hour: int, local: datetime) -> date:
    """The newest day on which it was due by then: of those that were missed, only this one is made up for."""
    day = local.date() if local.hour >= hour else local.date() - timedelta(1)
    if every is Every.WEEK:
        return day - timedelta(day.weekday())
    return day.replace(day=1) if every is Every.MONTH else day
