"""Users or printers from a table that is pasted into a field: first what would change, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import as_kept
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people import user_import as users
from everprint.server.people import user_table
from everprint.server.people.csv_table import BadCsv
from everprint.server.people.import_result import ImportResult
from everprint.server.printers import printer_import as printers
from everprint.server.printers import printer_table

LONGEST = 800_000
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Import:
    """What is imported: its words, its columns, and the two functions that plan and do it."""

    what: str  # users
    key: str  # the columns that must be there, in words
    columns: Iterable[str]
    lists: str  # what is written with | between
    plan: Callable[[bytes], ImportResult]
    do: Callable[[bytes], ImportResult]
    back: str


USERS = Import(
    "users", "name", user_table.COLUMNS, "Several groups", users.plan_import, users.import_users, "pages:users"
)
PRINTERS = Import(
    "printers",
    "provider and name",
    printer_table.COLUMNS,
    "Several devices or networks",
    printers.plan_import,
    printers.import_printers,
    "pages:printers",
)


class ImportForm(ProblemForm):
    """The table."""

    table = forms.CharField(
        label="Table",
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
    )


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_import(request: HttpRequest) -> HttpResponse:
    """GET and POST /users/import"""
    return _import(request, USERS)


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_import(request: HttpRequest) -> HttpResponse:
    """GET and POST /printers/import"""
    return _import(request, PRINTERS)


def _import(request: HttpRequest, kind: Import) -> HttpResponse:
    form = ImportForm(request.POST if request.method == "POST" else None)
    form.fields["table"].help_text = (
        f"Paste it from a spreadsheet or a CSV file. The first line names the columns: {kind.key}, and any of "
        f"{', '.join(kind.columns)}. {kind.lists} have | between them. Fields that are empty stay as they are."
    )
    result: ImportResult | None = None
    problems: BadCsv | None = None
    if form.is_valid():
        data = form.cleaned_data["table"].encode()
        try:
            if "import" in request.POST:
                done = kind.do(data)
                changed = len(done.changes) - done.made
                messages.success(request, f"{done.made} {kind.what} were made and {changed} were changed.")
                return redirect(kind.back)
            result = kind.plan(data)
        except BadCsv as error:
            problems = error
    context = {
        "form": form,
        "what": kind.what,
        "back": reverse(kind.back),
        "problems": problems.problems if problems else (),
        "result": result,
        "rows": _rows(result) if result else [],
        "more": max(len(result.changes) - SHOWN, 0) if result else 0,
    }
    return render(request, "pages/table_import.html", context)


def _rows(result: ImportResult) -> list[tuple[int, str, bool, list[tuple[str, str, str]]]]:
    """Line, name, whether it is new, and each change in words."""
    return [
        (
            change.line,
            change.name,
            change.is_new,
            [(key, _words(change.before.get(key)), _words(value)) for key, value in change.after.items()],
        )
        for change in result.changes[:SHOWN]
    ]


def _words(value: object) -> str:
    kept = as_kept(value)
    if isinstance(kept, list):
        return ", ".join(str(item) for item in kept)
    return {True: "yes", False: "no", None: ""}.get(kept, str(kept)) if isinstance(kept, bool | None) else str(kept)
