"""Users and balances from a table: what it would change, then doing it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import as_kept
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people.csv_table import BadCsv
from everprint.server.people.user_import import ImportResult, import_users, plan_import
from everprint.server.people.user_table import COLUMNS

LONGEST = 800_000
SHOWN = 500


class ImportForm(ProblemForm):
    """The table."""

    table = forms.CharField(
        label="Table",
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Paste it from a spreadsheet or a CSV file. The first line names the columns: name, and any of "
        f"{', '.join(COLUMNS)}. Several groups have | between them. Fields that are empty stay as they are.",
    )


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_import(request: HttpRequest) -> HttpResponse:
    """GET and POST /users/import"""
    form = ImportForm(request.POST if request.method == "POST" else None)
    result: ImportResult | None = None
    problems: BadCsv | None = None
    if form.is_valid():
        data = form.cleaned_data["table"].encode()
        try:
            if "import" in request.POST:
                done = import_users(data)
                changed = len(done.changes) - done.made
                messages.success(request, f"{done.made} users were made and {changed} were changed.")
                return redirect("pages:users")
            result = plan_import(data)
        except BadCsv as error:
            problems = error
    context = {
        "form": form,
        "problems": problems.problems if problems else (),
        "result": result,
        "rows": _rows(result) if result else [],
        "more": max(len(result.changes) - SHOWN, 0) if result else 0,
    }
    return render(request, "pages/user_import.html", context)


def _rows(result: ImportResult) -> list[tuple[int, str, bool, list[tuple[str, str, str]]]]:
    """Line, name, whether the user is new, and each change in words."""
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
