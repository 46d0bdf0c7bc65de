"""Printer groups: which printers some people operate, as administrators say it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.printer_groups import PrinterGroupForm
from everprint.server.release.models import PrinterGroup
from everprint.server.release.printer_groups import remove_printer_group


@requires(Permission.MANAGE_ROLES)
@require_safe
def printer_groups(request: HttpRequest) -> HttpResponse:
    """GET /printer-groups"""
    found = PrinterGroup.objects.prefetch_related("printers", "users", "groups")
    return render(request, "pages/printer_groups.html", {"printer_groups": found})


@requires(Permission.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def printer_group_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /printer-groups/new"""
    form = PrinterGroupForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (group := form.save(None)) is not None:
        messages.success(request, f"{group.name} was made.")
        return redirect("pages:printer-groups")
    return _form(request, form, "New printer group", "Make printer group")


@requires(Permission.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def printer_group_edit(request: HttpRequest, group_id: int) -> HttpResponse:
    """GET and POST /printer-groups/ID"""
    group = get_object_or_404(PrinterGroup, pk=group_id)
    form = PrinterGroupForm(request.POST) if request.method == "POST" else PrinterGroupForm.shown_for(group)
    if form.is_valid() and form.save(group) is not None:
        messages.success(request, f"{form.cleaned_data['name']} was saved.")
        return redirect("pages:printer-groups")
    return _form(request, form, f"Printer group {group.name}", "Save")


@requires(Permission.MANAGE_ROLES)
@require_POST
def printer_group_remove(request: HttpRequest, group_id: int) -> HttpResponse:
    """POST /printer-groups/ID/remove"""
    group = get_object_or_404(PrinterGroup, pk=group_id)
    name = group.name
    remove_printer_group(group)
    messages.success(request, f"{name} was removed; nobody operates its printers by it any more.")
    return redirect("pages:printer-groups")


def _form(request: HttpRequest, form: PrinterGroupForm, title: str, submit: str) -> HttpResponse:
    lead = "Whoever operates a printer sees everybody's jobs there, and releases, holds, cancels and redirects them."
    context = {"form": form, "title": title, "lead": lead, "back": reverse("pages:printer-groups"), "submit": submit}
    return render(request, "pages/form.html", context)
