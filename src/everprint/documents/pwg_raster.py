"""PWG raster (PWG 5102.4): `RaS2`, then for each page a header of 1,796 octets and its rows."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from everprint.documents.limits import Limits
from everprint.documents.media import LARGEST_MM, MM_PER_POINT, TOLERANCE_MM
from everprint.documents.raster_pages import RasterHeader, analyse_pages, checked_header
from everprint.documents.raster_picture import draw_raster_page
from everprint.documents.raster_stream import PixelFormat, Window
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

HEADER_OCTETS = 1796

# Channels and the octet that white is made of, by ColorSpace (PWG 5102.4 section 4.3.1).
_COLOUR_SPACES = {
    0: (1, 255),  # luminance
    1: (3, 255),  # RGB
    3: (1, 0),  # black
    6: (4, 0),  # CMYK
    18: (1, 255),  # sGray
    19: (3, 255),  # sRGB
    20: (3, 255),  # AdobeRGB
}
_DEVICE_1, _DEVICE_15 = 48, 62
_CHUNKY = 0


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks all pages.

    Raises Unreadable.
    """
    return analyse_pages(source, Language.PWG_RASTER, begin, read_header, limits)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    return draw_raster_page(source, begin, read_header, number, dpi)


def begin(window: Window) -> int:
    """Reads over the synchronisation word; totals stand in the page headers."""
    window.take(4)
    return 0


def read_header(window: Window) -> RasterHeader:
    """The next page's header.

    Raises EndsEarly, and Unreadable naming the field that cannot be.
    """
    octets = window.take(HEADER_OCTETS)

    def field(offset: int) -> int:
        return int.from_bytes(octets[offset : offset + 4], "big")

    bits_per_colour, bits_per_pixel, bytes_per_line = field(384), field(388), field(392)
    width, height = field(372), field(376)
    if field(396) != _CHUNKY:
        raise Unreadable(f"a colour order of {field(396)}, where only 0 (chunky) is allowed")
    pixel, doubt = _pixel_format(field(400), bits_per_colour, bits_per_pixel)
    header = checked_header(
        (width, height),
        (field(276), field(280)),
        bits_per_pixel,
        pixel,
        total_pages=field(452),
        copies=field(340),
        doubt=doubt,
    )
    if bytes_per_line != -(-width * bits_per_pixel // 8):
        raise Unreadable(
            f"{bytes_per_line} octets per line, where {width} pixels of {bits_per_pixel} bits have others"
        )
    return _on_its_paper(header, field(352), field(356))


def _pixel_format(space: int, bits_per_colour: int, bits_per_pixel: int) -> tuple[PixelFormat, str]:
    doubt = ""
    if _DEVICE_1 <= space <= _DEVICE_15:
        channels, white = space - _DEVICE_1 + 1, 0
        doubt = "its colours are inks without names"
    elif space in _COLOUR_SPACES:
        channels, white = _COLOUR_SPACES[space]
    else:
        raise Unreadable(f"a colour space of {space}, which PWG raster does not have")
    allowed = (1, 8, 16) if channels == 1 else (8, 16)
    if bits_per_colour not in allowed or bits_per_pixel != bits_per_colour * channels:
        raise Unreadable(f"{bits_per_colour} bits per colour and {bits_per_pixel} per pixel in colour space {space}")
    return PixelFormat(max(1, bits_per_pixel // 8), channels, white), doubt


def _on_its_paper(header: RasterHeader, width_points: int, height_points: int) -> RasterHeader:
    """PageSize is the paper where the pixels leave its margins out; else pixels say it more exactly than points."""
    width_mm, height_mm = width_points * MM_PER_POINT, height_points * MM_PER_POINT
    margins = (width_mm - header.width_mm, height_mm - header.height_mm)
    if max(margins) <= TOLERANCE_MM or max(width_mm, height_mm) > LARGEST_MM or min(margins) < -TOLERANCE_MM:
        return header
    return replace(header, width_mm=width_mm, height_mm=height_mm)
