"""Release stations: which there are, what they release, and their addresses.

A station's address holds a secret, so that nobody tries cards and PINs from their desk. Only its digest is kept: the
address is shown when it is made, and a lost one is replaced by another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.printers.models import Printer
from everprint.server.release.models import Station, StationSession

SHORTEST_IDLE_S, LONGEST_IDLE_S = 15, 900
MOST_PRINTERS = 200
SETTINGS = ("name", "by_card", "by_pin", "by_password", "idle_s")
_KEY_OCTETS = 24


class BadStation(ValueError):
    """What a station cannot be; the text says why."""


@dataclass(frozen=True, slots=True)
class MadeStation:
    """A station, and the secret of its address, which is known only now."""

    station: Station
    key: str


def make_station(printers: Iterable[Printer], **settings: object) -> MadeStation:
    """A new station; `settings` are those of SETTINGS.

    Raises BadStation.
    """
    key = secrets.token_urlsafe(_KEY_OCTETS)
    station = _save(Station(key_digest=digest_of(key)), list(printers), settings)
    return MadeStation(station, key)


def change_station(station: Station, printers: Iterable[Printer], **settings: object) -> Station:
    """Changes what the station is; its address stays.

    Raises BadStation.
    """
    return _save(station, list(printers), settings)


def renew_address(station: Station) -> MadeStation:
    """Gives the station another address; the old one leads nowhere, and whoever is signed in there is signed out."""
    key = secrets.token_urlsafe(_KEY_OCTETS)

    def work() -> None:
        station.key_digest = digest_of(key)
        station.save(update_fields=["key_digest"])
        StationSession.objects.filter(station=station).delete()
        note("station.renew-address", station)

    transact(work)
    return MadeStation(station, key)


def remove_station(station: Station) -> None:
    """Takes the station away."""

    def work() -> None:
        note("station.remove", station)
        station.delete()

    transact(work)


def station_of(key: str) -> Station | None:
    """The station with that secret in its address."""
    return Station.objects.filter(key_digest=digest_of(key)).first()


def digest_of(secret: str) -> str:
    """What is kept of a long random secret: nobody finds it by trying."""
    return hashlib.sha256(secret.encode()).hexdigest()


def terms_of(station: Station) -> dict[str, object]:
    """What can be changed of it, with the printers' ids."""
    printers = sorted(station.printers.values_list("pk", flat=True))
    return {**{name: getattr(station, name) for name in SETTINGS}, "printers": printers}


def _save(station: Station, printers: list[Printer], settings: dict[str, object]) -> Station:
    adding = station._state.adding
    before = None if adding else terms_of(station)
    for name, value in settings.items():
        assert name in SETTINGS, name
        setattr(station, name, value)
    station.name = " ".join(station.name.split())
    _check(station, printers)

    def work() -> Station:
        if Station.objects.filter(name__iexact=station.name).exclude(pk=station.pk).exists():
            raise BadStation(f"there is a station {station.name} already")
        station._state.adding = adding  # the work may be repeated
        if adding:
            station.pk = None
        station.save()
        station.printers.set(printers)
        note("station.make" if adding else "station.change", station, before, terms_of(station))
        return station

    return transact(work)


def _check(station: Station, printers: list[Printer]) -> None:
    if not station.name:
        raise BadStation("a station needs a name")
    if not (station.by_card or station.by_pin or station.by_password):
        raise BadStation("choose at least one way to sign in")
    if not SHORTEST_IDLE_S <= station.idle_s <= LONGEST_IDLE_S:
        raise BadStation(f"the time-out is {SHORTEST_IDLE_S} to {LONGEST_IDLE_S} seconds, not {station.idle_s}")
    if not printers:
        raise BadStation("name at least one printer")
    if len(printers) > MOST_PRINTERS:
        raise BadStation(f"a station releases at {MOST_PRINTERS} printers at the most, not at {len(printers)}")
