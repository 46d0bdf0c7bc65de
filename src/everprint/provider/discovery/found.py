"""A device that somebody told of. All of it is a stranger's word: bounded, printable, and for a person to judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from everprint.contract.device_uris import DEVICE_SCHEMES, scheme_of

MOST_DEVICES = 1000
_LONGEST_TEXT = 200
_LONGEST_URI = 1023


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """One way to one printer: a printer that offers several is found several times."""

    device_uri: str
    name: str
    make_and_model: str
    location: str
    host: str  # as it calls itself; empty for what is plugged in
    uuid: str  # the printer-uuid; the same for all ways to one printer
    found_by: str  # "dns-sd" or "cups"

    @property
    def is_usable(self) -> bool:
        """True if a queue can have this device URI; what is not can be reached through a queue of CUPS."""
        return scheme_of(self.device_uri) in DEVICE_SCHEMES


class DiscoveryFailed(Exception):
    """One of the ways to look is closed; the text says which, and what to do."""


def words(said: str) -> str:
    """The text as a table may show it."""
    return "".join(character for character in said[:_LONGEST_TEXT] if character.isprintable()).strip()


def is_plain_uri(uri: str) -> bool:
    """True for a URI that can be shown and copied: printable ASCII without spaces, of a bounded length."""
    return 0 < len(uri) <= _LONGEST_URI and uri.isascii() and uri.isprintable() and " " not in uri and ":" in uri


def in_order(devices: Iterable[FoundDevice], own_uuids: frozenset[str]) -> list[FoundDevice]:
    """Each once, by name and URI, without our own queues: a queue in front of itself would go round for ever."""
    unique = {(one.device_uri, one.found_by): one for one in devices if one.uuid not in own_uuids}
    return sorted(unique.values(), key=lambda one: (one.name.casefold(), one.device_uri))[:MOST_DEVICES]
