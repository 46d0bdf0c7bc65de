"""A raster file read in windows, and its pages' run-length rows (PWG 5102.4 section 4.4; URF packs the same way).

A page is rows; a row begins with one octet, how often it repeats less one, followed by runs until it is full:
octet 0 to 127, that many and one times the next pixel; 129 to 255, 257 less that many pixels one by one; 128, white
to the end of the row. Each octet is walked, so what a header claims is never needed to know where a page ends.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import BinaryIO

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD

_WINDOW_OCTETS = 1 << 18


class EndsEarly(Exception):
    """The file ends in the middle of something."""


class Window:
    """A piece of the file in memory: `data` from `position` on is what comes next."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.data = b""
        self.position = 0

    def need(self, octets: int) -> int:
        """Makes so many octets available if the file has them; returns how many there are."""
        if len(self.data) - self.position < octets:
            self.data = self.data[self.position :] + self._file.read(max(octets, _WINDOW_OCTETS))
            self.position = 0
        return len(self.data) - self.position

    def take(self, octets: int) -> bytes:
        """The next octets, all of them.

        Raises EndsEarly.
        """
        if self.need(octets) < octets:
            raise EndsEarly
        taken = self.data[self.position : self.position + octets]
        self.position += octets
        return taken


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How a pixel is stored: `octets` for one, in `channels` of `octets / channels` each, or 8 pixels to an octet.

    `white` is the octet that all of white is made of: 255 for light, 0 for ink.
    """

    octets: int
    channels: int
    white: int

    def is_white(self, pixels: bytes) -> bool:
        """All of them, but for rounding."""
        if not pixels.strip(bytes((self.white,))):
            return True
        high = pixels[:: self.octets // self.channels]
        return min(high) >= 255 - WHITE_THRESHOLD if self.white else max(high) <= WHITE_THRESHOLD

    def has_colour(self, pixels: bytes) -> bool:
        """Whether any of them is not grey, as everprint.documents.colour has it."""
        if self.channels < 3:
            return False
        depth = self.octets // self.channels
        one, two, three = (pixels[channel * depth :: self.octets] for channel in range(3))
        if one == two == three:
            return False
        return any(max(triple) - min(triple) > COLOUR_THRESHOLD for triple in zip(one, two, three, strict=False))


@dataclass(slots=True)
class PageFound:
    """What walking one page showed. `cut_rows`: runs that were longer than their row, as only damage makes."""

    colour: bool = False
    blank: bool = True
    cut_rows: int = 0


def walk_page(window: Window, width: int, height: int, pixel: PixelFormat, found: PageFound) -> None:
    """Walks over the rows of one page and notes what it finds. `width` is in units of pixel.octets.

    Raises EndsEarly.
    """
    longest = 1 + width * (pixel.octets + 1)
    run_pixels, run_octets = _run_tables(pixel.octets)
    grey: set[bytes] = set()
    row = 0
    while row < height:
        if not window.need(longest):
            raise EndsEarly
        data, position = window.data, window.position
        row += data[position] + 1
        try:
            if found.colour or (pixel.channels < 3 and not found.blank):
                left, window.position = _walk_row(data, position + 1, width, run_pixels, run_octets)
            elif found.blank:
                left, window.position = _look_for_marks(data, position + 1, width, pixel, found)
            else:
                left, window.position = _look_for_colour(data, position + 1, width, pixel, found, grey)
        except IndexError:
            raise EndsEarly from None
        if window.position > len(data):
            raise EndsEarly
        if _TO_END < left < 0:
            found.cut_rows += 1
    if row > height:
        found.cut_rows += 1


_TO_END = -(1 << 40)
_GREY_KNOWN = 4096  # colours remembered as grey: more than there are greys of 8 bits


@functools.cache
def _run_tables(octets: int) -> tuple[list[int], list[int]]:
    """For each first octet of a run: how many pixels it fills, and how many octets it takes with that one."""
    pixels = [code + 1 for code in range(128)] + [-2 * _TO_END] + [257 - code for code in range(129, 256)]
    stored = [1 + octets] * 128 + [1] + [1 + (257 - code) * octets for code in range(129, 256)]
    return pixels, stored


# The three ways over a row, from what is still to be learnt; each is a tight loop, for a page has millions of runs.
# All return the pixels left (below 0: too many; below _TO_END: white to the end) and the position after the row.


def _walk_row(data: bytes, position: int, left: int, run_pixels: list[int], run_octets: list[int]) -> tuple[int, int]:
    """Nothing more is to be learnt: only find where the row ends."""
    while left > 0:
        code = data[position]
        left -= run_pixels[code]
        position += run_octets[code]
    return left, position


def _look_for_marks(data: bytes, position: int, left: int, pixel: PixelFormat, found: PageFound) -> tuple[int, int]:
    while left > 0:
        code = data[position]
        position += 1
        if code == 128:
            return 2 * _TO_END, position
        stored = 1 if code < 128 else 257 - code
        pixels = data[position : position + stored * pixel.octets]
        position += stored * pixel.octets
        left -= code + 1 if code < 128 else stored
        if not pixel.is_white(pixels):
            found.blank = False
            found.colour = found.colour or pixel.has_colour(pixels)
    return left, position


def _look_for_colour(
    data: bytes, position: int, left: int, pixel: PixelFormat, found: PageFound, grey: set[bytes]
) -> tuple[int, int]:
    octets, depth = pixel.octets, pixel.octets // pixel.channels
    while left > 0:
        code = data[position]
        position += 1
        if code < 128:
            pixels = data[position : position + octets]
            position += octets
            left -= code + 1
            if pixels in grey:
                continue
        elif code > 128:
            end = position + (257 - code) * octets
            left -= 257 - code
            pixels = data[position:end]
            position = end
            if pixels[::octets] == pixels[depth::octets] == pixels[2 * depth :: octets]:
                continue
        else:
            return 2 * _TO_END, position
        if pixel.has_colour(pixels):
            found.colour = True
        elif code < 128 and len(grey) < _GREY_KNOWN:
            grey.add(pixels)
    return left, position
