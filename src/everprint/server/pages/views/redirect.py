"""Sending jobs that wait to another printer: one job, or all of a printer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible, may_operate
from everprint.server.jobs.redirection import (
    MOST_AT_ONCE,
    order_redirect,
    order_redirect_all,
    targets_of,
    waiting_at,
)
from everprint.server.pages.forms.redirect import RedirectForm
from everprint.server.pages.person import person
from everprint.server.printers.models import Printer


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def job_redirect(request: HttpRequest, number: int) -> HttpResponse:
    """GET and POST /jobs/NUMBER/redirect: for whoever may manage jobs, or operates its printer"""
    job = get_object_or_404(Job.objects.select_related("printer"), pk=number)
    if not may_operate(job, person(request)):
        raise PermissionDenied
    back = reverse("pages:job", args=[job.number])
    form = RedirectForm(targets_of(job.printer), request.POST if request.method == "POST" else None)
    if form.is_valid():
        target = form.cleaned_data["target"]
        try:
            order_redirect(job, target, person(request))
        except NotPossible as error:
            messages.error(request, f"Nothing was changed: {error}.")
        else:
            messages.success(request, f"Job {job.number} will be redirected to {target.name}, if that can print it.")
        return redirect(back)
    lead = f"It waits for {job.printer.name}. One that is held stays held."
    return _form(request, form, f"Redirect job {job.number}", lead, back)


@requires(Permission.MANAGE_JOBS)
@require_http_methods(["GET", "POST"])
def printer_redirect(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/redirect: all jobs that wait for it"""
    printer = get_object_or_404(Printer, pk=printer_id)
    back = reverse("pages:printer", args=[printer.pk])
    form = RedirectForm(targets_of(printer), request.POST if request.method == "POST" else None)
    if form.is_valid():
        target = form.cleaned_data["target"]
        try:
            count = order_redirect_all(printer, target, person(request))
        except NotPossible as error:
            messages.error(request, f"Nothing was changed: {error}.")
        else:
            messages.success(request, f"{count} job{'' if count == 1 else 's'} will be redirected to {target.name}.")
        return redirect(back)
    lead = (
        f"{waiting_at(printer).count():,} jobs wait for it; the oldest {MOST_AT_ONCE:,} go at once. "
        "Those that are held stay held, and those that the printer has stay with it."
    )
    return _form(request, form, f"Redirect the jobs of {printer.name}", lead, back)


def _form(request: HttpRequest, form: RedirectForm, title: str, lead: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "lead": lead, "back": back, "submit": "Redirect"}
    return render(request, "pages/form.html", context)
