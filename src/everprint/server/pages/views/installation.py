"""The installation's settings, and which purses there are."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.models import Purse
from everprint.server.accounts.payers import MAIN_POSITION
from everprint.server.edits import fingerprint
from everprint.server.installation.file_policies import file_policies
from everprint.server.pages.forms.installation import PurseForm, SettingsForm
from everprint.server.settings import CONFIGURATION


@requires(Permission.MANAGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """GET and POST /settings"""
    current = SettingsForm.current()
    if request.method == "POST":
        form = SettingsForm(request.POST)
        if form.is_valid() and form.save():
            messages.success(request, "The settings were saved; they hold from now on.")
            return redirect("pages:settings")
    else:
        form = SettingsForm(initial={**current, "seen": fingerprint(current)})
    context = {
        "form": form,
        "purses": Purse.objects.all(),
        "main_position": MAIN_POSITION,
        "policies": file_policies(CONFIGURATION),
        "sends_mail": CONFIGURATION.sends_mail,
    }
    return render(request, "pages/settings.html", context)


@requires(Permission.MANAGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def purse_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /purses/new"""
    form = PurseForm(request.POST if request.method == "POST" else None)
    del form.fields["is_active"]
    if form.is_valid() and (purse := form.save(None)) is not None:
        messages.success(request, f"{purse.name} was made: every user has one now.")
        return redirect("pages:settings")
    return _form(request, form, "New purse", "Make purse")


@requires(Permission.MANAGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def purse_edit(request: HttpRequest, purse_id: int) -> HttpResponse:
    """GET and POST /purses/ID/edit"""
    purse = get_object_or_404(Purse, pk=purse_id)
    current = PurseForm.current(purse)
    if request.method == "POST":
        form = PurseForm(request.POST)
        if form.is_valid() and (saved := form.save(purse.pk)) is not None:
            messages.success(request, f"{saved.name} was saved.")
            return redirect("pages:settings")
    else:
        form = PurseForm(initial={**current, "seen": fingerprint(current)})
    return _form(request, form, f"Edit {purse.name}", "Save")


def _form(request: HttpRequest, form: PurseForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("pages:settings"), "submit": submit}
    return render(request, "pages/form.html", context)
