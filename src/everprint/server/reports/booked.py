"""What bookings did to people's own accounts, by user or group: from the sums, and from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from everprint.server.accounts.money import from_units
from everprint.server.reports.account_sums import PERSONS, booked_part, made_sums, summed_part
from everprint.server.reports.asked import Filters
from everprint.server.reports.kinds import PURPOSES, Rows
from everprint.server.reports.periods import Period
from everprint.server.reports.ranked import Statement, narrow, ranked, sums_of
from everprint.server.reports.spans import cut

KNOWN = ("user", "group", "department", "office")  # filters of whose accounts
_OWNER = "COALESCE(account.owner_id, account.holder_id)"


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A user or group: id, name, and what was booked for each of PURPOSES, in their order."""

    key: int
    name: str
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class BookedRows:
    """Some of the rows in their order, how many there are, and the sums of all."""

    rows: tuple[BookedRow, ...]
    count: int
    total: tuple[Decimal, ...]


def booked_by(
    rows: Rows,
    period: Period,
    filters: Filters,
    order: tuple[str, bool],
    *,
    first: int = 0,
    most: int | None = None,
) -> BookedRows:
    """The rows from the `first` on, at most so many, ordered by an expression over PURPOSES, or *name*."""
    figures = tuple(PURPOSES)
    found = ranked(rows, _of_people(_booked_in(period), filters), figures, order, first=first, most=most)
    shown = [BookedRow(row.key, row.name, _amounts(row.figures)) for row in found.rows]
    return BookedRows(tuple(shown), found.count, _amounts(found.total))


def _booked_in(period: Period) -> Statement:
    """All of the period, part by part: account, and what was booked for what."""
    pieces = cut(period, made_sums())
    parts = [summed_part(run) for run in pieces.summed]
    parts += [booked_part(piece) for piece in pieces.live]
    return Statement(
        " UNION ALL ".join(part.text for part in parts), [value for part in parts for value in part.parameters]
    )


def _of_people(booked: Statement, filters: Filters) -> Statement:
    """The same by the person whose account it is, of those whom the filters want."""
    wanted = [name for name in KNOWN if getattr(filters, name) is not None]
    # Of everybody the months of an account are added up first: each account is then looked up once, not once a month.
    of_accounts = booked.text if wanted else _by_account(booked.text)
    part = Statement(
        f"SELECT {_OWNER} AS key, {', '.join(PURPOSES)} FROM ({of_accounts}) booked "  # noqa: S608 - no value in it
        f"JOIN accounts_account account ON account.id = booked.account AND account.kind IN {PERSONS} WHERE TRUE",
        list(booked.parameters),
    )
    for name in wanted:
        narrow(part, _OWNER, name, getattr(filters, name))
    return part


def _by_account(booked: str) -> str:
    return f"SELECT account, {sums_of(tuple(PURPOSES))} FROM ({booked}) every GROUP BY account"  # noqa: S608 - no value in it


def _amounts(figures: list[int]) -> tuple[Decimal, ...]:
    return tuple(from_units(units) for units in figures)
