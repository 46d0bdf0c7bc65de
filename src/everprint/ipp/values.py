"""Python types for the attribute syntaxes that have no built-in twin (RFC 8011 section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from everprint.ipp.message import Attribute

from everprint.ipp.tags import ValueTag

MIN_INTEGER = -(2**31)
MAX_INTEGER = 2**31 - 1


class ResolutionUnits(IntEnum):
    """Units of a resolution (RFC 8011 section 5.1.16)."""

    DOTS_PER_INCH = 3
    DOTS_PER_CM = 4


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots per unit across and along the feed (RFC 8011 section 5.1.16)."""

    cross_feed: int
    feed: int
    units: ResolutionUnits = ResolutionUnits.DOTS_PER_INCH

    def __str__(self) -> str:
        suffix = "dpi" if self.units is ResolutionUnits.DOTS_PER_INCH else "dpcm"
        if self.cross_feed == self.feed:
            return f"{self.feed}{suffix}"
        return f"{self.cross_feed}x{self.feed}{suffix}"


@dataclass(frozen=True, slots=True)
class IntegerRange:
    """An inclusive range of integers (RFC 8011 section 5.1.14)."""

    lower: int
    upper: int

    def __contains__(self, number: int) -> bool:
        return self.lower <= number <= self.upper

    def __str__(self) -> str:
        return f"{self.lower}-{self.upper}"


@dataclass(frozen=True, slots=True)
class LanguageString:
    """A text or name that states its natural language (RFC 8011 sections 5.1.2.2 and 5.1.3.2)."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class OutOfBand:
    """A value that is not there, and why: *no-value*, *unknown*, *unsupported* (RFC 8011 section 5.1.1)."""

    tag: ValueTag

    def __str__(self) -> str:
        return self.tag.name.lower().replace("_", "-")


NO_VALUE = OutOfBand(ValueTag.NO_VALUE)
UNKNOWN = OutOfBand(ValueTag.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Collection:
    """A value made of named member attributes (RFC 8010 section 3.1.6)."""

    members: tuple[Attribute, ...]

    def get(self, name: str) -> Attribute | None:
        """The member attribute of that name, or None."""
        return next((member for member in self.members if member.name == name), None)


Value: TypeAlias = (
    int | bool | str | bytes | datetime | Resolution | IntegerRange | LanguageString | OutOfBand | Collection
)
