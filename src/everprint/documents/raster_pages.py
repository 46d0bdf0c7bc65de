"""The pages of a raster file, whatever its headers look like: PWG raster, URF and CUPS raster differ only in those.

The number of pages is what the data holds; a total in a header may be 0 or a lie and is only compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from everprint.documents.limits import MAX_RASTER_EDGE, Limits
from everprint.documents.media import LARGEST_MM, MM_PER_INCH, TOLERANCE_MM, media_name, media_size
from everprint.documents.raster_colours import Colours, Kind
from everprint.documents.raster_rows import Stored
from everprint.documents.raster_stream import EndsEarly, PageFound, RasterStream
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword, TicketPart

MOST_DPI = 10_000
_WHOLE_BITS = 8  # a colour of fewer is made of dots (halftones), and no pixel of them shows it alone


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page header asks of the printer; `copies` is 0, the others None, where it is silent.

    A header that has a field for two sides, but no value of it that is silence, says `one_sided` there: that is
    believed only if another page is two-sided.
    """

    copies: int = 0
    collated: bool | None = None
    sides: SidesKeyword | None = None
    one_sided: bool = False
    media: str = ""  # a self-describing name, if it is one


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """What a page header says, checked."""

    stored: Stored
    colours: Colours
    width_mm: float
    height_mm: float
    total_pages: int = 0
    asked: Asked = field(default_factory=Asked)


ReadHeader = Callable[[RasterStream], RasterHeader]
"""Reads the next page's header; raises EndsEarly, or Unreadable for one that cannot be."""

Begin = Callable[[RasterStream], tuple[ReadHeader, int]]
"""Reads what stands before the first page: how to read page headers, and the total of pages it claims, or 0."""


def paper_of_pixels(stored: Stored, dpi: tuple[int, int]) -> tuple[float, float]:
    """Millimetres that the pixels take, if paper of that size and those pixels can be.

    Raises Unreadable, naming the field.
    """
    size = (stored.width, stored.height)
    for name, edge in zip(("width", "height"), size, strict=True):
        if not 0 < edge <= MAX_RASTER_EDGE:
            raise Unreadable(f"a {name} of {edge} pixels")
    for name, resolution in zip(("cross-feed", "feed"), dpi, strict=True):
        if not 0 < resolution <= MOST_DPI:
            raise Unreadable(f"a {name} resolution of {resolution} dpi")
    width_mm, height_mm = (edge / resolution * MM_PER_INCH for edge, resolution in zip(size, dpi, strict=True))
    if max(width_mm, height_mm) > LARGEST_MM:
        raise Unreadable(f"a page of {width_mm:.0f} by {height_mm:.0f} mm")
    return width_mm, height_mm


@contextmanager
def opened(source: Source) -> Iterator[RasterStream]:
    """The raster's octets. Raises OSError."""
    with source.path.open("rb", buffering=0) as file:
        file.seek(source.start)
        yield RasterStream(file, source.end)


def analyse_pages(source: Source, language: Language, begin: Begin, limits: Limits) -> Analysis:
    """Walks the file.

    Raises Unreadable if there is no whole page header in it, or more pages than the limit.
    """
    pages: list[Page] = []
    asked: list[Asked] = []
    doubts: dict[str, None] = {}  # a set that keeps its order
    with opened(source) as stream:
        read, claimed = _begin(stream, begin)
        while stream.has_more():
            number = len(pages) + 1
            if number > limits.pages:
                raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
            header = _next_header(stream, read, number, doubts)
            if header is None:
                break
            found = _look(stream, header, number, doubts)
            claimed = claimed or header.total_pages
            asked.append(header.asked)
            media = _media(header)
            pages.append(
                Page(number, header.width_mm, header.height_mm, media, found.colour, found.blank, found.coverage)
            )
    remarks = []
    if claimed and pages and claimed != len(pages):
        remarks.append(f"its header says {claimed} pages, the data are {len(pages)}")
    confidence = Confidence.ESTIMATED if doubts else Confidence.EXACT
    settings, set_pages = settle(asked, pages)
    return Analysis(language, confidence, tuple(set_pages), "; ".join(doubts), tuple(remarks), settings)


def settle(asked: Sequence[Asked], pages: Sequence[Page]) -> tuple[TicketPart, Sequence[Page]]:
    """What all headers ask for becomes the document's settings; what only some ask for stays on their pages."""
    copies = {header.copies for header in asked}
    collated = {header.collated for header in asked if header.copies > 1}
    two_sided = any(header.sides not in (None, SidesKeyword.ONE_SIDED) for header in asked)
    wanted = [SidesKeyword.ONE_SIDED if header.one_sided and two_sided else header.sides for header in asked]
    sides = set(wanted)
    if len(copies) > 1:
        pages = [replace(page, copies=max(1, header.copies)) for page, header in zip(pages, asked, strict=True)]
    if len(sides) > 1:
        pages = [replace(page, sides=keyword) for page, keyword in zip(pages, wanted, strict=True)]
    settings = TicketPart(
        copies=(copies.pop() or None) if len(copies) == 1 else None,
        sides=sides.pop() if len(sides) == 1 else None,
        collated=collated.pop() if len(collated) == 1 else None,
    )
    return settings, pages


def _media(header: RasterHeader) -> str:
    """The name that the header gives if it fits the size: two papers of one size may have two names."""
    named = media_size(header.asked.media)
    short, long = sorted((header.width_mm, header.height_mm))
    if named and abs(named[0] - short) <= TOLERANCE_MM and abs(named[1] - long) <= TOLERANCE_MM:
        return header.asked.media
    return media_name(short, long)


def _begin(stream: RasterStream, begin: Begin) -> tuple[ReadHeader, int]:
    try:
        return begin(stream)
    except EndsEarly:
        raise Unreadable("it ends in its file header") from None


def _next_header(stream: RasterStream, read: ReadHeader, number: int, doubts: dict[str, None]) -> RasterHeader | None:
    """None if what follows is no page: the pages before it are still pages."""
    try:
        return read(stream)
    except EndsEarly:
        reason = f"it ends in the header of page {number}"
    except Unreadable as cannot:
        reason = f"the header of page {number} says {cannot}"
    if number == 1:
        raise Unreadable(reason)
    doubts[reason] = None
    return None


def _look(stream: RasterStream, header: RasterHeader, number: int, doubts: dict[str, None]) -> PageFound:
    """A page that was cut off counts: the printer has begun it before it could know."""
    found = PageFound()
    try:
        stream.look_at_page(header.stored, header.colours, found)
    except EndsEarly:
        doubts[f"it ends in the middle of page {number}"] = None
        stream.end()
    if found.cut_rows:
        doubts[f"page {number} has damaged rows"] = None
    if found.guessed:
        doubts["its colours are stored plane by plane, which are not compared"] = None
    if found.colour and header.stored.bits < _WHOLE_BITS:
        doubts["its colours are dots, whose mixture may be grey"] = None
    if header.colours.doubt and not found.blank and (found.colour or not _black_is_known(header.colours)):
        doubts[header.colours.doubt] = None
    return found


def _black_is_known(colours: Colours) -> bool:
    """Whether a page of these inks that has only black on it is surely grey."""
    return colours.kind is Kind.INKS and colours.order[3] >= 0
