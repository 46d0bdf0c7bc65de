"""The answer to "what will this document put on paper?", as immutable data.

A *page* is a page of the document; an *impression* is one side of a sheet that gets marked or passed through the
marker, as PWG 5100.x counts them; a *sheet* is a piece of paper. Lengths are millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart


class Unreadable(Exception):
    """What a document holds cannot be known; the text says why. The one way for a language's module to give up."""


class Language(StrEnum):
    """Page description languages by the names operators know."""

    PDF = "PDF"
    POSTSCRIPT = "PostScript"
    EPS = "EPS"
    PCL = "PCL 5"
    PCL_XL = "PCL XL"
    HPGL = "HP-GL/2"
    PWG_RASTER = "PWG raster"
    URF = "URF"
    CUPS_RASTER = "CUPS raster"
    XPS = "XPS"
    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    TEXT = "plain text"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How far the answer can be relied on; *exact* is never said of a guess."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a page's area each ink covers: 0 is none of it, 1 is all of it at full strength."""

    cyan: float
    magenta: float
    yellow: float
    black: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document, before copies, n-up and sides.

    `copies`, `sides` and `starts_sheet` are what the document itself sets for this page, where its language can
    (PCL, PCL XL, PostScript, raster headers); what it sets for all of it is in Analysis.settings.
    """

    number: int  # from 1
    width_mm: float
    height_mm: float
    media: str  # self-describing media name, PWG 5101.1 (iso_a4_210x297mm)
    colour: bool  # colour as rendered; a coloured object that is all grey is grey
    blank: bool = False
    coverage: Coverage | None = None  # None where it was not measured
    copies: int = 1  # of this page before the next one, as the document says
    sides: SidesKeyword | None = None  # None where the document does not say
    starts_sheet: bool = False  # it comes on the front of a new sheet, whatever came before

    @property
    def orientation(self) -> str:
        """*portrait* or *landscape*, keywords of orientation-requested (RFC 8011 section 5.2.10)."""
        return "landscape" if self.width_mm > self.height_mm else "portrait"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a document is made of.

    `pages` is empty when the confidence is *unknown*: unknown is not zero. `reason` says why the answer is not
    exact; `remarks` say what an operator may want to know (a wrong content type, a repaired file). `settings` is
    the part of the job ticket that the document brings along (PJL, ViewerPreferences, raster headers, ...).
    """

    language: Language
    confidence: Confidence
    pages: tuple[Page, ...] = ()
    reason: str = ""
    remarks: tuple[str, ...] = ()
    settings: TicketPart = SILENT


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
