"""How the account is selected, for users, groups and printers; and the account of one job."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.charging.choice import may_choose
from everprint.server.edits import fingerprint
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.pages.forms.accounts import ChargeForm, SelectionForm
from everprint.server.pages.forms.costs import AdjustmentForm
from everprint.server.pages.person import person
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_selection(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/selection"""
    return _selection(request, get_object_or_404(User, pk=user_id), reverse("pages:user", args=[user_id]))


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def group_selection(request: HttpRequest, group_id: int) -> HttpResponse:
    """GET and POST /groups/ID/selection"""
    return _selection(request, get_object_or_404(Group, pk=group_id), reverse("pages:group", args=[group_id]))


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_selection(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/selection"""
    return _selection(request, get_object_or_404(Printer, pk=printer_id), reverse("pages:printer", args=[printer_id]))


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_costs(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/costs"""
    return _adjustment(request, get_object_or_404(User, pk=user_id), reverse("pages:user", args=[user_id]))


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def group_costs(request: HttpRequest, group_id: int) -> HttpResponse:
    """GET and POST /groups/ID/costs"""
    return _adjustment(request, get_object_or_404(Group, pk=group_id), reverse("pages:group", args=[group_id]))


def _adjustment(request: HttpRequest, whose: User | Group, back: str) -> HttpResponse:
    current = AdjustmentForm.current(whose)
    if request.method == "POST":
        form = AdjustmentForm(request.POST)
        if form.is_valid() and form.save(whose):
            messages.success(request, f"What {whose.name} pays was saved; it holds for jobs from now on.")
            return redirect(back)
    else:
        form = AdjustmentForm(initial={**current, "seen": fingerprint(current)})
    context = {
        "form": form,
        "title": f"What {whose.name} pays",
        "lead": "A user's own goes before the groups'; of several groups the lowest holds.",
        "back": back,
        "submit": "Save",
    }
    return render(request, "pages/form.html", context)


def _selection(request: HttpRequest, whose: User | Group | Printer, back: str) -> HttpResponse:
    current = SelectionForm.current(whose)
    if request.method == "POST":
        form = SelectionForm(request.POST)
        if form.is_valid() and form.save(whose):
            messages.success(request, f"How the account is selected for {whose.name} was saved.")
            return redirect(back)
    else:
        form = SelectionForm(initial={**current, "seen": fingerprint(current)})
    context = {
        "form": form,
        "title": f"Account selection for {whose.name}",
        "lead": "What is set for a user goes before what a group of theirs has, and that before the printer's.",
        "back": back,
        "submit": "Save",
    }
    return render(request, "pages/form.html", context)


@requires(Permission.USE_OWN)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def job_charge(request: HttpRequest, number: int) -> HttpResponse:
    """GET and POST /jobs/NUMBER/charge: the owner's, or everybody's for those who may manage jobs."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user).select_related("owner"), pk=number)
    if not may_choose(job, user):
        raise PermissionDenied
    form = ChargeForm(request.POST if request.method == "POST" else None, job=job)
    if form.is_valid() and form.save(user, request.META.get("REMOTE_ADDR", "")):
        messages.success(request, f"Job {job.number} will be charged as you said.")
        return redirect("pages:job", job.number)
    context = {
        "form": form,
        "title": gettext("Account of job %(job)s") % {"job": job.number},
        "lead": job.name,
        "back": reverse("pages:job", args=[job.number]),
        "submit": gettext("Charge to this account"),
    }
    return render(request, "pages/form.html", context)
