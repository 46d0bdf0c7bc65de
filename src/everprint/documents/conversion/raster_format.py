"""The headers of PWG raster (PWG 5102.4 section 4.3) and of URF, written; raster_header and urf read them."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from everprint.documents.conversion.task import Pixel, Raster, SheetBack, Target
from everprint.documents.media import MM_PER_POINT
from everprint.documents.ticket import SidesKeyword

_PWG_OCTETS = 1796
# Bits a pixel, and the colour space: black, sGray and sRGB.
_OF_PIXEL = {Pixel.BLACK_1: (1, 3, 1), Pixel.SGRAY_8: (8, 18, 1), Pixel.SRGB_8: (24, 19, 3)}
_URF_SPACES = {Pixel.SGRAY_8: 0, Pixel.SRGB_8: 1}
_URF_SIDES = {
    SidesKeyword.ONE_SIDED: 1,
    SidesKeyword.TWO_SIDED_SHORT_EDGE: 2,
    SidesKeyword.TWO_SIDED_LONG_EDGE: 3,
}
_MIRRORED = 0xFFFFFFFF  # -1


@dataclass(frozen=True, slots=True)
class RasterSide:
    """What a header says of one side."""

    media: str
    size_mm: tuple[float, float]
    pixels: tuple[int, int]
    sides: SidesKeyword
    is_back: bool


def file_header(target: Target, sides: int) -> bytes:
    """What stands before the first side of so many."""
    return b"RaS2" if target is Target.PWG_RASTER else b"UNIRAST\0" + struct.pack(">I", sides)


def side_header(target: Target, raster: Raster, side: RasterSide, sides: int) -> bytes:
    """What stands before the rows of a side, of which there are so many in all."""
    return _pwg(raster, side, sides) if target is Target.PWG_RASTER else _urf(raster, side)


def turned(raster: Raster, side: RasterSide) -> tuple[bool, bool]:
    """Whether a side is to be mirrored across the feed, and along it (PWG 5102.4 section 7.3)."""
    if not side.is_back:
        return False, False
    short_edge = side.sides is SidesKeyword.TWO_SIDED_SHORT_EDGE
    match raster.sheet_back:
        case SheetBack.FLIPPED:
            return short_edge, not short_edge
        case SheetBack.ROTATED:
            return not short_edge, not short_edge
        case SheetBack.MANUAL_TUMBLE:
            return short_edge, short_edge
        case SheetBack.NORMAL:
            return False, False


def _pwg(raster: Raster, side: RasterSide, sides: int) -> bytes:
    bits, space, colours = _OF_PIXEL[raster.pixel]
    width, height = side.pixels
    across, along = turned(raster, side)
    header = bytearray(_PWG_OCTETS)
    header[0:9] = b"PwgRaster"
    header[1732 : 1732 + min(63, len(side.media))] = side.media.encode("ascii", "replace")[:63]
    fields = {
        272: int(side.sides is not SidesKeyword.ONE_SIDED),  # Duplex
        276: raster.dpi[0],
        280: raster.dpi[1],
        352: round(side.size_mm[0] / MM_PER_POINT),
        356: round(side.size_mm[1] / MM_PER_POINT),
        368: int(side.sides is SidesKeyword.TWO_SIDED_SHORT_EDGE),  # Tumble
        372: width,
        376: height,
        384: bits // colours,
        388: bits,
        392: -(-width * bits // 8),
        400: space,
        420: colours,
        452: sides,  # TotalPageCount
        456: _MIRRORED if across else 1,  # CrossFeedTransform
        460: _MIRRORED if along else 1,  # FeedTransform
        472: width,  # ImageBoxRight
        476: height,  # ImageBoxBottom
        480: 0xFFFFFF,  # AlternatePrimary
        484: raster.quality,
    }
    for offset, value in fields.items():
        struct.pack_into(">I", header, offset, value)
    return bytes(header)


def _urf(raster: Raster, side: RasterSide) -> bytes:
    bits, _, _ = _OF_PIXEL[raster.pixel]
    return struct.pack(
        ">BBBB8xIII8x",
        bits,
        _URF_SPACES[raster.pixel],
        _URF_SIDES[side.sides],
        raster.quality,
        *side.pixels,
        raster.dpi[0],
    )
