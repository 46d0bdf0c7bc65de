"""Listings as CSV, piece by piece, however long they are; no cell can become a formula in a spreadsheet.

Rows are fetched in pieces by their keys, which are read first: a slow reader holds no transaction open, and a row
that comes or goes meanwhile moves no other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from everprint.server.pages.streamed import in_turn

Cell = str | int | Decimal | bool | datetime | None

# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width forms count too
_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as its local code page
_FLUSH_AT = 16 * 1024
_ROWS_AT_ONCE = 500

Row = TypeVar("Row", bound=Model)


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, text: str) -> str:
        return text


def csv_response(name: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """A download called `name`.csv."""
    response = StreamingHttpResponse(in_turn(encode(titles, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def all_rows(rows: QuerySet[Row]) -> Iterator[Row]:
    """Every row, in the order of the query."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        piece = keys[start : start + _ROWS_AT_ONCE]
        found = rows.order_by().in_bulk(piece)
        yield from (found[key] for key in piece if key in found)


def encode(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """RFC 4180 lines, in pieces of a useful size."""
    writer = csv.writer(_Line())
    piece = _BYTE_ORDER_MARK + str(writer.writerow(titles))
    for row in rows:
        piece += str(writer.writerow([cell_text(cell) for cell in row]))
        if len(piece) >= _FLUSH_AT:
            yield piece.encode()
            piece = ""
    yield piece.encode()


def cell_text(cell: Cell) -> str:
    """A value as a spreadsheet reads it; text that looks like a formula gets an apostrophe before it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return timezone.localtime(cell).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, int):
        return str(cell)
    text = cell.replace("\x00", "")
    return "'" + text if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
