"""What a delivery must know of the device that it goes to: a queue knows it of its only device, a pool of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from everprint.ipp.message import Attribute


class Described(Protocol):
    """See provider.abilities."""

    @property
    def shown(self) -> Mapping[str, Attribute]:
        """What the queue shows of it."""
        ...

    @property
    def document_formats(self) -> frozenset[str]:
        """What it says that it understands."""
        ...

    @property
    def prints_colour(self) -> bool:
        """True if it does."""
        ...

    @property
    def document_holds(self) -> bool:
        """True if what a document sets may overrule the job's ticket."""
        ...
