"""A report as a table, however it is shown: on a page, as CSV, as PDF, by the API, on the command line, by mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from everprint.server.accounts.models import Account, AccountKind, TransactionKind
from everprint.server.accounts.money import ZERO
from everprint.server.installation.settings import read_settings
from everprint.server.people.models import Department, Group, Office, User
from everprint.server.printers.models import Printer
from everprint.server.reports.asked import AskedReport, Filters
from everprint.server.reports.booked import KNOWN, booked_by
from everprint.server.reports.kinds import IN_ALL, PURPOSES, Counted, Kind, Rows, Unit, UsageColumn
from everprint.server.reports.ledger_sums import Moved, moved_in
from everprint.server.reports.periods import Period
from everprint.server.reports.query import UsageRow, never_released, usage_by
from everprint.server.reports.usage import SHEETS_SAVED, UNRELEASED, Footprint, Usage

ROWS_DRAWN = 5_000
"""So many rows of a report are drawn as a PDF."""

Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of the table."""

    key: str
    title: str
    unit: Unit
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row: `key` is the id of what it is of, or 0; `usage` what a chart draws of it."""

    key: int
    cells: tuple[Cell, ...]
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A report that was made. `total` is of all rows, also those that are not here; None if they have no sum."""

    kind: Kind
    period: Period
    before: Period | None
    whose: str  # what the filters say, in words; empty: everybody's
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    count: int
    total: tuple[Cell, ...] | None
    notes: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """What it is and of when."""
        return f"{self.kind.title}, {self.period.words}"


def make_table(
    asked: AskedReport, *, first: int = 0, most: int | None = None, today: date | None = None
) -> ReportTable:
    """Makes the report: its rows from the `first` on, at most so many.

    Raises BadReport.
    """
    kind, period = asked.its_kind, asked.period(today)
    before = asked.period_before(period)
    if kind.rows is Rows.BOOKING:
        return _bookings(kind, period, asked.filters)
    order_by, descending = asked.order()
    order = (kind.sortable[order_by], descending)
    if kind.is_booked:
        return _booked_for(kind, period, asked.filters, order, first, most)
    found = usage_by(kind.rows, period, asked.filters, order, first=first, most=most, counted=kind.counted)
    compared = _compared(kind, before, asked.filters, order, found.rows)
    columns = tuple(_columns(kind, compared=before is not None))
    settings = read_settings()
    footprint = Footprint(settings.paper_co2_g_a_kg, settings.sheets_a_tree)
    total = None
    if kind.rows is not Rows.GROUP:
        total = _cells("All", kind, found.total, compared.total if compared else None, footprint)
    return ReportTable(
        kind=kind,
        period=period,
        before=before,
        whose=in_words(asked.filters),
        columns=columns,
        rows=tuple(
            ReportRow(
                row.key if isinstance(row.key, int) else 0,
                _cells(row.name, kind, row.usage, compared.of(place, row) if compared else None, footprint),
                row.usage,
            )
            for place, row in enumerate(found.rows, first)
        ),
        count=found.count,
        total=total,
        notes=_notes(kind, period, asked.filters, footprint) if kind.is_environmental else (),
    )


def _notes(kind: Kind, period: Period, filters: Filters, footprint: Footprint) -> tuple[str, ...]:
    """The formulas; of what was printed, what was not printed because it was held, too."""
    if kind.counted is Counted.UNRELEASED:
        return (*footprint.formulas, *UNRELEASED)
    return (*footprint.formulas, SHEETS_SAVED, footprint.held_back(never_released(period, filters)), *UNRELEASED)


@dataclass(frozen=True, slots=True)
class _Compared:
    """The period before: by key, or, of days and months, by place."""

    by_key: dict[int, Usage]
    in_order: tuple[Usage, ...] | None
    total: Usage

    def of(self, place: int, row: UsageRow) -> Usage:
        if self.in_order is not None:
            return self.in_order[place] if place < len(self.in_order) else Usage()
        assert isinstance(row.key, int)
        return self.by_key.get(row.key, Usage())


def _compared(
    kind: Kind, before: Period | None, filters: Filters, order: tuple[str, bool], rows: tuple[UsageRow, ...]
) -> _Compared | None:
    if before is None:
        return None
    if kind.rows in (Rows.DAY, Rows.MONTH):
        found = usage_by(kind.rows, before, filters, order, counted=kind.counted)
        return _Compared({}, tuple(row.usage for row in found.rows), found.total)
    shown = [row.key for row in rows if isinstance(row.key, int)]
    found = usage_by(kind.rows, before, filters, order, only=shown, counted=kind.counted)
    return _Compared({row.key: row.usage for row in found.rows if isinstance(row.key, int)}, None, found.total)


def _columns(kind: Kind, *, compared: bool) -> list[ReportColumn]:
    columns = [ReportColumn("name", kind.first, Unit.TEXT, sortable=True)]
    columns += [ReportColumn(column.key, column.title, column.unit, bool(column.order_by)) for column in kind.columns]
    if compared:
        main = main_column(kind)
        columns.append(ReportColumn(f"{main.key}_before", f"{main.title} before", main.unit))
        columns.append(ReportColumn("change", "Change", Unit.PERCENT))
    return columns


def main_column(kind: Kind) -> UsageColumn:
    """What periods are compared by, and charts draw."""
    wanted = "sheets" if kind.is_environmental else "cost" if kind.rows is Rows.ACCOUNT else "impressions"
    return next(column for column in kind.columns if column.key == wanted)


def _cells(name: str, kind: Kind, usage: Usage, before: Usage | None, footprint: Footprint) -> tuple[Cell, ...]:
    cells: list[Cell] = [name, *(column.value(usage, footprint) for column in kind.columns)]
    if before is not None:
        main = main_column(kind)
        now, then = main.value(usage, footprint) or 0, main.value(before, footprint) or 0
        cells += [then, (Decimal(now - then) * 100 / then).quantize(Decimal("0.1")) if then else None]
    return tuple(cells)


_MODELS = {
    "user": User,
    "group": Group,
    "department": Department,
    "office": Office,
    "printer": Printer,
    "account": Account,
}


def in_words(filters: Filters) -> str:
    """Whose printing it is, for people; what was removed meanwhile is named by its number."""
    words = []
    for name, model in _MODELS.items():
        number = getattr(filters, name)
        if number is not None:
            found = model._default_manager.filter(pk=number).values_list("name", flat=True).first()
            words.append(f"{name} {found or number}")
    return ", ".join(words)


_BOOKINGS = {
    TransactionKind.RESERVE: "Held for jobs",
    TransactionKind.SETTLE: "Charged for jobs",
    TransactionKind.RELEASE: "Given back, of what was held",
    TransactionKind.REFUND: "Refunded",
    TransactionKind.ADJUST: "Adjusted by hand",
    TransactionKind.QUOTA: "Quotas",
    TransactionKind.TOP_UP: "Paid in",
    TransactionKind.TRANSFER: "Transferred",
}
_SIDES = (
    ("people", "People", (AccountKind.PERSONAL, AccountKind.PURSE)),
    ("shared", "Shared accounts", (AccountKind.SHARED,)),
    ("reserved", "Held", (AccountKind.RESERVED,)),
    ("revenue", "Revenue", (AccountKind.REVENUE,)),
    ("funding", "Credit given", (AccountKind.FUNDING,)),
    ("uncollected", "Uncollected", (AccountKind.UNCOLLECTED,)),
)


def _bookings(kind: Kind, period: Period, filters: Filters) -> ReportTable:
    """A trial balance by kinds of bookings; of one shared account or one person's balance, if they are asked for."""
    account = filters.account
    if filters.user is not None:
        account = Account.objects.filter(owner=filters.user).values_list("pk", flat=True).first() or 0
    moved = moved_in(period, account=account)
    rows = [
        ReportRow(0, _booked(words, [row for row in moved if row.kind == booking]))
        for booking, words in _BOOKINGS.items()
        if any(row.kind == booking for row in moved)
    ]
    columns = [ReportColumn("name", kind.first, Unit.TEXT)]
    columns += [ReportColumn(key, title, Unit.MONEY) for key, title, _ in _SIDES]
    return ReportTable(
        kind=kind,
        period=period,
        before=None,
        whose=in_words(Filters(user=filters.user, account=filters.account)),
        columns=tuple(columns),
        rows=tuple(rows),
        count=len(rows),
        total=_booked("All", moved),
    )


def _booked_for(
    kind: Kind, period: Period, filters: Filters, order: tuple[str, bool], first: int, most: int | None
) -> ReportTable:
    """What was booked for what, by person or group; a filter that accounts of people do not know does not count."""
    found = booked_by(kind.rows, period, filters, order, first=first, most=most)
    columns = [ReportColumn("name", kind.first, Unit.TEXT, sortable=True)]
    columns += [ReportColumn(purpose.key, purpose.title, Unit.MONEY, sortable=True) for purpose in PURPOSES.values()]
    columns.append(ReportColumn(IN_ALL, "In all", Unit.MONEY, sortable=True))
    return ReportTable(
        kind=kind,
        period=period,
        before=None,
        whose=in_words(Filters(**{name: getattr(filters, name) for name in KNOWN})),
        columns=tuple(columns),
        rows=tuple(ReportRow(row.key, (row.name, *row.amounts, sum(row.amounts, ZERO))) for row in found.rows),
        count=found.count,
        total=None if kind.rows is Rows.GROUP else ("All", *found.total, sum(found.total, ZERO)),
    )


def _booked(name: str, moved: list[Moved]) -> tuple[Cell, ...]:
    return (
        name,
        *(sum((row.amount for row in moved if row.account_kind in kinds), ZERO) for _, _, kinds in _SIDES),
    )
