"""What one device can do, as far as a delivery to it must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.ipp.message import Attribute, Group
from everprint.provider.mirrored import mirror


@dataclass(frozen=True, slots=True)
class Abilities:
    """Read from the attributes of a device; of a pool, from those of all its devices (pooled)."""

    shown: Mapping[str, Attribute]  # what a queue shows of it
    document_formats: frozenset[str]
    prints_colour: bool
    # May what a document sets overrule the job's ticket (RFC 8011 section 5.4.28)?
    document_holds: bool


def abilities_of(device: Group) -> Abilities:
    """What the device says of itself, completed with what every printer can do."""
    shown = mirror(device)
    formats = shown["document-format-supported"].values
    override = shown.get("pdl-override-supported")
    return Abilities(
        shown=shown,
        document_formats=frozenset(value for value in formats if isinstance(value, str)),
        prints_colour=shown["color-supported"].value is True,
        document_holds=override is not None and override.value == "not-attempted",
    )
