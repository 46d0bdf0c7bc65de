"""Rows of a report in their order, from parts that have a key and figures: whatever the figures are of.

One statement sums the parts by what the report has rows for, orders them, cuts out the rows that are shown, looks up
their names, and sums all rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from everprint.server import sql
from everprint.server.accounts.models import AccountKind
from everprint.server.reports.kinds import Rows
from everprint.server.reports.whole_sums import whole_sum

_OF_PEOPLE = {
    "group": "SELECT user_id FROM people_group_members WHERE group_id = %s",
    "department": "SELECT id FROM people_user WHERE department_id = %s",
    "office": "SELECT id FROM people_user WHERE office_id = %s",
}


@dataclass(slots=True)
class Statement:
    """A piece of SQL with its parameters."""

    text: str
    parameters: list[sql.Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A row: its key (0: nobody known), its name, and its figures as the database has them."""

    key: int
    name: str
    figures: list[int]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Some rows in their order, how many there are, and the sums of all."""

    rows: tuple[RankedRow, ...]
    count: int
    total: list[int]


def ranked(
    rows: Rows,
    parts: Statement,
    figures: Sequence[str],
    order: tuple[str, bool],
    *,
    first: int = 0,
    most: int | None = None,
    only: Collection[int] | None = None,
) -> Ranked:
    """The rows from the `first` on, at most so many, ordered by an expression over the figures, or *name*.

    With `only`, no rows but those with these keys; count and total are of all the same.
    """
    named = _NAMED[rows]
    sums, listed = sums_of(figures), ", ".join(figures)
    summed = f"SELECT {named.key} AS key, {sums} FROM ({parts.text}) parts {named.join} GROUP BY 1"  # noqa: S608 - no value in it
    expression, descending = order
    direction = "DESC" if descending else "ASC"
    where, wanted = "", []
    if only is not None:
        where, wanted = f"WHERE summed.key IN ({sql.placeholders(list(only)) or 'NULL'})", list(only)
    limit = "" if most is None else f"LIMIT {int(most)} OFFSET {int(first)}"
    by = f"{expression} {direction}, key"
    # Names are looked up for the rows that are shown, unless all of them are needed for the order.
    names = f"LEFT JOIN {named.table} named ON named.id = summed.key"
    rows_named = f"SELECT summed.*, named.name AS name FROM summed {names}"  # noqa: S608 - no value in it
    shown_of = f"({rows_named}) AS summed" if expression == "name" else "summed"
    statement = (
        f"WITH summed AS ({summed}), shown AS (SELECT summed.* FROM {shown_of} {where} ORDER BY {by} {limit}), "  # noqa: S608 - no value in it
        f"page AS (SELECT shown.key, named.name AS name, {listed} FROM shown "
        f"LEFT JOIN {named.table} named ON named.id = shown.key) "
        f"SELECT 0 AS place, NULL AS key, NULL AS name, count(*) AS count, {sums} FROM summed UNION ALL "
        f"SELECT row_number() OVER (ORDER BY {by}), key, name, 0, {listed} FROM page ORDER BY place"
    )
    (_, _, _, count, *total), *found = sql.rows_of_many(
        statement, [*parts.parameters, *wanted], many_groups=rows is Rows.USER
    )
    shown = [RankedRow(int(key), name or named.nobody, _whole(values)) for _, key, name, _, *values in found]
    return Ranked(tuple(shown), int(count), _whole(total))


def sums_of(figures: Sequence[str]) -> str:
    """The sums of the figures, exact; 0 of no rows."""
    total = whole_sum()
    return ", ".join(f"COALESCE({total}({name}), 0) AS {name}" for name in figures)


def narrow(part: Statement, column: str, name: str, value: int) -> None:
    """Lets the part have only what the filter wants; `column` is what it is compared with."""
    part.text += f" AND {column} IN ({_OF_PEOPLE[name]})" if name in _OF_PEOPLE else f" AND {column} = %s"
    part.parameters.append(value)


def _whole(values: Sequence[int | Decimal]) -> list[int]:
    return [int(value) for value in values]


@dataclass(frozen=True, slots=True)
class _Named:
    """Where a row's name stands, and how the keys of the sums become the keys of the report."""

    table: str
    key: str = "parts.key"
    join: str = ""
    nobody: str = "(nobody known)"  # the row of what has no key


_NAMED = {
    Rows.USER: _Named("people_user"),
    Rows.GROUP: _Named(
        "people_group",
        key="members.group_id",
        join="JOIN people_group_members members ON members.user_id = parts.key",
    ),
    **{
        rows: _Named(
            f"people_{rows.value}",
            key=f"COALESCE(person.{rows.value}_id, 0)",
            join="LEFT JOIN people_user person ON person.id = parts.key",
            nobody=f"(no {rows.value})",
        )
        for rows in (Rows.DEPARTMENT, Rows.OFFICE)
    },
    Rows.PRINTER: _Named("printers_printer"),
    Rows.ACCOUNT: _Named(
        "accounts_account",
        join=f"JOIN accounts_account shared ON shared.id = parts.key AND shared.kind = '{AccountKind.SHARED}'",
    ),
}
