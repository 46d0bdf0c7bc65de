"""URF, what AirPrint clients send (image/urf): `UNIRAST`, a total that may be 0, then 32 octets and rows per page.

There is no public standard; this is what CUPS and Ghostscript read and write.
"""

from __future__ import annotations

from PIL import Image

from everprint.documents.limits import Limits
from everprint.documents.raster_colours import SPACES
from everprint.documents.raster_pages import Asked, RasterHeader, ReadHeader, analyse_pages, paper_of_pixels
from everprint.documents.raster_picture import draw_raster_page
from everprint.documents.raster_rows import Stored
from everprint.documents.raster_stream import RasterStream
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword

HEADER_OCTETS = 32

# CUPS's colour spaces for URF's: sGray, sRGB, CIELab, AdobeRGB, W, RGB, CMYK.
_COLOUR_SPACES = {0: 18, 1: 19, 2: 16, 3: 20, 4: 0, 5: 1, 6: 6}
_BLACK = 3  # one bit a pixel is not in CUPS's URF; Ghostscript writes it, with 1 for black
_NO_TOTAL = 0xFFFFFFFF

# The third octet of a page header; 0, and what is not known, is silence.
_SIDES = {
    1: SidesKeyword.ONE_SIDED,
    2: SidesKeyword.TWO_SIDED_SHORT_EDGE,
    3: SidesKeyword.TWO_SIDED_LONG_EDGE,
}


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks all pages.

    Raises Unreadable.
    """
    return analyse_pages(source, Language.URF, begin, limits)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    return draw_raster_page(source, begin, number, dpi)


def begin(stream: RasterStream) -> tuple[ReadHeader, int]:
    """Reads the file header and the total of pages that it claims."""
    total = int.from_bytes(stream.take(12)[8:], "big")
    return read_header, 0 if total == _NO_TOTAL else total


def read_header(stream: RasterStream) -> RasterHeader:
    """The next page's header.

    Raises EndsEarly, and Unreadable naming the field that cannot be.
    """
    octets = stream.take(HEADER_OCTETS)
    bits_per_pixel, space = octets[0], octets[1]
    if space not in _COLOUR_SPACES:
        raise Unreadable(f"a colour space of {space}, which URF does not have")
    colours = SPACES[_COLOUR_SPACES[space]]
    channels = colours.channels
    allowed = {channels * 8, channels * 16} | ({1} if channels == 1 else set())
    if bits_per_pixel not in allowed:
        raise Unreadable(f"{bits_per_pixel} bits per pixel in colour space {space}")
    if bits_per_pixel == 1:
        colours = SPACES[_BLACK]
    width, height, dpi = (int.from_bytes(octets[at : at + 4], "big") for at in (12, 16, 20))
    row_octets = -(-width * bits_per_pixel // 8)
    stored = Stored(width, height, bits_per_pixel // channels, bits_per_pixel, channels, row_octets)
    return RasterHeader(
        stored, colours, *paper_of_pixels(stored, (dpi, dpi)), asked=Asked(sides=_SIDES.get(octets[2]))
    )
