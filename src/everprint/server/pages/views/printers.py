"""Printers: the list, each one's page, their settings and costs."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.edits import fingerprint
from everprint.server.jobs.queries import active, jobs_visible_to
from everprint.server.pages.forms.costs import CostsForm
from everprint.server.pages.forms.printers import EditPrinterForm, NewPrinterForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.printers.models import CostPerSide, Printer
from everprint.server.printers.queues import remove_printer
from everprint.server.providers.queries import enrolled

COLUMNS = (
    Column("name", "Printer", "name"),
    Column("state", "State", "state"),
    Column("location", "Location", "location"),
    Column("provider", "Print Provider", "provider__name"),
    Column("device", "Device", "device_uri"),
)
RECENT = 8


@requires(Permission.VIEW_PRINTERS)
@require_safe
def printers(request: HttpRequest) -> HttpResponse:
    """GET /printers"""
    text = request.GET.get("text", "").strip()[:200]
    found = Printer.objects.filter(is_active=True).select_related("provider")
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(info__icontains=text) | Q(location__icontains=text)
            | Q(device_uri__icontains=text)
        )  # fmt: skip
    listing = arrange(found, COLUMNS, request.GET, default="name")
    context = {"listing": listing, "text": text, "providers": enrolled().exists(), "now": timezone.now()}
    return render_live(request, "pages/printers.html", "pages/printers_live.html", context)


@requires(Permission.VIEW_PRINTERS)
@require_safe
def printer_page(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET /printers/ID"""
    costs = CostPerSide.objects.order_by("media")
    printers = Printer.objects.select_related("provider").prefetch_related(Prefetch("costs", costs))
    printer = get_object_or_404(printers, pk=printer_id)
    jobs = jobs_visible_to(person(request)).filter(printer=printer)
    context = {
        "printer": printer,
        "costs": printer.costs.all(),
        "presets": printer.presets.prefetch_related("groups"),
        "now": timezone.localtime(),
        "waiting": active(jobs).count(),
        "recent": jobs.order_by("-number")[:RECENT],
    }
    return render_live(request, "pages/printer.html", "pages/printer_live.html", context)


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /printers/new"""
    if not enrolled().exists():
        messages.warning(request, "A printer needs a Print Provider that offers it: enrol one first.")
        return redirect("pages:providers")
    form = NewPrinterForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (printer := form.create()) is not None:
        messages.success(request, f"{printer.name} was added. Printing on it is free until you set its costs.")
        return redirect("pages:printer-costs", printer.pk)
    context = {"form": form, "title": "New printer", "back": reverse("pages:printers"), "submit": "Add printer"}
    return render(request, "pages/form.html", context)


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_edit(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/edit"""
    printer = _offered(printer_id)
    if request.method == "POST":
        form = EditPrinterForm(request.POST)
        if form.is_valid() and form.save(printer.pk):
            messages.success(request, f"{form.cleaned_data['name']} was saved; its Print Provider has been told.")
            return redirect("pages:printer", printer.pk)
    else:
        current = EditPrinterForm.current(printer)
        form = EditPrinterForm(initial={**current, "seen": fingerprint(current)})
    back = reverse("pages:printer", args=[printer.pk])
    context = {"form": form, "title": f"Settings of {printer.name}", "back": back, "submit": "Save"}
    return render(request, "pages/form.html", context)


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_costs(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/costs"""
    printer = _offered(printer_id)
    form = CostsForm(printer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, f"The costs of {printer.name} were saved.")
        again = "more" in request.POST
        return redirect("pages:printer-costs" if again else "pages:printer", printer.pk)
    return render(request, "pages/costs.html", {"printer": printer, "form": form})


@requires(Permission.MANAGE_PRINTERS)
@require_POST
def printer_remove(request: HttpRequest, printer_id: int) -> HttpResponse:
    """POST /printers/ID/remove"""
    printer = _offered(printer_id)
    remove_printer(printer)
    messages.success(request, f"{printer.name} was removed; its jobs and what they cost stay in the log.")
    return redirect("pages:printers")


def _offered(printer_id: int) -> Printer:
    return get_object_or_404(Printer.objects.select_related("provider"), pk=printer_id, is_active=True)
