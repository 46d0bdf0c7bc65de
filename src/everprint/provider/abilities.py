"""What one device can do, as far as a delivery to it must know."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from everprint.documents.result import Language
from everprint.ipp.message import Attribute, Group
from everprint.provider.conversion.capabilities import Capabilities, read_capabilities
from everprint.provider.mirrored import mirror


@dataclass(frozen=True, slots=True)
class Abilities:
    """Read from the attributes of a device; of a pool, from those of all its devices (pooled)."""

    device_shown: Mapping[str, Attribute]  # what it says of itself
    capabilities: Capabilities  # the same, as far as conversions hang on it
    prints_colour: bool
    # May what a document sets overrule the job's ticket (RFC 8011 section 5.4.28)?
    document_holds: bool
    # The languages that can be made into what it takes.
    convertible: Set[Language] = frozenset()


def abilities_of(device: Group, convertible: Set[Language] = frozenset()) -> Abilities:
    """What the device says of itself, completed with what every printer can do."""
    shown = mirror(device)
    override = shown.get("pdl-override-supported")
    return Abilities(
        device_shown=shown,
        capabilities=read_capabilities(shown),
        prints_colour=shown["color-supported"].value is True,
        document_holds=override is not None and override.value == "not-attempted",
        convertible=convertible,
    )
