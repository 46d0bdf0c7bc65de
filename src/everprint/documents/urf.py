"""URF, what AirPrint clients send (image/urf): `UNIRAST`, a total that may be 0, then 32 octets and rows per page.

There is no public standard; this is what CUPS and Ghostscript read and write.
"""

from __future__ import annotations

from PIL import Image

from everprint.documents.limits import Limits
from everprint.documents.raster_pages import RasterHeader, analyse_pages, checked_header
from everprint.documents.raster_picture import draw_raster_page
from everprint.documents.raster_stream import PixelFormat, Window
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

HEADER_OCTETS = 32

# Channels and the octet that white is made of, by colour space: sGray, sRGB, CIELab, AdobeRGB, W, RGB, CMYK.
_COLOUR_SPACES = {0: (1, 255), 1: (3, 255), 2: (3, 255), 3: (3, 255), 4: (1, 255), 5: (3, 255), 6: (4, 0)}
_CIELAB = 2
_BIT_WHITE = 0  # one bit a pixel is not in CUPS's URF; Ghostscript writes it, with 1 for black
_NO_TOTAL = 0xFFFFFFFF


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks all pages.

    Raises Unreadable.
    """
    return analyse_pages(source, Language.URF, begin, read_header, limits)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    return draw_raster_page(source, begin, read_header, number, dpi)


def begin(window: Window) -> int:
    """Reads the file header; returns the total of pages that it claims, 0 for none."""
    total = int.from_bytes(window.take(12)[8:], "big")
    return 0 if total == _NO_TOTAL else total


def read_header(window: Window) -> RasterHeader:
    """The next page's header.

    Raises EndsEarly, and Unreadable naming the field that cannot be.
    """
    octets = window.take(HEADER_OCTETS)
    bits_per_pixel, space = octets[0], octets[1]
    if space not in _COLOUR_SPACES:
        raise Unreadable(f"a colour space of {space}, which URF does not have")
    channels, white = _COLOUR_SPACES[space]
    allowed = {channels * 8, channels * 16} | ({1} if channels == 1 else set())
    if bits_per_pixel not in allowed:
        raise Unreadable(f"{bits_per_pixel} bits per pixel in colour space {space}")
    width, height, dpi = (int.from_bytes(octets[at : at + 4], "big") for at in (12, 16, 20))
    return checked_header(
        (width, height),
        (dpi, dpi),
        bits_per_pixel,
        PixelFormat(max(1, bits_per_pixel // 8), channels, _BIT_WHITE if bits_per_pixel == 1 else white),
        doubt="its colours are in CIELab, which is not looked at" if space == _CIELAB else "",
    )
