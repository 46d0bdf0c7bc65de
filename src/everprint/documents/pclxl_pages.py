"""Paper and sides of PCL XL's pages: what BeginPage and EndPage say, and what they keep from the page before."""

from __future__ import annotations

import math
from dataclasses import dataclass

from everprint.documents.media import LARGEST_MM, media_name
from everprint.documents.pclxl_looks import Verdict
from everprint.documents.pclxl_stream import Array, Value
from everprint.documents.pclxl_tags import DEFAULT_PAPER, MEDIA_MM, MEDIA_NAMED, MM_PER_MEASURE, Attribute
from everprint.documents.result import Page
from everprint.documents.ticket import SidesKeyword

_ASSUMED = MEDIA_MM[2]  # A4
_LANDSCAPES, _UPRIGHTS = frozenset({1, 3}), frozenset({0, 2})
_BINDING = (SidesKeyword.TWO_SIDED_SHORT_EDGE, SidesKeyword.TWO_SIDED_LONG_EDGE)  # horizontal, vertical
_BACK = 1


@dataclass(slots=True)
class Paper:
    """Follows the pages. `doubts` gets a sentence for whatever is not certain."""

    doubts: dict[str, None]
    width_mm: float = _ASSUMED[0]
    height_mm: float = _ASSUMED[1]
    _edges: tuple[float, float] | None = None
    _landscape: bool = False
    _sides: SidesKeyword | None = None
    _starts_sheet: bool = False
    _on_front: bool = False  # the next page, counted without what DuplexPageSide says, comes on a front
    _open: bool = False  # the sheet under way has an empty back
    _several: bool = False  # of the page before there are several copies
    _fed: tuple[float, float, SidesKeyword | None] | None = None

    def begin(self, given: dict[int, Value], number: int) -> None:
        """At BeginPage of the page of that number."""
        self._choose_edges(given, number)
        self._turn(given, number)
        self._choose_sides(given)
        short, long = self._edges or _ASSUMED
        self.width_mm, self.height_mm = (long, short) if self._landscape else (short, long)

    def page(self, number: int, copies: int, verdict: Verdict) -> Page:
        """At EndPage."""
        self._several = copies > 1
        return Page(
            number,
            self.width_mm,
            self.height_mm,
            media_name(self.width_mm, self.height_mm),
            verdict.colour,
            verdict.blank,
            copies=copies,
            sides=self._sides,
            starts_sheet=self._starts_sheet,
        )

    def _choose_edges(self, given: dict[int, Value], number: int) -> None:
        custom, size = given.get(Attribute.CUSTOM_MEDIA_SIZE), given.get(Attribute.MEDIA_SIZE)
        if custom is not None:
            edges = _custom_edges(custom, given.get(Attribute.CUSTOM_MEDIA_SIZE_UNITS))
            if edges is None:
                self._guess(f"page {number} asks for a paper size that cannot be")
            else:
                self._edges = edges
        elif size is not None:
            if isinstance(size, Array):
                size = MEDIA_NAMED.get(size.raw(64).decode("ascii", "replace").upper().replace(" ", ""))
            if isinstance(size, int) and size in MEDIA_MM:
                self._edges = MEDIA_MM[size]
                if size == 13:
                    self._guess("B5 paper may be ISO's or JIS's size", forget=False)
            elif size == DEFAULT_PAPER:
                self._guess("it leaves the paper size to the printer: A4 is a guess")
            else:
                self._guess(f"page {number} asks for paper of a size that is not known: A4 is a guess")
        elif self._edges is None:
            self._guess("it leaves the paper size to the printer: A4 is a guess")

    def _guess(self, doubt: str, *, forget: bool = True) -> None:
        self.doubts[doubt] = None
        if forget:
            self._edges = None

    def _turn(self, given: dict[int, Value], number: int) -> None:
        orientation = given.get(Attribute.ORIENTATION)
        if orientation in _LANDSCAPES or orientation in _UPRIGHTS:
            self._landscape = orientation in _LANDSCAPES
        elif orientation is not None:
            self.doubts[f"page {number} leaves its orientation to the printer: portrait is a guess"] = None
            self._landscape = False

    def _choose_sides(self, given: dict[int, Value]) -> None:
        duplex = given.get(Attribute.DUPLEX_PAGE_MODE)
        if Attribute.SIMPLEX_PAGE_MODE in given:
            self._sides = SidesKeyword.ONE_SIDED
        elif duplex is not None:
            self._sides = _BINDING[1 if duplex == 1 else 0]
        short, long = self._edges or _ASSUMED
        fed = (short, long, self._sides)
        if fed != self._fed or self._sides is SidesKeyword.ONE_SIDED:
            self._fed, self._on_front, self._open = fed, True, False
        self._place(given.get(Attribute.DUPLEX_PAGE_SIDE))

    def _place(self, side: Value | None) -> None:
        """Which side of which sheet: a side left out is an empty side, and the next page may need another sheet."""
        if self._several and side is not None and (side == _BACK) != self._open:
            # Ghostscript takes the copies of a page as sides of one sheet; printers copy the sheet.
            self.doubts[
                "its pages of several copies choose their side of the paper, which printers may not follow"
            ] = None
            side = None
        on_back = side == _BACK if side is not None else self._open
        same_sheet = on_back and self._open
        self._starts_sheet = not same_sheet and not self._on_front
        self._on_front = same_sheet  # as it is counted: the first page of a sheet is its front
        self._open = not on_back


def _custom_edges(size: Value, units: Value | None) -> tuple[float, float] | None:
    if not isinstance(size, tuple) or len(size) != 2 or not isinstance(units, int):
        return None
    if not 0 <= units < len(MM_PER_MEASURE):
        return None
    short, long = (float(edge) * MM_PER_MEASURE[units] for edge in size)
    if not (math.isfinite(short) and math.isfinite(long) and 0 < short <= LARGEST_MM and 0 < long <= LARGEST_MM):
        return None
    return (short, long)
