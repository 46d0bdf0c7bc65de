"""Vouchers: the batches, making and importing them, and printing their cards."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.topup import BatchForm, ImportForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.person import person
from everprint.server.pages.voucher_files import csv_answer, pdf_answer
from everprint.server.topup.models import Voucher, VoucherBatch
from everprint.server.topup.vouchers import void_batch

COLUMNS = (
    Column("name", "Batch", "name"),
    Column("count", "Vouchers", "count", number=True),
    Column("used", "Used", "used", number=True),
    Column("made", "Made", "pk"),
)
VOUCHER_COLUMNS = (
    Column("number", "Number", "number"),
    Column("value", "Value", "value", number=True),
    Column("expires", "Good until", "expires_on"),
    Column("used", "Used", "used_at"),
    Column("user", "By", "used_by__name"),
)


@requires(Permission.ADJUST_ACCOUNTS)
@require_safe
def vouchers(request: HttpRequest) -> HttpResponse:
    """GET /vouchers"""
    found = VoucherBatch.objects.annotate(
        count=Count("vouchers"), used=Count("vouchers", filter=Q(vouchers__used_at__isnull=False))
    )
    return render(request, "pages/vouchers.html", {"listing": arrange(found, COLUMNS, request.GET, default="-made")})


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def batch_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /vouchers/new"""
    form = BatchForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (batch := form.save(person(request))) is not None:
        messages.success(request, f"The vouchers {batch.name} were made: print them, or download them as CSV.")
        return redirect("pages:batch", batch.pk)
    return _form(request, form, "New vouchers", "Make vouchers")


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def batch_import(request: HttpRequest) -> HttpResponse:
    """GET and POST /vouchers/import"""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid() and (batch := form.save(person(request))) is not None:
        messages.success(request, f"The vouchers {batch.name} were imported.")
        return redirect("pages:batch", batch.pk)
    return _form(request, form, "Import vouchers", "Import vouchers")


@requires(Permission.ADJUST_ACCOUNTS)
@require_safe
def batch_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    """GET /vouchers/ID"""
    batch = get_object_or_404(VoucherBatch, pk=batch_id)
    found = Voucher.objects.filter(batch=batch).select_related("used_by")
    context = {"batch": batch, "listing": arrange(found, VOUCHER_COLUMNS, request.GET, default="number")}
    return render(request, "pages/batch.html", context)


@requires(Permission.ADJUST_ACCOUNTS)
@require_safe
def batch_pdf(request: HttpRequest, batch_id: int) -> HttpResponse:
    """GET /vouchers/ID/pdf: the cards that are still good."""
    return pdf_answer(_made_here(batch_id))


@requires(Permission.ADJUST_ACCOUNTS)
@require_safe
def batch_csv(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """GET /vouchers/ID/csv: with the codes, as it can be imported elsewhere."""
    return csv_answer(_made_here(batch_id))


@requires(Permission.ADJUST_ACCOUNTS)
@require_POST
def batch_void(request: HttpRequest, batch_id: int) -> HttpResponse:
    """POST /vouchers/ID/void"""
    batch = get_object_or_404(VoucherBatch, pk=batch_id)
    messages.success(request, f"{void_batch(batch)} vouchers of {batch.name} are worthless now.")
    return redirect("pages:batch", batch.pk)


def _made_here(batch_id: int) -> VoucherBatch:
    batch = get_object_or_404(VoucherBatch, pk=batch_id)
    if not batch.seed:
        raise Http404
    return batch


def _form(request: HttpRequest, form: BatchForm | ImportForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("pages:vouchers"), "submit": submit}
    return render(request, "pages/form.html", context)
