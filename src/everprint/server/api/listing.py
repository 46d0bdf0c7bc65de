"""Listings: the page of rows that a query asks for, with the columns and the order of the web pages' listings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from pydantic import BaseModel, Field

from everprint.server.pages.listing import COUNTED_UP_TO, PAGE_SIZE, Column, in_order

LARGEST_SIZE = 500
LAST_PAGE = 100_000

Row = TypeVar("Row", bound=Model)
Record = TypeVar("Record", bound=BaseModel)


class Asked(BaseModel):
    """What every listing may be asked; a listing adds its filters and `sort`."""

    page: int = Field(1, ge=1, le=LAST_PAGE, description="Which page, from 1; beyond the last it is empty")
    size: int = Field(PAGE_SIZE, ge=1, le=LARGEST_SIZE, description="Rows on a page")


class Found(BaseModel, Generic[Record]):
    """A page of a listing."""

    items: list[Record]
    page: int
    size: int
    count: int = Field(description=f"All rows that match; it stops at {COUNTED_UP_TO}")
    count_is_more: bool = Field(description="There are more than `count`")


def sort_field(columns: Sequence[Column], default: str) -> Any:  # noqa: ANN401 - pydantic gives a field's default so
    """The field `sort`: a column's key, with - before it for descending."""
    keys = "|".join(column.key for column in columns if column.order_by)
    return Field(default, pattern=f"^-?({keys})$", description="A column; with - before it, descending")


def found(
    rows: QuerySet[Row], columns: Sequence[Column], asked: Asked, sort: str, record: Callable[[Row], Record]
) -> Found[Record]:
    """The page that is asked for, in the order that is asked for."""
    return cut(in_order(rows, columns, {"sort": sort}, default=sort), asked, record)


def cut(ordered: QuerySet[Row], asked: Asked, record: Callable[[Row], Record]) -> Found[Record]:
    """The page that is asked for, of rows that have one order only."""
    return cut_all(ordered, asked, lambda rows: [record(row) for row in rows])


def cut_all(ordered: QuerySet[Row], asked: Asked, records: Callable[[Sequence[Row]], list[Record]]) -> Found[Record]:
    """The same, for records that are made of all the page's rows at once."""
    count = ordered.order_by()[: COUNTED_UP_TO + 1].count()
    first = (asked.page - 1) * asked.size
    return Found(
        items=records(list(ordered[first : first + asked.size])),
        page=asked.page,
        size=asked.size,
        count=min(count, COUNTED_UP_TO),
        count_is_more=count > COUNTED_UP_TO,
    )
