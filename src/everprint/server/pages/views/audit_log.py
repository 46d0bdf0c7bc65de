"""The audit log: who did what, when, from where, and what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.acting import Origin
from everprint.server.audit_log.models import AuditEntry
from everprint.server.audit_log.queries import AuditFilter, entries_matching
from everprint.server.pages.csv_export import Cell, all_rows, csv_response
from everprint.server.pages.forms.filters import FilterForm
from everprint.server.pages.listing import Column, in_given_order

COLUMNS = (
    Column("at", "When"),
    Column("actor", "Who"),
    Column("origin", "From"),
    Column("action", "Act"),
    Column("target", "On"),
    Column("changes", "What changed"),
)
ORIGINS = [("", "Anywhere"), *((origin.value, origin.value.title()) for origin in Origin)]


class AuditFilterForm(FilterForm):
    """Which acts."""

    text = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )
    actor = forms.CharField(label="Who", required=False, max_length=128)
    action = forms.CharField(label="Act", required=False, max_length=60)
    origin = forms.ChoiceField(label="From", required=False, choices=ORIGINS)
    first_day = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def found(self) -> QuerySet[AuditEntry]:
        """The entries wanted."""
        return entries_matching(
            AuditFilter(
                text=(self.said("text") or "").strip(),
                actor=(self.said("actor") or "").strip(),
                action=(self.said("action") or "").strip(),
                origin=self.said("origin") or "",
                first_day=self.said("first_day"),
                last_day=self.said("last_day"),
            )
        )


@requires(Permission.VIEW_AUDIT_LOG)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """GET /audit-log"""
    form = AuditFilterForm(request.GET)
    listing = in_given_order(form.found(), COLUMNS, request.GET, keeping=tuple(form.fields))
    context = {
        "form": form,
        "listing": listing,
        "entries": [(entry, changes(entry)) for entry in listing.rows],
        "filtered": form.says_something,
    }
    return render(request, "pages/audit_log.html", context)


@requires(Permission.VIEW_AUDIT_LOG)
@require_safe
def audit_log_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /audit-log/csv: the same entries, all of them."""
    titles = ("number", "when", "who", "from", "token", "address", "act", "kind", "id", "name", "before", "after")
    return csv_response("audit-log", titles, _csv_rows(AuditFilterForm(request.GET).found()))


def _csv_rows(found: QuerySet[AuditEntry]) -> Iterator[list[Cell]]:
    for entry in all_rows(found):
        yield [
            entry.pk,
            entry.at,
            entry.actor_name,
            entry.origin,
            entry.token,
            entry.address,
            entry.action,
            entry.target_kind,
            entry.target_id,
            entry.target_name,
            json.dumps(entry.before, ensure_ascii=False, sort_keys=True),
            json.dumps(entry.after, ensure_ascii=False, sort_keys=True),
        ]


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """What changed: a name, what it was, what it is."""
    names = sorted({**entry.before, **entry.after})
    return [(name, _words(entry.before.get(name)), _words(entry.after.get(name))) for name in names]


def _words(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
