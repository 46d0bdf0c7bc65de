"""Print tickets in an XPS package: the Print Schema's keywords as the job ticket's fields.

A ticket may stand at the sequence (the whole job), at a document and at a page; the nearer one is heard first
(ECMA-388 section 9.1.9.1). Keywords: Microsoft's Print Schema Specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from everprint.documents.media import LARGEST_MM, media_name
from everprint.documents.ticket import SidesKeyword
from everprint.documents.xml_stream import read_xml

_FRAMEWORK = "http://schemas.microsoft.com/windows/2003/08/printing/printschemaframework"
_KEYWORDS = "http://schemas.microsoft.com/windows/2003/08/printing/printschemakeywords"

_MOST = 1_000_000_000
"""Of copies and pages per sheet; whoever prices them says what is too much."""

_SIDES = {
    "OneSided": SidesKeyword.ONE_SIDED,
    "TwoSidedLongEdge": SidesKeyword.TWO_SIDED_LONG_EDGE,
    "TwoSidedShortEdge": SidesKeyword.TWO_SIDED_SHORT_EDGE,
}
_COLOUR_MODES = {"Color": "color", "Grayscale": "monochrome", "Monochrome": "bi-level"}
_COLLATED = {"Collated": True, "Uncollated": False}
_FINISHINGS = {
    "StapleTopLeft": "staple-top-left",
    "StapleBottomLeft": "staple-bottom-left",
    "StapleTopRight": "staple-top-right",
    "StapleBottomRight": "staple-bottom-right",
    "StapleDualLeft": "staple-dual-left",
    "StapleDualTop": "staple-dual-top",
    "StapleDualRight": "staple-dual-right",
    "StapleDualBottom": "staple-dual-bottom",
    "SaddleStitch": "saddle-stitch",
}
_PUNCHES = {
    "LeftEdge": "punch-left",
    "TopEdge": "punch-top",
    "RightEdge": "punch-right",
    "BottomEdge": "punch-bottom",
}
_BINDINGS = {"BindLeft": "bind-left", "BindTop": "bind-top", "BindRight": "bind-right", "BindBottom": "bind-bottom"}
_FINISHING_FEATURES = {"Staple": _FINISHINGS, "HolePunch": _PUNCHES, "Binding": _BINDINGS, "Bind": _BINDINGS}


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """What one ticket says; None, or nothing, where it is silent. `feature` is by keyword, without its prefix."""

    features: dict[str, str] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def job_sides(self) -> SidesKeyword | None:
        """All documents of the job share sheets."""
        return _SIDES.get(self.features.get("JobDuplexAllDocumentsContiguously", ""))

    @property
    def document_sides(self) -> SidesKeyword | None:
        """Each document begins on a sheet of its own."""
        return _SIDES.get(self.features.get("DocumentDuplex", ""))

    @property
    def colour_mode(self) -> str | None:
        """A *print-color-mode*."""
        return _COLOUR_MODES.get(self.features.get("PageOutputColor", ""))

    @property
    def collated(self) -> bool | None:
        """Whether copies are."""
        for feature in ("JobCollateAllDocuments", "DocumentCollate"):
            if (collated := _COLLATED.get(self.features.get(feature, ""))) is not None:
                return collated
        return None

    @property
    def media(self) -> str | None:
        """The name of the paper, by its size in micrometres; the paper's keyword alone names no size to us."""
        width, height = (
            self.values.get(f"PageMediaSize/MediaSize{edge}", 0.0) / 1000 for edge in ("Width", "Height")
        )
        if 0 < width <= LARGEST_MM and 0 < height <= LARGEST_MM:
            return media_name(width, height)
        return _named_media(self.features.get("PageMediaSize", ""))

    @property
    def number_up(self) -> int | None:
        """Pages on one side of a sheet."""
        for feature in ("JobNUpAllDocumentsContiguously", "DocumentNUp"):
            if pages := self._count(f"{feature}/PagesPerSheet"):
                return pages
        return None

    @property
    def finishings(self) -> tuple[str, ...] | None:
        """Keywords of *finishings*."""
        found = [
            keyword
            for name, keywords in _FINISHING_FEATURES.items()
            for feature in (f"Job{name}AllDocuments", f"Document{name}")
            if (keyword := keywords.get(self.features.get(feature, "")))
        ]
        return tuple(dict.fromkeys(found)) or None

    def copies(self, parameter: str) -> int | None:
        """JobCopiesAllDocuments, DocumentCopiesAllPages or PageCopies."""
        return self._count(parameter)

    def _count(self, name: str) -> int | None:
        value = self.values.get(name, 0.0)
        return int(value) if 1 <= value <= _MOST else None


SILENT_TICKET = PrintTicket()
"""Says nothing."""

_ISO_SIZES = {
    "A": [(841, 1189), (594, 841), (420, 594), (297, 420), (210, 297), (148, 210), (105, 148)],
    "B": [(1000, 1414), (707, 1000), (500, 707), (353, 500), (250, 353), (176, 250), (125, 176)],
    "C": [(917, 1297), (648, 917), (458, 648), (324, 458), (229, 324), (162, 229), (114, 162)],
}
_JIS_SIZES = [(1030, 1456), (728, 1030), (515, 728), (364, 515), (257, 364), (182, 257), (128, 182)]
_OTHER_SIZES = {
    "NorthAmericaLetter": (215.9, 279.4),
    "NorthAmericaLegal": (215.9, 355.6),
    "NorthAmericaTabloid": (279.4, 431.8),
    "NorthAmericaExecutive": (184.15, 266.7),
    "NorthAmericaStatement": (139.7, 215.9),
    "NorthAmericaNumber10Envelope": (104.775, 241.3),
    "NorthAmericaMonarchEnvelope": (98.425, 190.5),
    "ISODLEnvelope": (110, 220),
    "JapanHagakiPostcard": (100, 148),
}


def _named_media(keyword: str) -> str | None:
    if keyword in _OTHER_SIZES:
        return media_name(*_OTHER_SIZES[keyword])
    if found := re.fullmatch(r"ISO([ABC])([0-6])(?:Envelope|Rotated)?", keyword):
        return media_name(*_ISO_SIZES[found[1]][int(found[2])])
    if found := re.fullmatch(r"JISB([0-6])(?:Rotated)?", keyword):
        return media_name(*_JIS_SIZES[int(found[1])])
    return None


def read_ticket(pieces: Iterable[bytes], deadline: float) -> PrintTicket:
    """The ticket in a PrintTicket part.

    Raises BadMarkup, OutOfTime, and what the pieces raise.
    """
    reader = _TicketReader()
    read_xml(pieces, reader, deadline)
    return PrintTicket(reader.features, reader.values)


class _TicketReader:
    """Options and values by the features and parameters that they stand in."""

    def __init__(self) -> None:
        self.features: dict[str, str] = {}
        self.values: dict[str, float] = {}
        self._prefixes: dict[str, str] = {}
        self._within: list[tuple[str, str]] = []  # element, and the keyword it carries
        self._text = ""

    def prefix(self, prefix: str, namespace: str) -> None:
        self._prefixes[prefix] = namespace

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        if namespace != _FRAMEWORK:
            element = ""
        keyword = self._keyword(attributes.get("name", ""))
        if element == "Option" and keyword and (feature := self._nearest("Feature")):
            self.features.setdefault(feature, keyword)
        self._within.append((element, keyword))
        self._text = ""

    def end(self, name: str) -> None:
        element, _ = self._within.pop()
        if element == "Value":
            self._take(self._text.strip()[:40])

    def text(self, text: str) -> None:
        if len(self._text) < 40:
            self._text += text[:40]

    def _take(self, text: str) -> None:
        try:
            value = float(text)
        except ValueError:
            return
        if parameter := self._nearest("ParameterInit"):
            self.values.setdefault(parameter, value)
        elif (scored := self._nearest("ScoredProperty")) and (feature := self._nearest("Feature")):
            self.values.setdefault(f"{feature}/{scored}", value)

    def _nearest(self, element: str) -> str:
        return next((keyword for kind, keyword in reversed(self._within) if kind == element), "")

    def _keyword(self, name: str) -> str:
        """The Print Schema's keyword without its prefix; empty for a vendor's own."""
        prefix, _, word = name.rpartition(":")
        return word if self._prefixes.get(prefix) == _KEYWORDS else ""
