"""Refunds: asked for by a job's owner, decided by operators; and transfers between people."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import open_personal_account
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.pages.forms.giving_back import AskRefundForm, DecideRefundForm, TransferForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.person import person
from everprint.server.pages.templatetags.everprint_pages import money
from everprint.server.refunds.models import RefundRequest, RefundState
from everprint.server.refunds.requests import may_ask, refundable

COLUMNS = (
    Column("job", "Job", "job__name"),
    Column("user", "Asked by", "asked_by__name"),
    Column("amount", "Amount", "amount", number=True),
    Column("reason", "Why"),
    Column("state", "State", "state"),
    Column("asked", "Asked", "pk"),
)


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def job_refund(request: HttpRequest, number: int) -> HttpResponse:
    """GET and POST /jobs/NUMBER/refund: the owner's, or everybody's for those who may give refunds."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user), pk=number)
    if not may_ask(job, user):
        raise PermissionDenied
    form = AskRefundForm(request.POST if request.method == "POST" else None, job=job)
    if form.is_valid() and (asked := form.save(user)) is not None:
        if user.may(Permission.REFUND_JOBS):
            return redirect("pages:refund", asked.pk)
        messages.success(request, _("An operator will decide about it."))
        return redirect("pages:job", job.number)
    context = {
        "form": form,
        "title": _("Money back for job %(job)s") % {"job": job.number},
        "lead": _("%(name)s: at most %(amount)s can be given back.")
        % {"name": job.name, "amount": money(refundable(job))},
        "back": reverse("pages:job", args=[job.number]),
        "submit": _("Ask for it"),
    }
    return render(request, "pages/form.html", context)


@requires(Permission.REFUND_JOBS)
@require_safe
def refunds(request: HttpRequest) -> HttpResponse:
    """GET /refunds: open requests, and with ?all=1 all of them."""
    found = RefundRequest.objects.select_related("job", "asked_by")
    shown_all = bool(request.GET.get("all"))
    if not shown_all:
        found = found.filter(state=RefundState.ASKED.value)
    listing = arrange(found, COLUMNS, request.GET, default="-asked")
    return render(request, "pages/refunds.html", {"listing": listing, "shown_all": shown_all})


@requires(Permission.REFUND_JOBS)
@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, refund_id: int) -> HttpResponse:
    """GET and POST /refunds/ID"""
    asked = get_object_or_404(RefundRequest.objects.select_related("job", "asked_by"), pk=refund_id)
    if asked.state != RefundState.ASKED:
        messages.info(request, f"This request was {asked.state}.")
        return redirect("pages:job", asked.job.number)
    form = DecideRefundForm(request.POST if request.method == "POST" else None, initial={"amount": asked.amount})
    if form.is_valid() and form.save(asked, person(request)):
        messages.success(request, "It was decided; who asked sees it with the job.")
        return redirect("pages:refunds")
    context = {
        "form": form,
        "title": f"Refund for job {asked.job.number}",
        "lead": f"{asked.asked_by.name} asks for {money(asked.amount)}: {asked.reason}",
        "back": reverse("pages:refunds"),
        "submit": "Decide",
    }
    return render(request, "pages/form.html", context)


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def my_transfer(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/transfer"""
    if not read_settings().transfers:
        raise Http404
    user = person(request)
    form = (
        TransferForm(request.POST)
        if request.method == "POST"
        else TransferForm(initial={"key": TransferForm.fresh_key()})
    )
    if form.is_valid() and form.save(user):
        given = money(form.cleaned_data["amount"])
        messages.success(
            request, _("%(amount)s were given to %(name)s.") % {"amount": given, "name": form.cleaned_data["user"]}
        )
        return redirect("pages:me")
    context = {
        "form": form,
        "title": _("Give credit to somebody"),
        "lead": _("Your balance is %(amount)s.") % {"amount": money(open_personal_account(user).balance)},
        "back": reverse("pages:me"),
        "submit": _("Give"),
    }
    return render(request, "pages/form.html", context)
