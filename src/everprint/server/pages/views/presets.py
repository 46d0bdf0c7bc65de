"""What some people may do on a printer: its presets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.presets import PresetForm
from everprint.server.printers.models import Printer, PrinterPreset
from everprint.server.printers.presets import remove_preset


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def preset_new(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET and POST /printers/ID/presets/new"""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return _form(request, printer, None)


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def preset_edit(request: HttpRequest, printer_id: int, preset_id: int) -> HttpResponse:
    """GET and POST /printers/ID/presets/PRESET"""
    preset = _preset(printer_id, preset_id)
    return _form(request, preset.printer, preset)


@requires(Permission.MANAGE_PRINTERS)
@require_POST
def preset_remove(request: HttpRequest, printer_id: int, preset_id: int) -> HttpResponse:
    """POST /printers/ID/presets/PRESET/remove"""
    preset = _preset(printer_id, preset_id)
    remove_preset(preset)
    messages.success(request, f"{preset.name} was removed.")
    return redirect("pages:printer", printer_id)


def _form(request: HttpRequest, printer: Printer, preset: PrinterPreset | None) -> HttpResponse:
    if request.method == "POST":
        form = PresetForm(request.POST)
        if form.is_valid() and (saved := form.save(printer, preset)) is not None:
            messages.success(request, f"{saved.name} was saved; the Print Provider has been told.")
            return redirect("pages:printer", printer.pk)
    else:
        form = PresetForm() if preset is None else PresetForm(initial=PresetForm.current(preset))
    title = f"New preset of {printer.name}" if preset is None else f"{preset.name} on {printer.name}"
    back = reverse("pages:printer", args=[printer.pk])
    return render(request, "pages/form.html", {"form": form, "title": title, "back": back, "submit": "Save"})


def _preset(printer_id: int, preset_id: int) -> PrinterPreset:
    return get_object_or_404(
        PrinterPreset.objects.select_related("printer"), pk=preset_id, printer=printer_id, printer__is_active=True
    )
