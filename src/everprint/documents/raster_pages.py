"""The pages of a raster file, whatever its headers look like: PWG raster and URF differ only in those.

The number of pages is what the data holds; a total in a header may be 0 or a lie and is only compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from everprint.documents.limits import MAX_RASTER_EDGE, Limits
from everprint.documents.media import LARGEST_MM, MM_PER_INCH, media_name
from everprint.documents.raster_stream import EndsEarly, PageFound, PixelFormat, Window, walk_page
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source

MOST_DPI = 10_000


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """What a page header says, checked. `doubt` is what cannot be relied on in it; `copies` is 0 if it is silent."""

    width: int
    height: int
    bits_per_pixel: int
    pixel: PixelFormat
    width_mm: float
    height_mm: float
    total_pages: int = 0
    copies: int = 0
    doubt: str = ""

    @property
    def row_pixels(self) -> int:
        """Stored pixels of a row; eight to one where a pixel is a bit."""
        return -(-self.width * self.bits_per_pixel // 8) // self.pixel.octets


ReadHeader = Callable[[Window], RasterHeader]
"""Reads the next page's header; raises EndsEarly, or Unreadable for one that cannot be."""


def checked_header(
    size: tuple[int, int],
    dpi: tuple[int, int],
    bits_per_pixel: int,
    pixel: PixelFormat,
    *,
    total_pages: int = 0,
    copies: int = 0,
    doubt: str = "",
) -> RasterHeader:
    """The header, if paper of that size and those pixels can be.

    Raises Unreadable, naming the field.
    """
    for name, edge in zip(("width", "height"), size, strict=True):
        if not 0 < edge <= MAX_RASTER_EDGE:
            raise Unreadable(f"a {name} of {edge} pixels")
    for name, resolution in zip(("cross-feed", "feed"), dpi, strict=True):
        if not 0 < resolution <= MOST_DPI:
            raise Unreadable(f"a {name} resolution of {resolution} dpi")
    width_mm, height_mm = (edge / resolution * MM_PER_INCH for edge, resolution in zip(size, dpi, strict=True))
    if max(width_mm, height_mm) > LARGEST_MM:
        raise Unreadable(f"a page of {width_mm:.0f} by {height_mm:.0f} mm")
    return RasterHeader(*size, bits_per_pixel, pixel, width_mm, height_mm, total_pages, copies, doubt)


def analyse_pages(
    source: Source, language: Language, begin: Callable[[Window], int], read: ReadHeader, limits: Limits
) -> Analysis:
    """Walks the file. `begin` reads what stands before the first page and returns the total it claims, or 0.

    Raises Unreadable if there is no whole page header in it, or more pages than the limit.
    """
    pages: list[Page] = []
    doubts: dict[str, None] = {}  # a set that keeps its order
    remarks: dict[str, None] = {}
    with source.as_file() as path, path.open("rb") as file:
        window = Window(file)
        claimed = _begin(window, begin)
        while window.need(1):
            number = len(pages) + 1
            if number > limits.pages:
                raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
            header = _next_header(window, read, number, doubts)
            if header is None:
                break
            found = _walk(window, header, number, doubts)
            claimed = claimed or header.total_pages
            if header.doubt:
                doubts[header.doubt] = None
            if header.copies > 1:
                doubts[f"its page headers ask for {header.copies} copies, which a printer may or may not make"] = None
            media = media_name(header.width_mm, header.height_mm)
            pages.append(Page(number, header.width_mm, header.height_mm, media, found.colour, found.blank))
    if claimed and pages and claimed != len(pages):
        remarks[f"its header says {claimed} pages, the data are {len(pages)}"] = None
    confidence = Confidence.ESTIMATED if doubts else Confidence.EXACT
    return Analysis(language, confidence, tuple(pages), "; ".join(doubts), tuple(remarks))


def _begin(window: Window, begin: Callable[[Window], int]) -> int:
    try:
        return begin(window)
    except EndsEarly:
        raise Unreadable("it ends in its file header") from None


def _next_header(window: Window, read: ReadHeader, number: int, doubts: dict[str, None]) -> RasterHeader | None:
    """None if what follows is no page: the pages before it are still pages."""
    try:
        return read(window)
    except EndsEarly:
        reason = f"it ends in the header of page {number}"
    except Unreadable as cannot:
        reason = f"the header of page {number} says {cannot}"
    if number == 1:
        raise Unreadable(reason)
    doubts[reason] = None
    return None


def _walk(window: Window, header: RasterHeader, number: int, doubts: dict[str, None]) -> PageFound:
    """A page that was cut off counts: the printer has begun it before it could know."""
    found = PageFound()
    try:
        walk_page(window, header.row_pixels, header.height, header.pixel, found)
    except EndsEarly:
        doubts[f"it ends in the middle of page {number}"] = None
        window.position = len(window.data)
    if found.cut_rows:
        doubts[f"page {number} has damaged rows"] = None
    return found
