"""How a printer is asked over SNMP."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.printer_snmp import SnmpForm
from everprint.server.printers.models import Printer, PrinterSnmp


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def printer_snmp(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/snmp"""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    if request.method == "POST":
        form = SnmpForm(request.POST)
        if form.is_valid() and form.save(printer):
            messages.success(request, f"How {printer.name} is asked was saved; its Print Provider has been told.")
            return redirect("pages:printer", printer.pk)
    else:
        form = SnmpForm(initial=SnmpForm.current(PrinterSnmp.objects.filter(printer=printer).first()))
    back = reverse("pages:printer", args=[printer.pk])
    context = {"form": form, "title": f"SNMP of {printer.name}", "back": back, "submit": "Save"}
    return render(request, "pages/form.html", context)
