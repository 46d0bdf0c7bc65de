"""A raster file read in windows, and its pages' rows walked over, whatever way they are stored.

Rows are packed by run lengths (PWG 5102.4 section 4.4; URF and CUPS raster pack the same way) or not at all. A
packed page is rows; a row begins with one octet, how often it repeats less one, followed by runs until it is full:
octet 0 to 127, that many and one times the next pixel; 129 to 255, 257 less that many pixels one by one; 128, white
to the end of the row. Each run is walked, so what a header claims is never needed to know where a page ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np

from everprint.documents.colour import WHITE_THRESHOLD
from everprint.documents.raster_colours import Colours, Kind
from everprint.documents.raster_kernel import WINDOW_OCTETS, Kernel, Pixels, Rows, Seen
from everprint.documents.raster_rows import Order, Stored, chunky, darkest
from everprint.documents.result import Coverage

_PIECE_OCTETS = 1 << 15  # read at once for headers, and for the data of small pages


class EndsEarly(Exception):
    """The file ends in the middle of something."""


class RasterStream:
    """The octets of a raster from the file's position to `end`, in order."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self._left = file, end - file.tell()
        self._kernel = Kernel()
        self._looker: Kernel | None = None

    def has_more(self) -> bool:
        """Whether there is another octet."""
        return self._kernel.available > 0 or self._fill(_PIECE_OCTETS) > 0

    def take(self, octets: int) -> bytes:
        """The next octets, all of them.

        Raises EndsEarly.
        """
        while self._kernel.available < octets:
            if not self._fill(_PIECE_OCTETS):
                raise EndsEarly
        return self._kernel.take(octets)

    def end(self) -> None:
        """Reads over all the rest."""
        self._left = 0
        self._kernel.take(self._kernel.available)

    def look_at_page(self, stored: Stored, colours: Colours, found: PageFound) -> None:
        """Walks over the rows of one page and notes in `found` what they show.

        Raises EndsEarly; what was found before is noted.
        """
        if stored.direct:
            self._kernel.begin(_pixels(stored, colours), _rows(stored))
            try:
                self._walk(stored)
            finally:
                found.note(self._kernel.seen(), stored.width * stored.height, colours, bits=stored.bits == 1)
        elif stored.order is Order.PLANAR:
            self._look_at_planes(stored, colours, found)
        else:
            self._look_at_unpacked(stored, colours, found)

    def rows(self, stored: Stored) -> Iterator[memoryview]:
        """Whole rows of the page as they are stored, some at a time; each good until the next.

        Raises EndsEarly.
        """
        if not stored.packed:
            yield from self._plain_rows(stored)
            return
        self._kernel.begin(_pixels(stored, _ANY), _rows(stored))
        done, piece = False, _PIECE_OCTETS
        while not done:
            rows, done = self._kernel.unpack(stored.row_octets)
            if rows:
                yield rows
            elif not done:
                piece = self._next_piece(piece)

    def _walk(self, stored: Stored) -> None:
        piece = _PIECE_OCTETS
        while not self._kernel.walk(stored.packed):
            piece = self._next_piece(piece)

    def _look_at_planes(self, stored: Stored, colours: Colours, found: PageFound) -> None:
        """One plane after the other: what is on the page is seen, but not which inks lie on each other.

        To packing the planes are rows of one page: a row may repeat from one plane into the next.
        """
        height = stored.height * stored.channels
        planes = replace(stored, channels=1, bits_per_pixel=stored.bits, order=Order.CHUNKY, height=height)
        marked: set[int] = set()
        done = 0
        try:
            for rows in self.rows(planes):
                darkness = darkest(rows, planes, colours.white)
                marked.update(((done + np.flatnonzero(darkness > WHITE_THRESHOLD)) // stored.height).tolist())
                done += len(darkness)
        finally:
            found.cut_rows += self._kernel.seen().cut
            found.blank = not marked
            black = colours.order[3] if colours.kind in (Kind.CMYK, Kind.INKS) else -1
            found.colour = found.guessed = bool(marked - {black})

    def _look_at_unpacked(self, stored: Stored, colours: Colours, found: PageFound) -> None:
        """Pixels that are not in whole octets, or not together, are put together first."""
        looker = self._looker = self._looker or Kernel()
        whole = replace(stored, bits=8, bits_per_pixel=8 * stored.channels, order=Order.CHUNKY, packed=False)
        looker.begin(_pixels(whole, colours), Rows(stored.height, stored.width, stored.width))
        try:
            for rows in self.rows(stored):
                pixels = memoryview(chunky(rows, stored).tobytes())
                for start in range(0, len(pixels), _look_octets(stored)):
                    looker.put(pixels[start : start + _look_octets(stored)])
                    looker.walk(packed=False)
        finally:
            found.note(looker.seen(), stored.width * stored.height, colours)

    def _plain_rows(self, stored: Stored) -> Iterator[memoryview]:
        at_once = max(1, WINDOW_OCTETS // stored.row_octets)
        for row in range(0, stored.height, at_once):
            yield memoryview(self._long_take(min(at_once, stored.height - row) * stored.row_octets))

    def _long_take(self, octets: int) -> bytes:
        """As take(), for more than a window holds."""
        pieces = []
        while octets:
            if not self.has_more():
                raise EndsEarly
            pieces.append(self._kernel.take(octets))
            octets -= len(pieces[-1])
        return b"".join(pieces)

    def _next_piece(self, octets: int) -> int:
        """Reads on in the middle of a page; returns how much to read the next time: more in a large page."""
        if not self._fill(octets):
            raise EndsEarly
        return WINDOW_OCTETS

    def _fill(self, most: int) -> int:
        read = self._kernel.fill(self._file, min(most, self._left))
        self._left -= read
        return read


@dataclass(slots=True)
class PageFound:
    """What walking one page showed. `guessed` is set where colour is not known; `cut_rows` where rows are damaged."""

    colour: bool = False
    blank: bool = True
    guessed: bool = False
    cut_rows: int = 0
    coverage: Coverage | None = None

    def note(self, seen: Seen, pixels: int, colours: Colours, *, bits: bool = False) -> None:
        """What all `pixels` of the page showed; `bits` if eight of them were looked at together."""
        self.colour, self.blank, self.cut_rows = seen.coloured, not seen.marked, seen.cut
        self.coverage = seen.coverage(pixels, Kind.BITS if bits else colours.kind)


# Rows are unpacked without a look at their colours.
_ANY = Colours(Kind.GREY, 1, 255)


def _pixels(stored: Stored, colours: Colours) -> Pixels:
    kind = Kind.BITS if stored.bits == 1 and colours.kind is Kind.GREY else colours.kind
    step = stored.bits // 8
    high = step - 1 if stored.little_endian and step else 0
    if kind is Kind.INKS:
        offsets = (high, 0, 0, colours.order[3])
    else:
        red, green, blue, black = (high + place * step for place in colours.order)
        offsets = (red, green, blue, black)
    return Pixels(kind, stored.unit, colours.white, offsets, colours.channels, step)


def _rows(stored: Stored) -> Rows:
    units = stored.row_octets // stored.unit
    if stored.bits_per_pixel == 1:
        return Rows(stored.height, units, -(-stored.width // 8), 0xFF00 >> (stored.width % 8 or 8) & 0xFF)
    return Rows(stored.height, units, min(stored.width, units))


def _look_octets(stored: Stored) -> int:
    return WINDOW_OCTETS // stored.channels * stored.channels
