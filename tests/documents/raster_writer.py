"""Writes PWG raster, URF and CUPS raster from pixels: made from the standards, not from our parser."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PIL import Image

PWG_SPACES = {"L": 18, "RGB": 19, "CMYK": 6, "K": 3}
URF_SPACES = {"L": 0, "RGB": 1, "CMYK": 6}


@dataclass
class Sheet:
    """One page: rows of octets, and what its header is to say."""

    rows: Sequence[bytes]
    width: int
    mode: str = "L"  # L, RGB, CMYK, or K for black on 0
    depth: int = 8
    dpi: int = 72
    header: dict[int, int] = field(default_factory=dict)  # offset of a 32-bit field -> value, over all else

    @property
    def channels(self) -> int:
        return {"L": 1, "K": 1, "RGB": 3, "CMYK": 4}[self.mode]

    @property
    def bits(self) -> int:
        return self.channels * self.depth

    @property
    def unit(self) -> int:
        return max(1, self.bits // 8)


def picture(image: Image.Image, dpi: int = 72) -> Sheet:
    octets = image.tobytes()
    stride = len(octets) // image.height
    rows = [octets[start : start + stride] for start in range(0, len(octets), stride)]
    return Sheet(rows, image.width, image.mode, dpi=dpi)


def plain(mode: str = "L", size: tuple[int, int] = (595, 842), colour: str = "white") -> Sheet:
    return picture(Image.new("RGB", size, colour).convert(mode))


def pwg(sheets: Iterable[Sheet], total: int = 0) -> bytes:
    return b"RaS2" + b"".join(pwg_header(sheet, total) + packed(sheet) for sheet in sheets)


def urf(sheets: Iterable[Sheet], total: int = 0) -> bytes:
    body = b"".join(urf_header(sheet) + packed(sheet) for sheet in sheets)
    return b"UNIRAST\0" + struct.pack(">I", total) + body


CUPS_WORDS = {1: b"RaSt", 2: b"RaS2", 3: b"RaS3"}


@dataclass
class CupsSheet:
    """One page of CUPS raster: rows of octets as they are to be stored, and the header's numbers."""

    rows: Sequence[bytes]
    width: int
    space: int
    bits: int = 8
    bits_per_pixel: int = 8
    order: int = 0
    planes: int = 1  # rows are so many times the height
    dpi: int = 72
    header: dict[int, int] = field(default_factory=dict)

    @property
    def height(self) -> int:
        return len(self.rows) // self.planes


def cups(sheets: Iterable[CupsSheet], version: int = 2, *, little_endian: bool = False) -> bytes:
    """Version 2 is packed, 1 and 3 are not."""
    word = CUPS_WORDS[version]
    body = b"".join(cups_header(sheet, version, little_endian) + _cups_rows(sheet, version) for sheet in sheets)
    return (word[::-1] if little_endian else word) + body


def cups_header(sheet: CupsSheet, version: int, little_endian: bool) -> bytes:
    header = bytearray(420 if version == 1 else 1796)
    fields = {
        276: sheet.dpi,
        280: sheet.dpi,
        340: 1,
        352: round(sheet.width * 72 / sheet.dpi),
        356: round(sheet.height * 72 / sheet.dpi),
        372: sheet.width,
        376: sheet.height,
        384: sheet.bits,
        388: sheet.bits_per_pixel,
        392: len(sheet.rows[0]),
        396: sheet.order,
        400: sheet.space,
    }
    for offset, value in (fields | sheet.header).items():
        header[offset : offset + 4] = struct.pack("<I" if little_endian else ">I", value)
    return bytes(header)


def _cups_rows(sheet: CupsSheet, version: int) -> bytes:
    if version != 2:
        return b"".join(sheet.rows)
    bits = sheet.bits if sheet.order else sheet.bits_per_pixel
    return packed_rows(sheet.rows, max(1, bits // 8))


def pwg_header(sheet: Sheet, total: int = 0) -> bytes:
    header = bytearray(1796)
    header[:9] = b"PwgRaster"
    fields = {
        276: sheet.dpi,
        280: sheet.dpi,
        352: round(sheet.width * 72 / sheet.dpi),
        356: round(len(sheet.rows) * 72 / sheet.dpi),
        372: sheet.width,
        376: len(sheet.rows),
        384: sheet.depth,
        388: sheet.bits,
        392: (sheet.width * sheet.bits + 7) // 8,
        400: PWG_SPACES[sheet.mode],
        420: sheet.channels,
        452: total,
    }
    for offset, value in (fields | sheet.header).items():
        header[offset : offset + 4] = struct.pack(">I", value)
    return bytes(header)


def urf_header(sheet: Sheet) -> bytes:
    header = bytearray(struct.pack(">BBBB8xIII8x", sheet.bits, URF_SPACES[sheet.mode], 1, 4, sheet.width,
                                   len(sheet.rows), sheet.dpi))  # fmt: skip
    for offset, value in sheet.header.items():
        header[offset : offset + 4] = struct.pack(">I", value)
    return bytes(header)


def packed(sheet: Sheet) -> bytes:
    return packed_rows(sheet.rows, sheet.unit)


def packed_rows(rows: Sequence[bytes], unit: int) -> bytes:
    """The rows, run-length packed; equal neighbours as one row repeated."""
    out = bytearray()
    index = 0
    while index < len(rows):
        repeats = 1
        while repeats < 256 and index + repeats < len(rows) and rows[index + repeats] == rows[index]:
            repeats += 1
        out.append(repeats - 1)
        out += packed_row(rows[index], unit)
        index += repeats
    return bytes(out)


def packed_row(row: bytes, unit: int) -> bytes:
    pixels = [row[start : start + unit] for start in range(0, len(row), unit)]
    out = bytearray()
    index = 0
    while index < len(pixels):
        run = 1
        while run < 128 and index + run < len(pixels) and pixels[index + run] == pixels[index]:
            run += 1
        if run > 1 or index + 1 == len(pixels):
            out.append(run - 1)
            out += pixels[index]
        else:
            while run < 128 and index + run < len(pixels) and pixels[index + run] != pixels[index + run - 1]:
                run += 1
            if run == 1:
                out.append(0)
            else:
                out.append(257 - run)
            out += b"".join(pixels[index : index + run])
        index += run
    return bytes(out)
