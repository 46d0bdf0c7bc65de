"""A report as a file, CSV or PDF: the same from the page, the API, by mail and by command."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse, StreamingHttpResponse

from everprint.server.pages.csv_export import Cell, csv_response
from everprint.server.pages.report_words import row_words
from everprint.server.reports.table import ReportTable


def csv_answer(table: ReportTable) -> StreamingHttpResponse:
    """Its rows with plain numbers."""
    titles = [column.title for column in table.columns]
    return csv_response(_name(table), titles, (cast("tuple[Cell, ...]", row.cells) for row in table.rows))


def pdf_answer(table: ReportTable) -> HttpResponse:
    """Its rows on paper."""
    response = HttpResponse(pdf_of(table), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{_name(table)}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def pdf_of(table: ReportTable) -> bytes:
    """The report on paper."""
    # Only for who wants a PDF: what draws one is large, and not part of a server's start.
    from everprint.server.reports.pdf import draw_report

    about = [table.kind.about]
    if table.whose:
        about.append(f"Only {table.whose}.")
    if table.before:
        about.append(f"Compared with {table.before.words}.")
    if table.count > len(table.rows):
        about.append(f"The first {len(table.rows):,} of {table.count:,} rows.")
    return draw_report(
        table.title,
        about,
        [column.title for column in table.columns],
        [row_words(row.cells, table.columns) for row in table.rows],
        row_words(table.total, table.columns) if table.total else None,
        table.notes,
    )


def _name(table: ReportTable) -> str:
    return f"{table.kind.key}-{table.period.first}"
