"""Another name for a user, two users who are one person, and taking away who somebody was."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.same_person import MergeForm, RedactForm, RenameForm
from everprint.server.people.models import User


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_rename(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/rename"""
    user = get_object_or_404(User, pk=user_id)
    form = RenameForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (renamed := form.save(user)) is not None:
        messages.success(request, f"{user.name} is called {renamed.name} now.")
        return redirect("pages:user", user.pk)
    lead = "Jobs and statements stay. What still comes by the old name is theirs, and nobody else can have it."
    return _form(request, form, user, f"Rename {user.name}", "Rename", lead)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_merge(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/merge"""
    user = get_object_or_404(User, pk=user_id)
    form = MergeForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid() and (merged := form.save()) is not None:
        messages.success(request, f"{user.name} is {merged.name} now.")
        return redirect("pages:user", merged.pk)
    lead = (
        "Jobs, money, groups and cards become the other user's, and so does what still comes by this name. "
        "This cannot be undone."
    )
    return _form(request, form, user, f"Merge {user.name} into another user", "Merge for ever", lead)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_redact(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/redact"""
    user = get_object_or_404(User, pk=user_id)
    form = RedactForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid() and (redacted := form.save()) is not None:
        messages.success(request, f"They are {redacted.name} now.")
        return redirect("pages:user", user.pk)
    lead = (
        "Name, address, cards, groups and the names of their documents are taken away for ever, and nobody signs in "
        "as them any more. The ledger, the figures of jobs and the audit log stay."
    )
    return _form(request, form, user, f"Redact {user.name}", "Redact for ever", lead)


def _form(request: HttpRequest, form: forms.Form, user: User, title: str, submit: str, lead: str) -> HttpResponse:
    back = reverse("pages:user", args=[user.pk])
    context = {"form": form, "title": title, "back": back, "submit": submit, "lead": lead}
    return render(request, "pages/form.html", context)
