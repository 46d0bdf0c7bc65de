"""Reads usage: sums where there are sums that hold, the job log for all other days, in one statement.

Each job is in exactly one part of the statement, by the day on which it ended. What a filter asks that the sums do
not know (a user on one printer) is read from the job log alone, by its indexes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.money import from_units
from everprint.server.jobs.queries import start_of
from everprint.server.reports.asked import Filters
from everprint.server.reports.grains import COARSER, SPAN_OF, Grain, Span
from everprint.server.reports.kinds import Counted, Rows
from everprint.server.reports.periods import Period
from everprint.server.reports.ranked import Statement, narrow, ranked, sums_of
from everprint.server.reports.spans import Made, Run, cut, first_day_after, first_day_of
from everprint.server.reports.stale import stale_spans
from everprint.server.reports.usage import Usage

FIGURES = ("jobs", "impressions", "colour_impressions", "sheets", "charged", "refunded", "uncollected")
_OF_A_JOB = {
    Counted.PRINTED: (
        "1",
        "printed_impressions",
        "printed_colour_impressions",
        "printed_sheets",
        "cost_charged",
        "cost_refunded",
        "cost_uncollected",
    ),
    # What analysis said that they would have taken: nothing, where it could not say.
    Counted.UNRELEASED: (
        "1",
        "COALESCE(impressions, 0)",
        "COALESCE(colour_impressions, 0)",
        "COALESCE(sheets, 0)",
        "0",
        "0",
        "0",
    ),
}
PRINTED = "printed_impressions > 0"  # a job that put nothing on paper is in no report of what was printed
_WHICH = {Counted.PRINTED: PRINTED, Counted.UNRELEASED: "unreleased"}

GRAIN_OF = {
    Rows.USER: Grain.USER,
    Rows.GROUP: Grain.USER,
    Rows.DEPARTMENT: Grain.USER,
    Rows.OFFICE: Grain.USER,
    Rows.PRINTER: Grain.PRINTER,
    Rows.ACCOUNT: Grain.ACCOUNT,
    Rows.DAY: Grain.ALL,
    Rows.MONTH: Grain.ALL,
}
KEY_OF = {
    Grain.ALL: "0",
    Grain.PRINTER: "printer_id",
    Grain.ACCOUNT: "account_id",
    Grain.USER: "owner_id",
    Grain.USER_QUARTER: "owner_id",
}
_KNOWS = {
    Grain.ALL: frozenset[str](),
    Grain.PRINTER: frozenset({"printer"}),
    Grain.ACCOUNT: frozenset({"account"}),
    Grain.USER: frozenset({"user", "group", "department", "office"}),
}


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A row of a report: the id of the user, group, printer or account (0: nobody known), or the day; its name."""

    key: int | date
    name: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class UsageRows:
    """Some of a report's rows in its order, how many there are, and the sum of all."""

    rows: tuple[UsageRow, ...]
    count: int
    total: Usage


def usage_by(
    rows: Rows,
    period: Period,
    filters: Filters,
    order: tuple[str, bool],
    *,
    first: int = 0,
    most: int | None = None,
    only: Collection[int] | None = None,
    counted: Counted = Counted.PRINTED,
) -> UsageRows:
    """The rows from the `first` on, at most so many, ordered by an expression over FIGURES, or *name*.

    With `only`, no rows but those with these keys; count and total are of all the same.
    """
    by_time = rows in (Rows.DAY, Rows.MONTH)
    parts = _parts(rows, period, filters, by_day=by_time, counted=counted)
    if by_time:
        return _by_time(rows, parts, period, order[1], first, most)
    found = ranked(rows, parts, FIGURES, order, first=first, most=most, only=only)
    shown = [UsageRow(row.key, row.name, _usage(row.figures)) for row in found.rows]
    return UsageRows(tuple(shown), found.count, _usage(found.total))


def never_released(period: Period, filters: Filters) -> Usage:
    """What holding saved: the sum of the jobs that were held and ended unprinted."""
    parts = _parts(Rows.DAY, period, filters, by_day=False, counted=Counted.UNRELEASED)
    ((*figures,),) = sql.rows(f"SELECT {sums_of(FIGURES)} FROM ({parts.text}) parts", parts.parameters)  # noqa: S608 - no value in it
    return _usage(figures)


def printed_by_day(period: Period) -> dict[date, Usage]:
    """What everybody printed on each day; days on which nothing was are left out."""
    return _usage_by_day(_parts(Rows.DAY, period, Filters(), by_day=True))


def sums_hold() -> bool:
    """False if the sums were made for days of another zone."""
    zones = sql.rows("SELECT zone FROM reports_sumsmade", ())
    return zones == [(timezone.get_current_timezone_name(),)]


def _parts(
    rows: Rows, period: Period, filters: Filters, *, by_day: bool, counted: Counted = Counted.PRINTED
) -> Statement:
    """All of the period, part by part: key, (day,) figures. There are sums of what was printed only."""
    grain = _grain_for(rows, filters) if counted is Counted.PRINTED else None
    grains = {} if grain is None or not sums_hold() else _by_span(grain)
    pieces = cut(period, _made(grains) if grains else [])
    parts = [_summed_part(grains[run.span], run, filters, by_day=by_day) for run in pieces.summed]
    key = KEY_OF[GRAIN_OF[rows]]
    parts += [_live_part(key, piece, filters, by_day=by_day, counted=counted) for piece in pieces.live]
    return Statement(
        " UNION ALL ".join(part.text for part in parts), [value for part in parts for value in part.parameters]
    )


def _grain_for(rows: Rows, filters: Filters) -> Grain | None:
    """The sums that can tell it; None if none can."""
    if filters.given <= _KNOWS[GRAIN_OF[rows]]:
        return GRAIN_OF[rows]
    if GRAIN_OF[rows] is Grain.ALL and filters.given <= _KNOWS[Grain.PRINTER]:
        return Grain.PRINTER
    return None


def _by_span(grain: Grain) -> dict[Span, Grain]:
    """Such sums by their spans, the longest first."""
    grains = [COARSER[grain], grain] if grain in COARSER else [grain]
    return {SPAN_OF[one]: one for one in grains}


def _made(grains: Iterable[Span]) -> list[Made]:
    today, stale = timezone.localdate(), stale_spans()
    return [Made(span, today, stale[span]) for span in grains]


def _summed_part(grain: Grain, run: Run, filters: Filters, *, by_day: bool) -> Statement:
    day = ", first_day AS day" if by_day else ""
    part = Statement(
        f"SELECT key{day}, {', '.join(FIGURES)} FROM reports_usagesum "  # noqa: S608 - no value in it
        "WHERE grain = %s AND first_day >= %s AND first_day <= %s",
        [grain.value, str(run.first), str(run.last)],
    )
    for name in sorted(filters.given):
        narrow(part, "key", name, getattr(filters, name))
    return part


def _live_part(key: str, piece: Period, filters: Filters, *, by_day: bool, counted: Counted) -> Statement:
    day, zone = "", []
    if by_day:
        text, parameters = connection.ops.datetime_cast_date_sql(
            "finished_at", (), timezone.get_current_timezone_name()
        )
        day, zone = f", {text} AS day", list(parameters)
    figures = ", ".join(
        f"{figure} AS {name}" for figure, name in zip(figures_of_a_job(counted), FIGURES, strict=True)
    )
    part = Statement(
        f"SELECT COALESCE({key}, 0) AS key{day}, {figures} FROM jobs_job "  # noqa: S608 - no value in it
        f"WHERE finished_at >= %s AND finished_at < %s AND {_WHICH[counted]}",
        [
            *zone,
            sql.of_moment(start_of(piece.first)),
            sql.of_moment(start_of(piece.last + timedelta(1))),
        ],
    )
    columns = {"printer": "printer_id", "account": "account_id"}
    for name in sorted(filters.given):
        narrow(part, columns.get(name, "owner_id"), name, getattr(filters, name))
    return part


def figures_of_a_job(counted: Counted = Counted.PRINTED) -> list[str]:
    """FIGURES of one job, of the type that sums have: of two types PostgreSQL would make a third, for all rows."""
    return [f"CAST({figure} AS bigint)" for figure in _OF_A_JOB[counted]]


def _by_time(
    rows: Rows, parts: Statement, period: Period, descending: bool, first: int, most: int | None
) -> UsageRows:
    """A row for every day or month of the period, also where nothing was printed."""
    span, words = (Span.DAY, "%Y-%m-%d") if rows is Rows.DAY else (Span.MONTH, "%Y-%m")
    by_day = dict.fromkeys(_first_days(period, span), Usage())
    for day, usage in _usage_by_day(parts).items():
        by_day[first_day_of(span, day)] += usage
    ordered = sorted(by_day.items(), reverse=descending)
    shown = ordered[first:] if most is None else ordered[first : first + most]
    return UsageRows(
        tuple(UsageRow(day, day.strftime(words), usage) for day, usage in shown),
        len(ordered),
        sum(by_day.values(), Usage()),
    )


def _usage_by_day(parts: Statement) -> dict[date, Usage]:
    """Each day's, of days on which something was printed."""
    statement = f"SELECT day, {sums_of(FIGURES)} FROM ({parts.text}) parts GROUP BY day"  # noqa: S608 - no value in it
    found = sql.rows_of_many(statement, parts.parameters)
    return {_as_date(day): _usage(figures) for day, *figures in found}


def _first_days(period: Period, span: Span) -> list[date]:
    days = [first_day_of(span, period.first)]
    while (after := first_day_after(span, days[-1])) <= period.last:
        days.append(after)
    return days


def _usage(figures: Sequence[int | Decimal]) -> Usage:
    jobs, impressions, colour, sheets, *money = (int(figure) for figure in figures)
    return Usage(jobs, impressions, colour, sheets, *(from_units(units) for units in money))


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
