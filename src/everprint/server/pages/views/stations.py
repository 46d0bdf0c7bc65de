"""Release stations, as administrators make and change them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.stations import StationForm
from everprint.server.release.models import Station
from everprint.server.release.stations import MadeStation, remove_station, renew_address


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """GET /stations"""
    return render(request, "pages/stations.html", {"stations": Station.objects.prefetch_related("printers")})


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def station_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /stations/new"""
    form = StationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := form.make()) is not None:
        return _address(request, made)
    return _form(request, form, "New release station", "Make station")


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def station_edit(request: HttpRequest, station_id: int) -> HttpResponse:
    """GET and POST /stations/ID"""
    station = get_object_or_404(Station, pk=station_id)
    form = StationForm(request.POST) if request.method == "POST" else StationForm.shown_for(station)
    if form.is_valid() and form.save(station.pk):
        messages.success(request, f"{form.cleaned_data['name']} was saved.")
        return redirect("pages:stations")
    return _form(request, form, f"Release station {station.name}", "Save")


@requires(Permission.MANAGE_PRINTERS)
@require_POST
def station_address(request: HttpRequest, station_id: int) -> HttpResponse:
    """POST /stations/ID/address: another one; the old one leads nowhere."""
    return _address(request, renew_address(get_object_or_404(Station, pk=station_id)))


@requires(Permission.MANAGE_PRINTERS)
@require_POST
def station_remove(request: HttpRequest, station_id: int) -> HttpResponse:
    """POST /stations/ID/remove"""
    station = get_object_or_404(Station, pk=station_id)
    name = station.name
    remove_station(station)
    messages.success(request, f"{name} was removed; its address leads nowhere any more.")
    return redirect("pages:stations")


def _address(request: HttpRequest, made: MadeStation) -> HttpResponse:
    address = request.build_absolute_uri(reverse("pages:station", args=[made.key]))
    return render(request, "pages/station_made.html", {"station": made.station, "address": address})


def _form(request: HttpRequest, form: StationForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("pages:stations"), "submit": submit}
    return render(request, "pages/form.html", context)
