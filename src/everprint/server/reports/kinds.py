"""The reports that there are: what each has a row for, and which columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from everprint.server.accounts.models import TransactionKind
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
    BOOKING = "booking"  # kinds of bookings in the ledger


class Counted(StrEnum):
    """Which jobs a report is of."""

    PRINTED = "printed"
    UNRELEASED = "unreleased"  # held when they ended, and nothing of them printed (jobs.models)


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
class Purpose:
    """What bookings are for, as a column of money: the kinds of bookings that are."""

    key: str
    title: str
    bookings: tuple[TransactionKind, ...]


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
    counted: Counted = Counted.PRINTED
    is_booked: bool = False  # its columns are PURPOSES: of the ledger, not of the job log

    @property
    def sortable(self) -> dict[str, str]:
        """What it can be sorted by: column keys with their expressions; the first column is *name*."""
        booked = {key: key for key in PURPOSES} | {IN_ALL: " + ".join(PURPOSES)} if self.is_booked else {}
        return {
            "name": "name",
            **{column.key: column.order_by for column in self.columns if column.order_by},
            **booked,
        }


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

# Every kind of booking is for one of these; the keys are columns of models.AccountSum.
PURPOSES: dict[str, Purpose] = {
    purpose.key: purpose
    for purpose in (
        Purpose("jobs", "Jobs", (TransactionKind.RESERVE, TransactionKind.SETTLE, TransactionKind.RELEASE)),
        Purpose("refunds", "Refunded", (TransactionKind.REFUND,)),
        Purpose("adjustments", "Adjusted by hand", (TransactionKind.ADJUST,)),
        Purpose("quotas", "Quotas", (TransactionKind.QUOTA,)),
        Purpose("payments", "Paid in", (TransactionKind.TOP_UP,)),
        Purpose("transfers", "Transferred", (TransactionKind.TRANSFER,)),
    )
}
IN_ALL = "in_all"  # the sum of all of them


def _green(key: str, rows: Rows, whose: str, first: str) -> Kind:
    about = f"Paper, carbon dioxide and trees of each {whose}, the most first, with their formulas."
    return Kind(key, f"Environment by {whose}", about, rows, first, _GREEN, "-sheets", _ENVIRONMENT, True)


def _unreleased(rows: Rows) -> Kind:
    about = (
        f"What holding saved, by {rows.value}: jobs that were held, that nobody released, and that ended unprinted, "
        "with the paper that they would have taken."
    )
    return Kind(
        f"unreleased-{rows.value}s",
        f"Held and never released by {rows.value}",
        about,
        rows,
        rows.value.capitalize(),
        (_JOBS, *(column for column in _GREEN if column is not _SAVED)),
        "-sheets",
        _ENVIRONMENT,
        is_environmental=True,
        counted=Counted.UNRELEASED,
    )


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
        *(_unreleased(rows) for rows in (Rows.USER, Rows.GROUP, Rows.DEPARTMENT, Rows.OFFICE, Rows.PRINTER)),
        Kind("transactions", "Transactions",
             "What the bookings of each kind did to people's and shared accounts, and to the system's. "
             "Each row sums to nothing: what one account gets, another gives.",
             Rows.BOOKING, "Booking", (), "name", _MONEY),
        Kind("transactions-users", "Transactions by user",
             "What bookings did to each person's own accounts: their balance and their purses.",
             Rows.USER, "User", (), "name", _MONEY, is_booked=True),
        Kind("transactions-groups", "Transactions by group",
             "What bookings did to the own accounts of each group's members, as they are now. "
             "Who is in several groups counts in each, so the rows have no sum.",
             Rows.GROUP, "Group", (), "name", _MONEY, is_booked=True),
    )
}  # fmt: skip


def kind_named(key: str) -> Kind:
    """The report of that key.

    Raises KeyError.
    """
    return KINDS[key]
