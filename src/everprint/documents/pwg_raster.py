"""PWG raster (PWG 5102.4): `RaS2`, then for each page a header of 1,796 octets and its rows."""

from __future__ import annotations

from PIL import Image

from everprint.documents import raster_header
from everprint.documents.limits import Limits
from everprint.documents.raster_colours import SPACES, Colours
from everprint.documents.raster_header import HeaderFields
from everprint.documents.raster_pages import RasterHeader, ReadHeader, analyse_pages, paper_of_pixels
from everprint.documents.raster_picture import draw_raster_page
from everprint.documents.raster_rows import Order, Stored
from everprint.documents.raster_stream import RasterStream
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

# PWG 5102.4 section 4.3.1: of CUPS's colour spaces these, and 48 to 62 for one to fifteen inks of the device.
_COLOUR_SPACES = frozenset({0, 1, 3, 6, 18, 19, 20, *range(48, 63)})


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks all pages.

    Raises Unreadable.
    """
    return analyse_pages(source, Language.PWG_RASTER, begin, limits)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    return draw_raster_page(source, begin, number, dpi)


def begin(stream: RasterStream) -> tuple[ReadHeader, int]:
    """Reads over the synchronisation word; totals stand in the page headers."""
    stream.take(4)
    return read_header, 0


def read_header(stream: RasterStream) -> RasterHeader:
    """The next page's header.

    Raises EndsEarly, and Unreadable naming the field that cannot be.
    """
    fields = HeaderFields(stream.take(raster_header.OCTETS))
    if fields.color_order != Order.CHUNKY:
        raise Unreadable(f"a colour order of {fields.color_order}, where only 0 (chunky) is allowed")
    colours = _colours(fields)
    width, height = fields.size
    bits = fields.bits_per_pixel
    stored = Stored(width, height, fields.bits_per_color, bits, colours.channels, fields.bytes_per_line)
    width_mm, height_mm = paper_of_pixels(stored, fields.resolution)
    if stored.row_octets != -(-width * bits // 8):
        raise Unreadable(f"{stored.row_octets} octets per line, where {width} pixels of {bits} bits have others")
    paper = fields.paper(width_mm, height_mm)
    return RasterHeader(stored, colours, *paper, fields.total_page_count, fields.asked())


def _colours(fields: HeaderFields) -> Colours:
    space, bits_per_colour, bits_per_pixel = fields.color_space, fields.bits_per_color, fields.bits_per_pixel
    if space not in _COLOUR_SPACES:
        raise Unreadable(f"a colour space of {space}, which PWG raster does not have")
    colours = SPACES[space]
    allowed = (1, 8, 16) if colours.channels == 1 else (8, 16)
    if bits_per_colour not in allowed or bits_per_pixel != bits_per_colour * colours.channels:
        raise Unreadable(f"{bits_per_colour} bits per colour and {bits_per_pixel} per pixel in colour space {space}")
    return colours
