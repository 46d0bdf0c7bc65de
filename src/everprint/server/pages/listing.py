"""Sorting and paging of a listing by its query string; the same string gives the same listing as CSV.

A count stops at COUNTED_UP_TO rows: a job log of millions of rows answers as fast as a short one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import F, Model, QuerySet
from django.http import QueryDict

PAGE_SIZE = 50
COUNTED_UP_TO = 10_000
_LONGEST_ID = 19

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing; `order_by` names the model's field to sort by, empty if it cannot be sorted."""

    key: str
    title: str
    order_by: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A column's head: `url` sorts by it, the other way round if it is the sorted one already."""

    title: str
    url: str
    number: bool
    sorted: str  # "ascending", "descending" or empty, as aria-sort says it


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of rows, with what is needed to go elsewhere."""

    rows: Sequence[Row]
    headers: tuple[Header, ...]
    first: int  # number of the first row shown, from 1; 0 if there is none
    last: int
    count: int
    count_is_more: bool  # there are more than `count`
    previous_url: str
    next_url: str
    query: str  # filter and order without the page, for the link to the CSV


def arrange(
    rows: QuerySet[Row],
    columns: Sequence[Column],
    query: QueryDict,
    *,
    default: str,
    size: int = PAGE_SIZE,
    counted_up_to: int = COUNTED_UP_TO,
) -> Listing[Row]:
    """The page that the query string asks for; what it does not know or cannot be is taken as not said."""
    chosen, descending = _order(columns, query, default)
    kept = {key: str(value) for key, value in query.items() if key not in ("page", "sort") and value}
    sort = f"-{chosen.key}" if descending else chosen.key
    headers = tuple(_header(column, chosen, descending, kept) for column in columns)
    if sort != default:
        kept["sort"] = sort
    return _page(in_order(rows, columns, query, default=default), headers, query, kept, size, counted_up_to)


def in_given_order(
    rows: QuerySet[Row],
    titles: Sequence[Column],
    query: QueryDict,
    size: int = PAGE_SIZE,
    keeping: Sequence[str] = (),
) -> Listing[Row]:
    """The page that the query string asks for, of rows that have one order only; links keep what is in `keeping`."""
    headers = tuple(Header(column.title, "", column.number, "") for column in titles)
    return _page(rows, headers, query, {key: str(query[key]) for key in keeping if query.get(key)}, size)


def _page(
    ordered: QuerySet[Row],
    headers: tuple[Header, ...],
    query: QueryDict,
    kept: Mapping[str, str],
    size: int,
    counted_up_to: int = COUNTED_UP_TO,
) -> Listing[Row]:
    page = _page_number(query)
    begun = _rows(ordered, 0, size + 1) if page == 1 else None
    # A search that finds little has looked at all rows by now: it need not look again to count them.
    all_found = begun is not None and len(begun) <= size
    count = len(begun or ()) if all_found else ordered.order_by()[: counted_up_to + 1].count()
    more, count = count > counted_up_to, min(count, counted_up_to)
    last_page = max(-(-count // size), 1)
    page = min(page, last_page)
    shown = _rows(ordered, (page - 1) * size, page * size) if begun is None else begun[:size]
    return Listing(
        rows=shown,
        headers=headers,
        first=(page - 1) * size + 1 if shown else 0,
        last=(page - 1) * size + len(shown),
        count=count,
        count_is_more=more,
        previous_url="?" + urlencode({**kept, "page": page - 1}) if page > 1 else "",
        next_url="?" + urlencode({**kept, "page": page + 1}) if page < last_page else "",
        query=urlencode(kept),
    )


def _rows(ordered: QuerySet[Row], first: int, end: int) -> list[Row]:
    """Their keys are found first: what is only shown is not carried along while all rows are sorted and skipped."""
    keys = list(ordered.values_list("pk", flat=True)[first:end])
    by_key = {row.pk: row for row in ordered.order_by().filter(pk__in=keys)} if keys else {}
    return [by_key[key] for key in keys if key in by_key]  # one may be gone by now


def in_order(
    rows: QuerySet[Row], columns: Sequence[Column], query: Mapping[str, Any], *, default: str
) -> QuerySet[Row]:
    """All rows in the order that the query string asks for; unknown values last, ties by age, so pages are stable."""
    chosen, descending = _order(columns, query, default)
    field = F(chosen.order_by)
    # Said of a column that knows no null, it would keep PostgreSQL from reading the column's index backwards.
    last = True if _may_be_null(rows.model, chosen.order_by) else None
    by = field.desc(nulls_last=last) if descending else field.asc(nulls_last=last)
    return rows.order_by(by, "-pk" if descending else "pk")


def _may_be_null(model: type[Model], order_by: str) -> bool:
    """True if the column, or a relation on the way to it, may be null; also of what is no column of a table."""
    at: type[Model] | None = model
    for name in order_by.split("__"):
        field = next((field for field in at._meta.concrete_fields if field.name == name), None) if at else None
        if field is None or field.null:
            return True
        at = field.related_model if isinstance(field.related_model, type) else None
    return False


def _order(columns: Sequence[Column], query: Mapping[str, Any], default: str) -> tuple[Column, bool]:
    sortable = {column.key: column for column in columns if column.order_by}
    for wish in _wishes(query, default):
        if wish.removeprefix("-") in sortable:
            return sortable[wish.removeprefix("-")], wish.startswith("-")
    raise LookupError(f"the default order {default!r} names no column")


def _wishes(query: Mapping[str, Any], default: str) -> Iterator[str]:
    yield str(query.get("sort", ""))
    yield default


def id_in(text: str | None) -> int:
    """The id that a button or an address says; 0, which nothing has, for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < _LONGEST_ID else 0


def _page_number(query: Mapping[str, Any]) -> int:
    text = str(query.get("page", "1"))
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _header(column: Column, chosen: Column, descending: bool, kept: Mapping[str, str]) -> Header:
    if not column.order_by:
        return Header(column.title, "", column.number, "")
    is_chosen = column is chosen
    # Numbers and moments are first wanted from the top, names from A.
    first_descending = column.number or column.order_by.endswith("_at")
    wanted_descending = not descending if is_chosen else first_descending
    url = "?" + urlencode({**kept, "sort": f"-{column.key}" if wanted_descending else column.key})
    sorted_now = ("descending" if descending else "ascending") if is_chosen else ""
    return Header(column.title, url, column.number, sorted_now)
