"""Print Providers: the list with their health, enrolment codes, revocation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import active, unpaid_offline
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.providers.credentials import revoke
from everprint.server.providers.enrolment import make_code
from everprint.server.providers.models import Provider

COLUMNS = (
    Column("name", "Print Provider", "name"),
    Column("health", "Health", "last_seen_at"),
    Column("last", "Last contact", "last_seen_at"),
    Column("address", "Address", "last_address"),
    Column("version", "Version", "software_version"),
    Column("printers", "Printers", "printer_count", number=True),
    Column("orders", "Orders waiting", "orders_waiting", number=True),
)


@requires(Permission.VIEW_PROVIDERS)
@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    """GET /providers"""
    found = Provider.objects.annotate(
        printer_count=Count("printers", filter=Q(printers__is_active=True)),
        orders_waiting=F("orders_made") - F("orders_acknowledged"),
    )
    context = {"listing": arrange(found, COLUMNS, request.GET, default="name"), "now": timezone.now()}
    return render_live(request, "pages/providers.html", "pages/providers_live.html", context)


@requires(Permission.VIEW_PROVIDERS)
@require_safe
def provider_page(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """GET /providers/ID"""
    provider = get_object_or_404(Provider, pk=provider_id)
    context = {
        "provider": provider,
        "printers": provider.printers.filter(is_active=True).select_related("provider"),
        "waiting": active(Job.objects.filter(provider=provider)).count(),
        "orders_waiting": provider.orders_made - provider.orders_acknowledged,
        "unpaid": unpaid_offline(Job.objects.filter(provider=provider)).count(),
        "now": timezone.now(),
    }
    return render_live(request, "pages/provider.html", "pages/provider_live.html", context)


@requires(Permission.MANAGE_PROVIDERS)
@never_cache
@require_POST
def enrolment_code(request: HttpRequest) -> HttpResponse:
    """POST /providers/code: makes a code and shows it, this once."""
    server = f"{request.scheme}://{request.get_host()}"
    context = {"new": make_code(person(request)), "server": server}
    return render(request, "pages/enrolment_code.html", context)


@requires(Permission.MANAGE_PROVIDERS)
@require_POST
def provider_revoke(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """POST /providers/ID/revoke"""
    provider = get_object_or_404(Provider, pk=provider_id)
    revoke(provider)
    messages.success(request, f"{provider.name} was revoked: it can no longer speak to this server.")
    return redirect("pages:providers")
