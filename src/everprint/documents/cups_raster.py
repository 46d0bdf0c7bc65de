"""CUPS raster, what CUPS's filters hand to a driver (application/vnd.cups-raster), in all its versions.

A synchronisation word tells version and byte order; then a header and rows for each page. Version 2 packs rows as
PWG raster does, versions 1 and 3 do not pack. See the CUPS Raster Format specification.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from everprint.documents import raster_header
from everprint.documents.limits import Limits
from everprint.documents.raster_colours import SPACES
from everprint.documents.raster_header import HeaderFields
from everprint.documents.raster_pages import RasterHeader, ReadHeader, analyse_pages, paper_of_pixels
from everprint.documents.raster_picture import draw_raster_page
from everprint.documents.raster_rows import Order, Stored
from everprint.documents.raster_stream import RasterStream
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

_BITS = (1, 2, 4, 8, 16)
_MOST_PADDING = 4096  # octets of a line


@dataclass(frozen=True, slots=True)
class _Version:
    header_octets: int
    packed: bool
    little_endian: bool = False


_VERSIONS = {
    b"RaSt": _Version(raster_header.OCTETS_OF_VERSION_1, packed=False),
    b"tSaR": _Version(raster_header.OCTETS_OF_VERSION_1, packed=False, little_endian=True),
    b"RaS2": _Version(raster_header.OCTETS, packed=True),
    b"2SaR": _Version(raster_header.OCTETS, packed=True, little_endian=True),
    b"RaS3": _Version(raster_header.OCTETS, packed=False),
    b"3SaR": _Version(raster_header.OCTETS, packed=False, little_endian=True),
}


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks all pages.

    Raises Unreadable.
    """
    return analyse_pages(source, Language.CUPS_RASTER, begin, limits)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    return draw_raster_page(source, begin, number, dpi)


def begin(stream: RasterStream) -> tuple[ReadHeader, int]:
    """Reads the synchronisation word; there is no total.

    Raises EndsEarly, and Unreadable if it is none of CUPS's.
    """
    word = stream.take(4)
    if word not in _VERSIONS:
        raise Unreadable("it does not begin as CUPS raster does")
    version = _VERSIONS[word]
    return lambda next_page: read_header(next_page, version), 0


def read_header(stream: RasterStream, version: _Version) -> RasterHeader:
    """The next page's header.

    Raises EndsEarly, and Unreadable naming the field that cannot be.
    """
    fields = HeaderFields(stream.take(version.header_octets), little_endian=version.little_endian)
    if fields.color_space not in SPACES:
        raise Unreadable(f"a colour space of {fields.color_space}, which CUPS raster does not have")
    if fields.color_order not in set(Order):
        raise Unreadable(f"a colour order of {fields.color_order}, which CUPS raster does not have")
    colours, order = SPACES[fields.color_space], Order(fields.color_order)
    bits, bits_per_pixel = fields.bits_per_color, fields.bits_per_pixel
    if colours.channels == 1 or order is not Order.CHUNKY:
        bits_per_pixel = bits
    if bits not in _BITS or not bits * (1 if order else colours.channels) <= bits_per_pixel <= 16 * 16:
        raise Unreadable(
            f"{bits} bits per colour and {fields.bits_per_pixel} per pixel in colour space {fields.color_space}"
        )
    if bits >= 8 and bits_per_pixel % bits:
        raise Unreadable(f"{bits_per_pixel} bits per pixel, where a colour has {bits}")
    stored = Stored(
        *fields.size,
        bits,
        bits_per_pixel,
        colours.channels,
        fields.bytes_per_line,
        order,
        version.packed,
        version.little_endian,
    )
    width_mm, height_mm = paper_of_pixels(stored, fields.resolution)
    _check_lines(stored)
    return RasterHeader(stored, colours, *fields.paper(width_mm, height_mm), asked=fields.asked())


def _check_lines(stored: Stored) -> None:
    bands = stored.channels if stored.order is Order.BANDED else 1
    least = -(-stored.width * stored.bits_per_pixel // 8) * bands
    if not least <= stored.row_octets <= least + _MOST_PADDING or stored.row_octets % (stored.unit * bands):
        raise Unreadable(f"{stored.row_octets} octets per line, where {stored.width} pixels need {least}")
