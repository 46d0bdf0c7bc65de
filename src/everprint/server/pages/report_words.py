"""A report's cells as people read them, and its chart."""

from __future__ import annotations

from decimal import Decimal

from everprint.contract.amounts import format_amount
from everprint.server.pages.charts import Chart, Count, bar_chart
from everprint.server.reports.kinds import Rows, Unit
from everprint.server.reports.table import Cell, ReportColumn, ReportTable
from everprint.server.settings import CONFIGURATION

_BARS = 62  # of days or months
_LARGEST = 8  # of people, groups, printers, accounts
_SHORT = 10  # letters below a bar


def cell_words(cell: Cell, unit: Unit) -> str:
    """The cell with its unit; a dash where there is nothing to say."""
    if cell is None:
        return "–"  # noqa: RUF001 - a dash
    if unit is Unit.MONEY and isinstance(cell, Decimal):
        return format_amount(cell, CONFIGURATION.currency, CONFIGURATION.currency_decimals)
    if unit is Unit.PERCENT:
        return f"{cell} %"
    if unit is Unit.KILOGRAMS:
        return f"{cell:,} kg"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def row_words(cells: tuple[Cell, ...], columns: tuple[ReportColumn, ...]) -> list[str]:
    """All cells of a row."""
    return [cell_words(cell, column.unit) for cell, column in zip(cells, columns, strict=True)]


def report_chart(table: ReportTable) -> Chart | None:
    """Impressions of the first rows, grey and colour; None for a report that has none."""
    by_time = table.kind.rows in (Rows.DAY, Rows.MONTH)
    drawn = [row for row in table.rows if row.usage is not None][: _BARS if by_time else _LARGEST]
    if not drawn:
        return None
    every = max(-(-len(drawn) // 8), 1) if by_time else 1
    counts = []
    for place, row in enumerate(drawn):
        assert row.usage is not None
        name = str(row.cells[0])
        short = name if len(name) <= _SHORT else f"{name[: _SHORT - 1]}…"
        counts.append(
            Count(name, "" if place % every else short, row.usage.grey_impressions, row.usage.colour_impressions)
        )
    title = "Impressions" if by_time else f"Impressions of the first {len(drawn)}"
    return bar_chart("report", title, counts)
