"""Writes PCL XL: an encoder for the tests and the fuzzer's seeds, made from the standard, not from our parser."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

BEGIN_SESSION, END_SESSION, BEGIN_PAGE, END_PAGE = 0x41, 0x42, 0x43, 0x44
VENDOR_UNIQUE, OPEN_DATA_SOURCE, CLOSE_DATA_SOURCE = 0x46, 0x48, 0x49
BEGIN_STREAM, READ_STREAM, END_STREAM, EXEC_STREAM, REMOVE_STREAM = 0x5B, 0x5C, 0x5D, 0x5E, 0x5F
POP_GS, PUSH_GS, SET_CLIP_REPLACE, SET_BRUSH, SET_CLIP_INTERSECT = 0x60, 0x61, 0x62, 0x63, 0x67
SET_CLIP_RECTANGLE, SET_CLIP_TO_PAGE, SET_COLOR_SPACE, SET_CURSOR, SET_CURSOR_REL = 0x68, 0x69, 0x6A, 0x6B, 0x6C
SET_PAGE_ORIGIN, SET_PAGE_ROTATION, SET_PAGE_SCALE, SET_PEN, SET_ROP = 0x75, 0x76, 0x77, 0x79, 0x7B
NEW_PATH, PAINT_PATH, LINE_PATH, LINE_REL_PATH = 0x85, 0x86, 0x9B, 0x9D
ELLIPSE, RECTANGLE, RECTANGLE_PATH, TEXT = 0x98, 0xA0, 0xA1, 0xA8
BEGIN_IMAGE, READ_IMAGE, END_IMAGE = 0xB0, 0xB1, 0xB2
BEGIN_PATTERN, READ_PATTERN, END_PATTERN, PASS_THROUGH = 0xB3, 0xB4, 0xB5, 0xBF

UNCOMPRESSED, RLE, JPEG, DELTA_ROW = 0, 1, 2, 3
GRAY, RGB, SRGB = 1, 2, 6
A4 = 2
UEL = b"\x1b%-12345X"


@dataclass(frozen=True)
class Writer:
    """Makes operators; everything is octets, to be joined. Units are 100 to an inch: A4 is 827 by 1169."""

    big_endian: bool = False

    @property
    def order(self) -> str:
        return ">" if self.big_endian else "<"

    def header(self, protocol: str = "2;1") -> bytes:
        return (b"(" if self.big_endian else b")") + f" HP-PCL XL;{protocol};made for a test\n".encode()

    # Values, each with its attribute.

    def byte(self, attribute: int, value: int) -> bytes:
        return bytes([0xC0, value, 0xF8, attribute])

    def word(self, attribute: int, value: int) -> bytes:
        return b"\xc1" + struct.pack(f"{self.order}H", value) + bytes([0xF8, attribute])

    def long(self, attribute: int, value: int) -> bytes:
        return b"\xc2" + struct.pack(f"{self.order}I", value) + bytes([0xF8, attribute])

    def pair(self, attribute: int, x: int, y: int) -> bytes:
        return b"\xd3" + struct.pack(f"{self.order}hh", x, y) + bytes([0xF8, attribute])

    def reals(self, attribute: int, x: float, y: float) -> bytes:
        return b"\xd5" + struct.pack(f"{self.order}ff", x, y) + bytes([0xF8, attribute])

    def box(self, attribute: int, *corners: int) -> bytes:
        return b"\xe3" + struct.pack(f"{self.order}4h", *corners) + bytes([0xF8, attribute])

    def octets(self, attribute: int, values: bytes) -> bytes:
        length = b"\xc0" + bytes([len(values)]) if len(values) < 256 else b"\xc1" + self._word(len(values))
        return b"\xc8" + length + values + bytes([0xF8, attribute])

    def real_array(self, attribute: int, *values: float) -> bytes:
        packed = struct.pack(f"{self.order}{len(values)}f", *values)
        return b"\xcd\xc0" + bytes([len(values)]) + packed + bytes([0xF8, attribute])

    def data(self, octets: bytes) -> bytes:
        if len(octets) < 256:
            return bytes([0xFB, len(octets)]) + octets
        return b"\xfa" + struct.pack(f"{self.order}I", len(octets)) + octets

    # Whole pieces of a document.

    def document(self, *pages: bytes, session: bytes = b"") -> bytes:
        begin = self.byte(0x86, 0) + self.pair(0x89, 100, 100) + bytes([BEGIN_SESSION])
        source = self.byte(0x88, 0) + self.byte(0x82, 0 if self.big_endian else 1) + bytes([OPEN_DATA_SOURCE])
        end = bytes([CLOSE_DATA_SOURCE, END_SESSION])
        return self.header() + begin + source + session + b"".join(pages) + end

    def page(self, *marks: bytes, setup: bytes | None = None, copies: int | None = None) -> bytes:
        said = self.byte(0x28, 0) + self.byte(0x25, A4) if setup is None else setup
        ending = b"" if copies is None else self.word(0x31, copies)
        return said + bytes([BEGIN_PAGE]) + b"".join(marks) + ending + bytes([END_PAGE])

    def space(self, space: int, palette: bytes = b"") -> bytes:
        with_palette = self.byte(0x02, 2) + self.octets(0x06, palette) if palette else b""
        return self.byte(0x03, space) + with_palette + bytes([SET_COLOR_SPACE])

    def rgb(self, red: int, green: int, blue: int, operator: int = SET_BRUSH) -> bytes:
        return self.space(RGB) + self.octets(0x0B, bytes([red, green, blue])) + bytes([operator])

    def gray(self, level: int, operator: int = SET_BRUSH) -> bytes:
        return self.space(GRAY) + self.byte(0x09, level) + bytes([operator])

    def no_pen(self) -> bytes:
        return self.byte(0x05, 0) + bytes([SET_PEN])

    def rectangle(self, left: int, top: int, right: int, bottom: int) -> bytes:
        return self.box(0x42, left, top, right, bottom) + bytes([RECTANGLE])

    def text(self, x: int, y: int, text: bytes = b"To be") -> bytes:
        return self.cursor(x, y) + self.octets(0xAB, text) + bytes([TEXT])

    def cursor(self, x: int, y: int) -> bytes:
        return self.pair(0x4C, x, y) + bytes([SET_CURSOR])

    def rop(self, rop: int) -> bytes:
        return self.byte(0x2C, rop) + bytes([SET_ROP])

    def image(
        self, width: int, blocks: Iterable[tuple[int, int, bytes]], *, depth: int = 2, indexed: bool = False
    ) -> bytes:
        """Of `blocks` of height, compression and data; 200 units wide and high, at the cursor."""
        begin = self.byte(0x62, depth) + self.byte(0x64, int(indexed)) + self.word(0x6C, width)
        begin += self.word(0x6B, 1) + self.pair(0x67, 200, 200) + bytes([BEGIN_IMAGE])
        return begin + self._blocks(blocks, READ_IMAGE) + bytes([END_IMAGE])

    def pattern(self, identifier: int, width: int, blocks: Iterable[tuple[int, int, bytes]]) -> bytes:
        begin = self.byte(0x62, 2) + self.byte(0x64, 0) + self.word(0x6C, width) + self.word(0x6B, 1)
        begin += self.pair(0x67, 8, 8) + self.word(0x69, identifier) + self.byte(0x68, 1) + bytes([BEGIN_PATTERN])
        return begin + self._blocks(blocks, READ_PATTERN) + bytes([END_PATTERN])

    def stream(self, name: bytes, *blocks: bytes) -> bytes:
        made = self.octets(0x8B, name) + bytes([BEGIN_STREAM])
        for block in blocks:
            made += self.long(0x8C, len(block)) + bytes([READ_STREAM]) + self.data(block)
        return made + bytes([END_STREAM])

    def execute(self, name: bytes) -> bytes:
        return self.octets(0x8B, name) + bytes([EXEC_STREAM])

    def pass_through(self, pcl: bytes) -> bytes:
        return bytes([PASS_THROUGH]) + self.data(pcl)

    def _blocks(self, blocks: Iterable[tuple[int, int, bytes]], operator: int) -> bytes:
        made, line = b"", 0
        for height, compression, octets in blocks:
            given = self.word(0x6D, line) + self.word(0x63, height) + self.byte(0x65, compression)
            made += given + bytes([operator]) + self.data(octets)
            line += height
        return made

    def _word(self, value: int) -> bytes:
        return struct.pack(f"{self.order}H", value)


def rows(pixels: Iterable[Iterable[tuple[int, ...]]]) -> bytes:
    """Rows of pixels, each row padded to four octets."""
    made = [bytes(channel for pixel in row for channel in pixel) for row in pixels]
    return b"".join(row + bytes(-len(row) % 4) for row in made)


def pack_bits(octets: bytes) -> bytes:
    """RLE: runs of equal octets, others as they are; runs go on over the ends of rows."""
    made, position = b"", 0
    while position < len(octets):
        run = 1
        while run < 128 and octets[position + run : position + run + 1] == octets[position : position + 1]:
            run += 1
        made += bytes([257 - run if run > 1 else 0, octets[position]])
        position += run
    return made


def delta_rows(octets: bytes, row_octets: int) -> bytes:
    """Each row as what changed since the one before; the row before the first is zeros."""
    made, seed = b"", bytes(row_octets)
    for start in range(0, len(octets), row_octets):
        row = octets[start : start + row_octets]
        commands, at = b"", 0
        for position in range(row_octets):
            if row[position] != seed[position]:
                offset, extra = position - at, b""
                if offset >= 31:
                    extra = b"\xff" * ((offset - 31) // 255) + bytes([(offset - 31) % 255])
                commands += bytes([min(offset, 31)]) + extra + row[position : position + 1]
                at = position + 1
        made += struct.pack("<H", len(commands)) + commands
        seed = row
    return made


def seeds() -> dict[str, bytes]:
    """Small documents that use each part of the language: where a fuzzer starts."""
    made: dict[str, bytes] = {}
    coloured = rows([[(255, 0, 0), (9, 9, 9)]] * 4)
    for name, writer in (("little", Writer()), ("big", Writer(big_endian=True))):
        w = writer
        images = [
            w.space(RGB) + w.cursor(10, 10) + w.image(2, [(4, UNCOMPRESSED, coloured)]),
            w.space(RGB) + w.cursor(10, 10) + w.image(2, [(4, RLE, pack_bits(coloured))]),
            w.space(RGB) + w.cursor(10, 10) + w.image(2, [(1, DELTA_ROW, delta_rows(bytes(range(6)), 6))]),
            w.space(RGB, bytes(range(6)))
            + w.cursor(9, 9)
            + w.image(8, [(1, 0, b"\xaa\0\0\0")], depth=0, indexed=True),
        ]
        made[f"text-{name}"] = w.document(w.page(w.text(50, 50), copies=2))
        made[f"shapes-{name}"] = w.document(
            w.page(
                w.rgb(255, 0, 0), w.rectangle(1, 1, 9, 9), w.gray(255), w.box(0x42, 0, 0, 5, 5), bytes([ELLIPSE]),
                bytes([NEW_PATH]), w.cursor(0, 0), w.byte(0x50, 3) + w.word(0x4D, 3) + bytes([LINE_PATH]),
                w.data(struct.pack(f"{w.order}6h", 0, 9, 9, 9, 9, 0)), w.byte(0x53, 0) + bytes([SET_CLIP_REPLACE]),
                w.pair(0x2A, 5, 5) + bytes([SET_PAGE_ORIGIN]), w.reals(0x2B, 2, 2) + bytes([SET_PAGE_SCALE]),
                w.word(0x29, 90) + bytes([SET_PAGE_ROTATION]), bytes([PUSH_GS, PAINT_PATH, POP_GS]),
            )
        )  # fmt: skip
        for number, image in enumerate(images):
            made[f"image-{number}-{name}"] = w.document(w.page(image))
        made[f"pattern-{name}"] = w.document(
            w.page(
                w.space(RGB), w.pattern(7, 2, [(4, 0, coloured)]), w.word(8, 7), bytes([SET_BRUSH]),
                w.rectangle(0, 0, 99, 99),
            )
        )  # fmt: skip
        stream = w.header() + w.text(60, 60)
        made[f"stream-{name}"] = w.document(w.page(w.execute(b"form")), session=w.stream(b"form", stream))
        made[f"sheets-{name}"] = w.document(
            w.page(setup=w.byte(0x25, 5) + w.byte(0x35, 1) + w.byte(0x36, 1)),
            w.page(setup=w.reals(0x2F, 4, 6) + w.byte(0x30, 0) + w.byte(0x34, 0), copies=3),
            w.page(setup=w.octets(0x25, b"LETTER") + w.byte(0x28, 1)),
        )
        made[f"inner-{name}"] = w.document(w.page(w.pass_through(b"\x1bE\x1b&l1X")))
    return made
