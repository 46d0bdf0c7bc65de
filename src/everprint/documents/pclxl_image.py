"""Bitmaps in PCL XL (images and raster patterns): what ink is in them. Each block is unpacked and looked at.

Bounded: a block is at most MOST_BLOCK_OCTETS unpacked, and all unpacking of a document ends at a deadline. What is
not looked at is not certain.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from everprint.documents.colour import COLOUR_THRESHOLD, Looks, look
from everprint.documents.pclxl_ink import DARKEST_WHITE, Ink, Paint, channels_of, ink_of
from everprint.documents.pclxl_rows import unpack_delta_rows, unpack_runs
from everprint.documents.pclxl_stream import Data, Octets, Value
from everprint.documents.pclxl_tags import Attribute, Compression

MOST_BLOCK_OCTETS = 128 << 20
"""An A4 page at 600 dpi in colour is 104 million octets."""

MOST_JPEG_PIXELS = 100_000_000
_MOST_WHOLE_PIXELS = 40_000_000  # A4 at 600 dpi has 35 million
_BITS = (1, 4, 8)
_DIRECT, _INDEXED = 0, 1
_STRIP_OCTETS = 1 << 20
_DEFAULT_PADDING = 4

Rows = NDArray[np.uint8]


class Deadline:
    """All the time that may go into unpacking."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """No time is left."""
        return time.monotonic() > self._end


@dataclass(frozen=True, slots=True)
class Bitmap:
    """What BeginImage or BeginRastPattern says of the rows that come, in the colour space of that moment."""

    width: int
    bits: int  # of one index or one channel; 0 where the stream did not say one that can be
    indexed: bool
    channels: int  # of a colour, not of what is stored
    palette: bytes

    @classmethod
    def begun(cls, given: dict[int, Value], space: int, palette: bytes) -> Bitmap:
        """From the operator's attributes."""
        depth, mapping = given.get(Attribute.COLOR_DEPTH), given.get(Attribute.COLOR_MAPPING)
        width = given.get(Attribute.SOURCE_WIDTH)
        known = depth in (0, 1, 2) and mapping in (_DIRECT, _INDEXED) and isinstance(width, int)
        return cls(
            width if isinstance(width, int) else 0,
            _BITS[depth] if known and isinstance(depth, int) else 0,
            mapping == _INDEXED,
            channels_of(space),
            palette,
        )

    @property
    def row_octets(self) -> int:
        """Of one row, without padding."""
        return -(-self.width * self.bits * (1 if self.indexed else self.channels) // 8)

    @property
    def unseen(self) -> Paint:
        """What it may be, for all that its header says."""
        if self.indexed and self.palette:
            return Paint(max(self._palette_inks(), default=Ink.COLOUR), certain=False)
        return Paint(Ink.COLOUR if self.channels > 1 else Ink.GREY, certain=False)

    def ink(self, octets: Octets, data: Data, given: dict[int, Value], deadline: Deadline) -> Paint:
        """What is in one block (ReadImage, ReadRastPattern)."""
        compression, height = given.get(Attribute.COMPRESS_MODE), given.get(Attribute.BLOCK_HEIGHT)
        if not isinstance(height, int) or height < 1 or data.cut or deadline.passed:
            return self.unseen
        if compression == Compression.JPEG:
            return self._jpeg_ink(octets[data.start : data.stop])
        padding = given.get(Attribute.PAD_BYTES_MULTIPLE, _DEFAULT_PADDING)
        if not self.row_octets or not isinstance(padding, int) or not 1 <= padding <= 4:
            return self.unseen
        row = self.row_octets if compression == Compression.DELTA_ROW else -(-self.row_octets // padding) * padding
        if row * height > MOST_BLOCK_OCTETS:
            return self.unseen
        rows = _unpacked(octets, data, compression, (height, row))
        return self.unseen if rows is None else self._rows_ink(rows)

    def _jpeg_ink(self, data: bytes) -> Paint:
        try:
            looks, grey = self._jpeg_looks(data, MOST_JPEG_PIXELS, parts=8)
            if not (looks.colour or grey):  # the mean of 64 pixels may hide a line in colour
                looks, _ = self._jpeg_looks(data, _MOST_WHOLE_PIXELS, parts=1)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return self.unseen
        if looks.colour and not grey:
            return Paint(Ink.COLOUR)
        return Paint(Ink.WHITE if looks.blank else Ink.GREY)

    def _jpeg_looks(self, data: bytes, most_pixels: int, parts: int) -> tuple[Looks, bool]:
        """What one of so many `parts` of its size shows, and whether it can be nothing but grey.

        Raises what Pillow raises, DecompressionBombError for too many pixels.
        """
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            if picture.width * picture.height > most_pixels:
                raise Image.DecompressionBombError
            grey = picture.mode == "L" or self.channels == 1
            picture.draft("L" if grey else "RGB", (max(picture.width // parts, 1), max(picture.height // parts, 1)))
            return look(picture), grey

    def _rows_ink(self, rows: Rows) -> Paint:
        strip = max(1, _STRIP_OCTETS // rows.shape[1])
        strongest = Ink.NONE
        for first in range(0, rows.shape[0], strip):
            found = self._strip_ink(rows[first : first + strip, : self.row_octets])
            if found is None:
                return self.unseen
            strongest = max(strongest, found)
            if strongest is Ink.COLOUR:
                break
        return Paint(strongest)

    def _strip_ink(self, rows: Rows) -> Ink | None:
        if self.indexed:
            inks = self._palette_inks()
            used = [int(index) for index in np.unique(_samples(rows, self.bits, self.width))]
            return max(inks[index] for index in used) if used and used[-1] < len(inks) else None
        if self.channels == 1:
            lightest = (1 << self.bits) - 1
            darkest_white = DARKEST_WHITE if self.bits == 8 else lightest
            return Ink.GREY if (_samples(rows, self.bits, self.width) < darkest_white).any() else Ink.WHITE
        return _rgb_ink(rows) if self.bits == 8 else None

    def _palette_inks(self) -> list[Ink]:
        colours = range(0, len(self.palette) - self.channels + 1, self.channels)
        return [ink_of(tuple(self.palette[at : at + self.channels])) for at in colours]


def _samples(rows: Rows, bits: int, width: int) -> Rows:
    """Each sample as an octet."""
    if bits == 8:
        return rows[:, :width]
    if bits == 4:
        return np.stack((rows >> 4, rows & 15), axis=-1).reshape(rows.shape[0], -1)[:, :width]
    return np.unpackbits(rows, axis=1, count=width)


def _rgb_ink(rows: Rows) -> Ink:
    if int(rows.min()) >= DARKEST_WHITE:
        return Ink.WHITE
    red, green, blue = rows[:, 0::3], rows[:, 1::3], rows[:, 2::3]
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return Ink.GREY
    largest = np.maximum(np.maximum(red, green), blue)
    smallest = np.minimum(np.minimum(red, green), blue)
    return Ink.COLOUR if ((largest - smallest) > COLOUR_THRESHOLD).any() else Ink.GREY


def _unpacked(octets: Octets, data: Data, compression: Value | None, shape: tuple[int, int]) -> Rows | None:
    """The rows with their padding; None if they are not what was promised."""
    size = shape[0] * shape[1]
    if compression == Compression.NONE:
        if data.octets < size:
            return None
        return np.frombuffer(octets[data.start : data.start + size], np.uint8).reshape(shape)
    if compression == Compression.RLE:
        if data.octets * 64 < size:  # it cannot be enough
            return None
        rows = unpack_runs(octets[data.start : data.stop], size)
        return None if rows is None else rows.reshape(shape)
    if compression == Compression.DELTA_ROW:
        return unpack_delta_rows(octets[data.start : data.stop], *shape)
    return None
