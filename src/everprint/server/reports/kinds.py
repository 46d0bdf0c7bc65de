"""The reports that there are: what each has a row for, and which columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from everprint.server.reports.usage import Footprint, Usage


class Rows(StrEnum):
    """What a report has a row for."""

    USER = "user"
    GROUP = "group"
    DEPARTMENT = "department"
    OFFICE = "office"
    PRINTER = "printer"
    ACCOUNT = "account"
    DAY = "day"
    MONTH = "month"
    BOOKING = "booking"  # kinds of bookings in the ledger: transactions.py


class Unit(StrEnum):
    """How a column's values are written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    KILOGRAMS = "kg"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class UsageColumn:
    """A column of figures; `order_by` is its expression over the sums, empty if it cannot be sorted."""

    key: str
    title: str
    unit: Unit
    value: Callable[[Usage, Footprint], int | Decimal | None]
    order_by: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A report. `first` is the title of its first column, what it has rows for."""

    key: str
    title: str
    about: str
    rows: Rows
    first: str
    columns: tuple[UsageColumn, ...]
    sort: str
    family: str
    is_environmental: bool = False

    @property
    def sortable(self) -> dict[str, str]:
        """What it can be sorted by: column keys with their expressions; the first column is *name*."""
        return {"name": "name", **{column.key: column.order_by for column in self.columns if column.order_by}}


_JOBS = UsageColumn("jobs", "Jobs", Unit.COUNT, lambda usage, _: usage.jobs, "jobs")
_IMPRESSIONS = UsageColumn(
    "impressions", "Impressions", Unit.COUNT, lambda usage, _: usage.impressions, "impressions"
)
_COLOUR = UsageColumn(
    "colour", "In colour", Unit.COUNT, lambda usage, _: usage.colour_impressions, "colour_impressions"
)
_SHARE = UsageColumn("colour_share", "Colour", Unit.PERCENT, lambda usage, _: usage.colour_share)
_SHEETS = UsageColumn("sheets", "Sheets", Unit.COUNT, lambda usage, _: usage.sheets, "sheets")
_SAVED = UsageColumn("saved", "Sheets saved", Unit.COUNT, lambda usage, _: usage.sheets_saved, "impressions - sheets")
_COST = UsageColumn("cost", "Cost", Unit.MONEY, lambda usage, _: usage.cost, "charged - refunded")
_REFUNDED = UsageColumn("refunded", "Refunded", Unit.MONEY, lambda usage, _: usage.refunded, "refunded")
_UNPAID = UsageColumn("unpaid", "Unpaid", Unit.MONEY, lambda usage, _: usage.uncollected, "uncollected")
_PAPER = UsageColumn("paper", "Paper", Unit.KILOGRAMS, lambda usage, _: usage.paper_kg, "sheets")
_CO2 = UsageColumn("co2", "CO₂", Unit.KILOGRAMS, lambda usage, footprint: footprint.co2_kg(usage), "sheets")
_TREES = UsageColumn("trees", "Trees", Unit.NUMBER, lambda usage, footprint: footprint.trees(usage), "sheets")

_SUMMARY = (_JOBS, _IMPRESSIONS, _COLOUR, _SHARE, _SHEETS, _SAVED, _COST, _REFUNDED, _UNPAID)
_GREEN = (_IMPRESSIONS, _SHEETS, _SAVED, _PAPER, _CO2, _TREES)
_PRINTING, _ENVIRONMENT, _MONEY = "Printing", "Environment", "Money"


def _green(key: str, rows: Rows, whose: str, first: str) -> Kind:
    about = f"Paper, carbon dioxide and trees of each {whose}, the most first, with their formulas."
    return Kind(key, f"Environment by {whose}", about, rows, first, _GREEN, "-sheets", _ENVIRONMENT, True)


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("users", "Printing by user", "Who printed how much, and what it cost.",
             Rows.USER, "User", _SUMMARY, "-impressions", _PRINTING),
        Kind("groups", "Printing by group",
             "Each group's members as they are now: a class, a course, a year. "
             "Who is in several groups counts in each, so the rows have no sum.",
             Rows.GROUP, "Group", _SUMMARY, "-impressions", _PRINTING),
        Kind("departments", "Printing by department",
             "What each department's people printed, as they are now: whoever moves takes their printing along.",
             Rows.DEPARTMENT, "Department", _SUMMARY, "-impressions", _PRINTING),
        Kind("offices", "Printing by office",
             "What each office's people printed, as they are now: whoever moves takes their printing along.",
             Rows.OFFICE, "Office", _SUMMARY, "-impressions", _PRINTING),
        Kind("printers", "Printing by printer", "What came out of each printer.",
             Rows.PRINTER, "Printer", _SUMMARY, "-impressions", _PRINTING),
        Kind("accounts", "Printing by shared account", "What was printed on each shared account.",
             Rows.ACCOUNT, "Shared account", _SUMMARY, "-cost", _PRINTING),
        Kind("days", "Printing by day", "How much was printed on each day.",
             Rows.DAY, "Day", _SUMMARY, "name", _PRINTING),
        Kind("months", "Printing by month", "How much was printed in each month.",
             Rows.MONTH, "Month", _SUMMARY, "name", _PRINTING),
        _green("environment-users", Rows.USER, "user", "User"),
        _green("environment-groups", Rows.GROUP, "group", "Group"),
        _green("environment-departments", Rows.DEPARTMENT, "department", "Department"),
        _green("environment-offices", Rows.OFFICE, "office", "Office"),
        _green("environment-printers", Rows.PRINTER, "printer", "Printer"),
        Kind("transactions", "Transactions",
             "What the bookings of each kind did to people's and shared accounts, and to the system's. "
             "Each row sums to nothing: what one account gets, another gives.",
             Rows.BOOKING, "Booking", (), "name", _MONEY),
    )
}  # fmt: skip


def kind_named(key: str) -> Kind:
    """The report of that key.

    Raises KeyError.
    """
    return KINDS[key]
