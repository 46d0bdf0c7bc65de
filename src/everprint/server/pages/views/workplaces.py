"""Departments and offices: which there are, how many people are in each, another name, two that are one."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.workplace_edits import WorkplaceMergeForm, WorkplaceNameForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.people.models import Department, Office
from everprint.server.people.workplace_edits import Workplace, word_for
from everprint.server.people.workplaces import in_use

KINDS: dict[str, type[Workplace]] = {"departments": Department, "offices": Office}


@requires(Permission.VIEW_USERS)
@require_safe
def workplaces(request: HttpRequest, kind: str) -> HttpResponse:
    """GET /departments, /offices"""
    model = KINDS[kind]
    columns = (
        Column("name", word_for(model).capitalize(), "name"),
        Column("users", "People", "user_count", number=True),
    )
    found = in_use(model).annotate(user_count=Count("users"))  # type: ignore[type-var] # of the two kinds
    context = {
        "listing": arrange(found, columns, request.GET, default="name"),
        "title": kind.capitalize(),
        "word": word_for(model),
        "address": reverse(f"pages:{kind}"),
    }
    return render(request, "pages/workplaces.html", context)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def workplace_edit(request: HttpRequest, kind: str, workplace_id: int) -> HttpResponse:
    """GET and POST /departments/ID, /offices/ID: another name."""
    found = _found(kind, workplace_id)
    form = WorkplaceNameForm(request.POST) if request.method == "POST" else WorkplaceNameForm.shown_for(found)
    if form.is_valid() and (renamed := form.save(found)) is not None:
        messages.success(request, f"{found.name} is called {renamed.name} now, in reports too.")
        return redirect(f"pages:{kind}")
    context = {
        "form": form,
        "title": f"Rename {found.name}",
        "back": reverse(f"pages:{kind}"),
        "submit": "Rename",
        "lead": "If a directory or a table says the old name again, it is made anew: change it there, too.",
    }
    return render(request, "pages/form.html", context)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def workplace_merge(request: HttpRequest, kind: str, workplace_id: int) -> HttpResponse:
    """GET and POST /departments/ID/merge, /offices/ID/merge: it is another one from now on."""
    found = _found(kind, workplace_id)
    form = WorkplaceMergeForm(found, request.POST if request.method == "POST" else None)
    if form.is_valid() and (into := form.save()) is not None:
        messages.success(request, f"Everybody of {found.name} is in {into.name} now.")
        return redirect(f"pages:{kind}")
    word = word_for(KINDS[kind])
    context = {
        "form": form,
        "title": f"Merge {found.name}",
        "back": reverse(f"pages:{kind}"),
        "submit": "Merge",
        "lead": f"Everybody of {found.name} will be in another {word}, with all that they printed, and {found.name} "
        f"will be no more. Kept reports that ask for it ask for the other one.",
    }
    return render(request, "pages/form.html", context)


def _found(kind: str, workplace_id: int) -> Workplace:
    return cast("Workplace", get_object_or_404(KINDS[kind], pk=workplace_id))
