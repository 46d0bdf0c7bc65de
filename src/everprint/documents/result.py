"""The answer to "what will this document put on paper?", as immutable data.

A *page* is a page of the document; an *impression* is one side of a sheet that gets marked or passed through the
marker, as PWG 5100.x counts them; a *sheet* is a piece of paper. Lengths are millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unreadable(Exception):
    """What a document holds cannot be known; the text says why. The one way for a language's module to give up."""


class Language(StrEnum):
    """Page description languages by the names operators know."""

    PDF = "PDF"
    POSTSCRIPT = "PostScript"
    PWG_RASTER = "PWG raster"
    URF = "URF"
    JPEG = "JPEG"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How far the answer can be relied on; *exact* is never said of a guess."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document, before copies, n-up and sides."""

    number: int  # from 1
    width_mm: float
    height_mm: float
    media: str  # self-describing media name, PWG 5101.1 (iso_a4_210x297mm)
    colour: bool  # colour as rendered; a coloured object that is all grey is grey
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a document is made of.

    `pages` is empty when the confidence is *unknown*: unknown is not zero. `reason` says why the answer is not
    exact; `remarks` say what an operator may want to know (a wrong content type, a repaired file).
    """

    language: Language
    confidence: Confidence
    pages: tuple[Page, ...] = ()
    reason: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """A number of impressions of one kind: same paper, same colour, same way of sides. Prices hang on this."""

    media: str
    colour: bool
    two_sided: bool  # the sheet carries a second impression, or was to when the printer stopped between the two
    impressions: int


@dataclass(frozen=True, slots=True)
class Output:
    """What comes out of the printer: all copies counted.

    `impressions` is the sum over `sides`; `sheets` is pieces of paper.
    """

    sheets: int
    sides: tuple[Sides, ...]

    @property
    def impressions(self) -> int:
        """All marked sides (job-impressions-completed, PWG 5100.7)."""
        return sum(kind.impressions for kind in self.sides)

    @property
    def colour_impressions(self) -> int:
        """Those of them in colour."""
        return sum(kind.impressions for kind in self.sides if kind.colour)


NOTHING = Output(sheets=0, sides=())
