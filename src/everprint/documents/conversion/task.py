"""What is to be made of a document: all that a conversion is told. It knows nothing of queues, prices or people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from everprint.documents.limits import Limits
from everprint.documents.result import Language, Page
from everprint.documents.ticket import Ticket


class Target(StrEnum):
    """What a conversion makes, by the media type that devices know it by."""

    PDF = "application/pdf"
    PWG_RASTER = "image/pwg-raster"
    URF = "image/urf"


class SheetBack(StrEnum):
    """How a device wants the backs of two-sided sheets (*pwg-raster-document-sheet-back*, PWG 5102.4 section 7.3)."""

    NORMAL = "normal"
    FLIPPED = "flipped"
    ROTATED = "rotated"
    MANUAL_TUMBLE = "manual-tumble"


class Scaling(StrEnum):
    """Values of *print-scaling* (PWG 5100.13 section 6.2.15)."""

    AUTO = "auto"
    AUTO_FIT = "auto-fit"
    FILL = "fill"
    FIT = "fit"
    NONE = "none"


class Pixel(StrEnum):
    """What pixels are made of, in the words of *pwg-raster-document-type-supported*."""

    BLACK_1 = "black_1"
    SGRAY_8 = "sgray_8"
    SRGB_8 = "srgb_8"


@dataclass(frozen=True, slots=True)
class Raster:
    """The pixels that a device wants. `dpi` is across and along the feed; `quality` is the enum of print-quality."""

    dpi: tuple[int, int]
    pixel: Pixel
    sheet_back: SheetBack = SheetBack.NORMAL
    quality: int = 4


@dataclass(frozen=True, slots=True)
class Edges:
    """Of a sheet, short edge first, what cannot be printed on; millimetres."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """One document's.

    `pages` is what its analysis found, with what of the pages' own settings holds. `ticket` is what is to be done
    here: all that it says is done, and what the device does itself it does not say. `papers` says which paper to take
    for a media name: what a device does not have is put on what it has. `raster` is None for PDF.
    """

    language: Language
    target: Target
    pages: tuple[Page, ...]
    ticket: Ticket
    papers: dict[str, str]
    raster: Raster | None = None
    scaling: Scaling = Scaling.AUTO
    margins: Edges = Edges()
    limits: Limits = Limits()


class ConversionFailed(Exception):
    """The document cannot be converted; the text says why, for people."""


class ConverterBroke(ConversionFailed):
    """Its converter was killed, or was too slow: the next one may do it, unless the document is what breaks them."""


class NoConverter(ConversionFailed):
    """This machine has no room for a converter at the moment; nothing is known of the document."""
