"""What a delivery must know of the device that it goes to: a queue knows it of its only device, a pool of each."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Protocol

from everprint.documents.result import Language
from everprint.ipp.message import Attribute, Group
from everprint.provider.conversion.capabilities import Capabilities


class Described(Protocol):
    """See provider.abilities."""

    @property
    def device_shown(self) -> Mapping[str, Attribute]:
        """What it says of itself."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """The same, as far as conversions hang on it."""
        ...

    @property
    def convertible(self) -> Set[Language]:
        """The languages that can be made into what it takes."""
        ...

    @property
    def prints_colour(self) -> bool:
        """True if it does."""
        ...

    @property
    def document_holds(self) -> bool:
        """True if what a document sets may overrule the job's ticket."""
        ...


class Looked(Described, Protocol):
    """One that is looked at from time to time (device_watch)."""

    @property
    def device_seen(self) -> bool:
        """True once it said anything."""
        ...

    def change_device(self, device: Group) -> None:
        """Takes what it says of its abilities."""
        ...
