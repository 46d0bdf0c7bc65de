"""Saved reports that are mailed by the calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.report_mails import ReportMailForm
from everprint.server.pages.person import person
from everprint.server.reports.mailed import end_schedule
from everprint.server.reports.models import ReportMail, SavedReport


@requires(Permission.VIEW_REPORTS)
@require_http_methods(["GET", "POST"])
def report_mail_new(request: HttpRequest, saved_id: int) -> HttpResponse:
    """GET and POST /reports/saved/ID/mail"""
    saved = get_object_or_404(SavedReport, pk=saved_id)
    form = ReportMailForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(saved, person(request)) is not None:
        messages.success(request, f"{saved.name} is mailed from its next day on.")
        return redirect("pages:reports")
    context = {
        "form": form,
        "title": f"Mail {saved.name}",
        "lead": "Its period is counted from the day on which it is sent: choose one like Yesterday or Last month.",
        "back": reverse("pages:reports"),
        "submit": "Mail it",
    }
    return render(request, "pages/form.html", context)


@requires(Permission.VIEW_REPORTS)
@require_POST
def report_mail_end(request: HttpRequest, mail_id: int) -> HttpResponse:
    """POST /reports/mails/ID/end"""
    mail = get_object_or_404(ReportMail.objects.select_related("saved"), pk=mail_id)
    end_schedule(mail)
    messages.success(request, f"{mail.saved.name} is not mailed any more.")
    return redirect("pages:reports")
