"""The page of one printer for phones, which a QR code on the printer leads to, and the sheet with that code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.qr_code import svg_of
from everprint.server.printers.models import Printer
from everprint.server.release.held import waiting_at


@requires(Permission.USE_OWN)
@require_safe
def release_at(request: HttpRequest, uuid: str) -> HttpResponse:
    """GET /release/printer/UUID: what whoever is signed in can release there."""
    printer = get_object_or_404(Printer, uuid=uuid, is_active=True)
    context = {"printer": printer, "waiting": waiting_at(person(request), [printer])}
    return render_live(request, "pages/release_at.html", "pages/release_at_live.html", context)


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def release_sheet(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET /printers/ID/release-page: a sheet to be printed and put on the printer."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return render(request, "pages/release_sheet.html", {"printer": printer, "address": _address(request, printer)})


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def release_code(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET /printers/ID/release-page/code: the QR code alone, as SVG."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return HttpResponse(svg_of(_address(request, printer)), content_type="image/svg+xml")


def _address(request: HttpRequest, printer: Printer) -> str:
    return request.build_absolute_uri(reverse("pages:release-at", args=[printer.uuid]))
