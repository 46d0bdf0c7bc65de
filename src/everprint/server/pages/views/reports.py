"""Reports: which there are, each one as a table with a chart, as CSV, as PDF, and kept by name."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.reports import ReportForm, SaveReportForm
from everprint.server.pages.listing import PAGE_SIZE, Header
from everprint.server.pages.person import person
from everprint.server.pages.report_files import csv_answer, pdf_answer
from everprint.server.pages.report_words import report_chart, row_words
from everprint.server.people.models import User
from everprint.server.reports.asked import AskedReport, BadReport
from everprint.server.reports.kinds import KINDS, Unit
from everprint.server.reports.mailed import scheduled
from everprint.server.reports.models import SavedReport
from everprint.server.reports.saved import asked_of, remove_report, save_report, saved_reports
from everprint.server.reports.table import ROWS_DRAWN, ReportTable, make_table


@requires(Permission.VIEW_REPORTS)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """GET /reports"""
    families: dict[str, list[object]] = {}
    for kind in KINDS.values():
        families.setdefault(kind.family, []).append(kind)
    saved = [(row, KINDS[row.asked["kind"]], page_of(asked_of(row))) for row in saved_reports()]
    return render(request, "pages/reports.html", {"families": families, "saved": saved, "mailed": scheduled()})


@requires(Permission.VIEW_REPORTS)
@require_safe
def report(request: HttpRequest, kind: str) -> HttpResponse:
    """GET /reports/KIND"""
    form, asked = _asked(request, kind)
    page = _page_number(request)
    try:
        table = make_table(asked, first=(page - 1) * PAGE_SIZE, most=PAGE_SIZE)
    except BadReport as error:
        return render(request, "pages/report.html", {"kind": asked.its_kind, "form": form, "problem": str(error)})
    query = request.GET.copy()
    query.pop("page", None)
    last_page = max(-(-table.count // PAGE_SIZE), 1)
    context = {
        "kind": table.kind,
        "form": form,
        "table": table,
        "headers": _headers(table, asked, request),
        "rows": [_shown(row_words(row.cells, table.columns), table) for row in table.rows],
        "total": _shown(row_words(table.total, table.columns), table) if table.total else None,
        "chart": report_chart(table),
        "query": query.urlencode(),
        "previous_url": _at_page(request, page - 1) if page > 1 else "",
        "next_url": _at_page(request, page + 1) if page < last_page else "",
        "first": (page - 1) * PAGE_SIZE + 1,
        "last": (page - 1) * PAGE_SIZE + len(table.rows),
        "save_form": SaveReportForm(),
    }
    return render(request, "pages/report.html", context)


@requires(Permission.VIEW_REPORTS)
@require_safe
def report_csv(request: HttpRequest, kind: str) -> HttpResponseBase:
    """GET /reports/KIND/csv: the same report, all rows, plain numbers."""
    return csv_answer(_whole(request, kind))


@requires(Permission.VIEW_REPORTS)
@require_safe
def report_pdf(request: HttpRequest, kind: str) -> HttpResponse:
    """GET /reports/KIND/pdf: the same report on paper, as many rows as make sense on paper."""
    return pdf_answer(_whole(request, kind, ROWS_DRAWN))


@requires(Permission.VIEW_REPORTS)
@require_POST
def report_save(request: HttpRequest, kind: str) -> HttpResponse:
    """POST /reports/KIND/save: keeps what the query string asks for under a name."""
    _, asked = _asked(request, kind)
    form = SaveReportForm(request.POST)
    if form.is_valid():
        try:
            save_report(form.cleaned_data["name"], asked, person(request))
            messages.success(request, f"The report is kept as {form.cleaned_data['name']}.")
            return redirect("pages:reports")
        except BadReport as error:
            messages.error(request, f"It was not saved: {error}.")
    else:
        messages.error(request, "It was not saved: give it a name of at most 100 letters.")
    return redirect(page_of(asked))


@requires(Permission.VIEW_REPORTS)
@require_POST
def report_remove(request: HttpRequest, saved_id: int) -> HttpResponse:
    """POST /reports/saved/ID/remove"""
    saved = get_object_or_404(SavedReport, pk=saved_id)
    remove_report(saved)
    messages.success(request, f"The report {saved.name} is not kept any more.")
    return redirect("pages:reports")


def page_of(asked: AskedReport) -> str:
    """The address of the report's page."""
    words = asked.as_words()
    kind = words.pop("kind")
    if "user" in words:
        words["user"] = User.objects.filter(pk=words["user"]).values_list("name", flat=True).first() or ""
    return f"{reverse('pages:report', args=[kind])}?{urlencode(words)}"


def _asked(request: HttpRequest, kind: str) -> tuple[ReportForm, AskedReport]:
    if kind not in KINDS:
        raise Http404(f"no report {kind}")
    form = ReportForm(request.GET)
    return form, form.asked(kind, request.GET.get("sort", ""))


def _whole(request: HttpRequest, kind: str, most: int | None = None) -> ReportTable:
    _, asked = _asked(request, kind)
    try:
        return make_table(asked, most=most)
    except BadReport as error:
        raise Http404(str(error)) from None


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _at_page(request: HttpRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"


def _headers(table: ReportTable, asked: AskedReport, request: HttpRequest) -> list[Header]:
    """The columns' heads: each sorts by its column, or the other way round."""
    chosen, descending = asked.order()
    headers = []
    for column in table.columns:
        number = column.unit is not Unit.TEXT
        is_chosen = column.sortable and column.key == chosen
        wanted_descending = not descending if is_chosen else number
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = f"-{column.key}" if wanted_descending else column.key
        url = f"?{query.urlencode()}" if column.sortable else ""
        sorted_now = ("descending" if descending else "ascending") if is_chosen else ""
        headers.append(Header(column.title, url, number, sorted_now))
    return headers


def _shown(words: list[str], table: ReportTable) -> dict[str, object]:
    """A row for the template: its head, and its other cells each with the column's title."""
    return {
        "head": words[0],
        "cells": list(zip([column.title for column in table.columns[1:]], words[1:], strict=True)),
    }
