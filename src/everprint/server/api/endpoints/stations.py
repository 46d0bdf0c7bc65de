"""Release stations: which there are, what they release, and their addresses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Flag, Id, Name
from everprint.server.api.problem import Refused
from everprint.server.printers.models import Printer
from everprint.server.release.models import Station
from everprint.server.release.stations import (
    LONGEST_IDLE_S,
    MOST_PRINTERS,
    SHORTEST_IDLE_S,
    MadeStation,
    change_station,
    make_station,
    remove_station,
    renew_address,
    terms_of,
)

area = Area("Release")


class StationRecord(BaseModel):
    """A release station."""

    id: Id
    name: str
    printers: list[Id]
    by_card: bool
    by_pin: bool = Field(description="By name and the PIN that goes with the cards")
    by_password: bool
    idle_s: int = Field(description="Seconds without a touch until somebody is signed out")


class StationWithAddress(StationRecord):
    """A release station with its address, which no other answer has."""

    address: str


class NewStation(Body):
    """A station as it shall be."""

    name: Annotated[Name, Field(max_length=100)]
    printers: list[Annotated[Id, Field(strict=True)]] = Field(max_length=MOST_PRINTERS)
    by_card: Flag = True
    by_pin: Flag = True
    by_password: Flag = True
    idle_s: Annotated[int, Field(strict=True, ge=SHORTEST_IDLE_S, le=LONGEST_IDLE_S)] = 60


@area.get("", list[StationRecord], needs=Permission.MANAGE_PRINTERS)
def list_stations(request: HttpRequest) -> list[StationRecord]:
    """List the release stations, without their addresses."""
    return [_record(station) for station in Station.objects.all()]


@area.post("", StationWithAddress, needs=Permission.MANAGE_PRINTERS, status=HTTPStatus.CREATED)
def create_a_station(request: HttpRequest, wanted: NewStation) -> StationWithAddress:
    """Make a release station."""
    return _with_address(request, make_station(_printers(wanted), **_settings(wanted)))


@area.put("/{int:station_id}", StationRecord, needs=Permission.MANAGE_PRINTERS)
def set_a_station(request: HttpRequest, station_id: Id, wanted: NewStation) -> StationRecord:
    """Set all of a release station but its address."""
    station = get_object_or_404(Station, pk=station_id)
    return _record(change_station(station, _printers(wanted), **_settings(wanted)))


@area.post("/{int:station_id}/renew-address", StationWithAddress, needs=Permission.MANAGE_PRINTERS)
def renew_the_address_of_a_station(request: HttpRequest, station_id: Id) -> StationWithAddress:
    """Give a release station another address; the old one leads nowhere."""
    return _with_address(request, renew_address(get_object_or_404(Station, pk=station_id)))


@area.delete("/{int:station_id}", needs=Permission.MANAGE_PRINTERS)
def remove_a_station(request: HttpRequest, station_id: Id) -> None:
    """Remove a release station."""
    remove_station(get_object_or_404(Station, pk=station_id))


def _printers(wanted: NewStation) -> list[Printer]:
    found = list(Printer.objects.filter(pk__in=wanted.printers, is_active=True))
    missing = sorted(set(wanted.printers) - {printer.pk for printer in found})
    if missing:
        text = f"There is no printer {missing[0]}."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-printer", text)
    return found


def _settings(wanted: NewStation) -> dict[str, object]:
    return wanted.model_dump(exclude={"printers"})


def _record(station: Station) -> StationRecord:
    return StationRecord.model_validate({"id": station.pk, **terms_of(station)})


def _with_address(request: HttpRequest, made: MadeStation) -> StationWithAddress:
    address = request.build_absolute_uri(reverse("pages:station", args=[made.key]))
    return StationWithAddress.model_validate({"id": made.station.pk, **terms_of(made.station), "address": address})
