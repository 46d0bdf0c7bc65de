"""Reports as JSON: which there are, each one made, and those that are kept by name."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.money import plain
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Day, Id, Name, ShortText
from everprint.server.api.files import CSV, PDF, Format, wanted_format
from everprint.server.api.problem import Refused
from everprint.server.pages.person import person
from everprint.server.pages.report_files import csv_answer, pdf_answer
from everprint.server.reports.asked import AskedReport, BadReport, Filters
from everprint.server.reports.kinds import KINDS, Unit
from everprint.server.reports.models import SavedReport
from everprint.server.reports.periods import Comparison, Named
from everprint.server.reports.saved import remove_report, save_report, saved_reports
from everprint.server.reports.table import ROWS_DRAWN, Cell, ReportTable, make_table

area = Area("Reports")
saved_area = Area("Reports")

ReportName = StrEnum("ReportName", [(key.upper().replace("-", "_"), key) for key in KINDS])  # type: ignore[misc] # the kinds


class KindRecord(BaseModel):
    """A report that can be made."""

    kind: str
    title: str
    about: str
    family: str


class ColumnRecord(BaseModel):
    """A column of a report."""

    key: str
    title: str
    unit: Unit


class ReportRecord(BaseModel):
    """A report that was made."""

    kind: str
    title: str
    first_day: date
    last_day: date
    compared_first_day: date | None
    compared_last_day: date | None
    columns: list[ColumnRecord]
    rows: list[list[str | int | None]] = Field(description="A cell a column; what is no whole number is a string")
    total: list[str | int | None] | None = Field(description="Of all rows; none where they have no sum")
    count: int = Field(description="All rows there are")
    notes: list[str]


class ReportAsked(BaseModel):
    """Of when and of whose printing."""

    period: Named | None = Field(None, description="Without it and without days: the last 30 days")
    first_day: Day | None = Field(None, description="In the installation's time zone, included")
    last_day: Day | None = Field(None, description="Included")
    compare: Comparison | None = None
    user: Id | None = None
    group: Id | None = None
    printer: Id | None = None
    account: Id | None = None
    department: Id | None = None
    office: Id | None = None
    sort: ShortText = Field("", description="A column; with - before it, descending")

    def wanted(self, kind: str) -> AskedReport:
        """As the reports take it."""
        named = self.period
        if named is None and self.first_day is None and self.last_day is None:
            named = Named.LAST_30_DAYS
        filters = Filters(self.user, self.group, self.printer, self.account, self.department, self.office)
        return AskedReport(kind, named, self.first_day, self.last_day, self.compare, filters, self.sort)


class ReportPage(ReportAsked):
    """Which of its rows, too, and how it is written."""

    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(50, ge=1, le=500)
    format: Format | None = Field(
        None,
        description="CSV and PDF are of all rows, PDF of the first 5,000, whatever the page. "
        "Without it: as the header Accept says, else JSON",
    )


class SavedRecord(BaseModel):
    """A report that is kept by name."""

    id: Id
    name: str
    asked: dict[str, str] = Field(description="What it asks for, in the words of this API")
    by: str


class NewSaved(Body):
    """A report to keep. One that has the name already is replaced."""

    name: Annotated[Name, Field(max_length=100)]
    kind: ReportName
    period: Named | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    compare: Comparison | None = None
    user: Annotated[Id, Field(strict=True)] | None = None
    group: Annotated[Id, Field(strict=True)] | None = None
    printer: Annotated[Id, Field(strict=True)] | None = None
    account: Annotated[Id, Field(strict=True)] | None = None
    department: Annotated[Id, Field(strict=True)] | None = None
    office: Annotated[Id, Field(strict=True)] | None = None
    sort: ShortText = ""


@area.get("", list[KindRecord], needs=Permission.VIEW_REPORTS)
def list_reports(request: HttpRequest) -> list[KindRecord]:
    """List the reports that there are."""
    return [
        KindRecord(kind=kind.key, title=kind.title, about=kind.about, family=kind.family) for kind in KINDS.values()
    ]


@area.get("/{slug:kind}", ReportRecord, needs=Permission.VIEW_REPORTS, files=(CSV, PDF))
def get_report(request: HttpRequest, kind: str, asked: Query[ReportPage]) -> ReportRecord | HttpResponseBase:
    """Make a report, as JSON, CSV or PDF."""
    if kind not in KINDS:
        raise Refused(HTTPStatus.NOT_FOUND, "not-found", f"There is no report {kind}.")
    wanted = asked.wanted(kind)
    try:
        match wanted_format(request, asked.format):
            case Format.CSV:
                return csv_answer(make_table(wanted))
            case Format.PDF:
                return pdf_answer(make_table(wanted, most=ROWS_DRAWN))
            case Format.JSON:
                return _record(make_table(wanted, first=(asked.page - 1) * asked.size, most=asked.size))
    except BadReport as error:
        raise _refused(error) from None


@saved_area.get("", list[SavedRecord], needs=Permission.VIEW_REPORTS)
def list_saved_reports(request: HttpRequest) -> list[SavedRecord]:
    """List the reports that are kept by name."""
    return [_saved(row) for row in saved_reports()]


@saved_area.post("", SavedRecord, needs=Permission.VIEW_REPORTS, status=HTTPStatus.CREATED)
def save_a_report(request: HttpRequest, wanted: NewSaved) -> SavedRecord:
    """Keep a report by name."""
    asked = ReportAsked.model_validate(wanted.model_dump(mode="json", exclude={"name", "kind"}))
    try:
        return _saved(save_report(wanted.name, asked.wanted(wanted.kind.value), person(request)))
    except BadReport as error:
        raise _refused(error) from None


@saved_area.delete("/{int:saved_id}", needs=Permission.VIEW_REPORTS)
def remove_a_saved_report(request: HttpRequest, saved_id: Id) -> None:
    """Keep a report no longer."""
    remove_report(get_object_or_404(SavedReport, pk=saved_id))


def _refused(error: BadReport) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-report", f"{error}.")


def _saved(row: SavedReport) -> SavedRecord:
    return SavedRecord(id=row.pk, name=row.name, asked=row.asked, by=row.made_by.name)


def _record(table: ReportTable) -> ReportRecord:
    def cells(row: tuple[Cell, ...]) -> list[str | int | None]:
        return [plain_cell(cell, column.unit) for cell, column in zip(row, table.columns, strict=True)]

    return ReportRecord(
        kind=table.kind.key,
        title=table.title,
        first_day=table.period.first,
        last_day=table.period.last,
        compared_first_day=table.before.first if table.before else None,
        compared_last_day=table.before.last if table.before else None,
        columns=[ColumnRecord(key=column.key, title=column.title, unit=column.unit) for column in table.columns],
        rows=[cells(row.cells) for row in table.rows],
        total=cells(table.total) if table.total else None,
        count=table.count,
        notes=list(table.notes),
    )


def plain_cell(cell: Cell, unit: Unit) -> str | int | None:
    """A cell for programs."""
    if cell is None or isinstance(cell, int | str):
        return cell
    return plain(cell) if unit is Unit.MONEY else str(cell)
