"""Quotas: the list, each one with its exceptions and last grants, and changing them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.quotas import PERIODS, ExceptionForm, QuotaForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.quotas.models import Quota, QuotaGrant
from everprint.server.quotas.periods import Period, next_after

COLUMNS = (
    Column("who", "For"),
    Column("period", "How often", "period"),
    Column("amount", "Amount", "amount", number=True),
    Column("purse", "Goes into", "purse__name"),
    Column("through", "Granted through", "granted_through"),
    Column("number", "In use", "pk"),
)
GRANT_COLUMNS = (
    Column("user", "User", "user__name"),
    Column("period", "Period from", "period_start"),
    Column("amount", "Booked", "amount", number=True),
    Column("at", "When", "pk"),
)


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def quotas(request: HttpRequest) -> HttpResponse:
    """GET /quotas"""
    found = Quota.objects.select_related("group", "shared__account", "purse")
    listing = arrange(found, COLUMNS, request.GET, default="number")
    return render(request, "pages/quotas.html", {"listing": listing})


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def quota_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /quotas/new"""
    form = QuotaForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (quota := form.save()) is not None:
        messages.success(request, "The quota was made; it is granted within a minute of its time.")
        return redirect("pages:quota", quota.pk)
    return _form(request, form, "New quota", reverse("pages:quotas"), "Make quota")


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def quota_page(request: HttpRequest, quota_id: int) -> HttpResponse:
    """GET /quotas/ID"""
    return _page(request, _quota(quota_id), ExceptionForm())


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def quota_edit(request: HttpRequest, quota_id: int) -> HttpResponse:
    """GET and POST /quotas/ID/edit"""
    quota = _quota(quota_id)
    current = QuotaForm.current(quota)
    if request.method == "POST":
        form = QuotaForm(request.POST, quota=quota)
        if form.is_valid() and form.save() is not None:
            messages.success(request, "The quota was saved.")
            return redirect("pages:quota", quota.pk)
    else:
        form = QuotaForm(initial={**current, "seen": fingerprint(current)}, quota=quota)
    return _form(request, form, f"Edit the quota of {whose(quota)}", reverse("pages:quota", args=[quota.pk]), "Save")


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def quota_exception(request: HttpRequest, quota_id: int) -> HttpResponse:
    """GET and POST /quotas/ID/exception"""
    quota = _quota(quota_id)
    form = ExceptionForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (name := form.save(quota)):
        messages.success(request, f"The quota of {name} was set; it holds from the next grant on.")
        return redirect("pages:quota", quota.pk)
    back = reverse("pages:quota", args=[quota.pk])
    return _form(request, form, f"Somebody's own quota of {whose(quota)}", back, "Set")


def whose(quota: Quota) -> str:
    """Whose quota it is, by name."""
    return quota.group.name if quota.group else quota.shared.account.name if quota.shared else ""


def _quota(quota_id: int) -> Quota:
    return get_object_or_404(Quota.objects.select_related("group", "shared__account", "purse"), pk=quota_id)


def _page(request: HttpRequest, quota: Quota, form: ExceptionForm) -> HttpResponse:
    grants = QuotaGrant.objects.filter(quota=quota).select_related("user")
    context = {
        "quota": quota,
        "whose": whose(quota),
        "period": dict(PERIODS)[quota.period],
        "next": next_after(Period(quota.period), quota.starts_on, timezone.localdate()),
        "exceptions": quota.exceptions.select_related("user")[:200],
        "listing": arrange(grants, GRANT_COLUMNS, request.GET, default="-at"),
        "form": form,
    }
    return render(request, "pages/quota.html", context)


def _form(request: HttpRequest, form: QuotaForm | ExceptionForm, title: str, back: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "submit": submit}
    return render(request, "pages/form.html", context)
