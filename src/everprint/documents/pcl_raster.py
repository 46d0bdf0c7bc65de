"""Pictures in PCL 5 (`ESC*r#A` to `ESC*rC`): does a row show anything, and does it show colour?

A row is unpacked only as long as its page might still be blank, or grey: on a printed page, and on a page in
colour, rows are lengths to be skipped. What cannot be unpacked, or would take too long, is a doubt.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD
from everprint.documents.pcl_palette import Encoding, Palette, is_colour, is_white
from everprint.documents.pcl_row_walk import WINDOW_OCTETS, RowWalk, Walked
from everprint.documents.pcl_rows import MOST_OCTETS, NotUnpacked, Packing, adaptive_rows, unpack

_MOST_PLANES = 64
_INDEX_BITS = frozenset({1, 2, 4, 8})  # whole indexes to an octet
_ADAPTIVE_SHOWN = 1 << 16  # more rows than any page has
_FIRST_OCTETS = 1 << 13  # walked over at once, and more if that went well
_WORTH_OCTETS = 512  # a call of the compiled part costs as much as Python takes for these
_MOST_LEFT_OUT = 63


@dataclass(frozen=True, slots=True)
class Shown:
    """What a row, or a picture so far, shows."""

    visible: bool = False
    colour: bool = False


NOTHING_SHOWN = Shown()


@dataclass(slots=True)
class Raster:
    """The picture that is being sent. `doubt` is told why something cannot be judged."""

    doubt: Callable[[str], None]
    deadline: float
    packing: int = 0
    width: int = 0  # pixels; 0 if not said
    dpi: float = 75.0
    channels: tuple[int, ...] = ()  # planes of each component, black first, as configured for a DeskJet (ESC*g#W)
    unknown_layout: bool = False
    active: bool = False
    rows: float = 0  # down from where the picture began
    _planes: list[bytes] = field(default_factory=list)
    _seeds: dict[int, bytes] = field(default_factory=dict)
    _last: tuple[bytes, ...] = ()
    _unseen: bool = False  # something in this row could not be unpacked
    _walk: RowWalk | None = None
    _left_out: int = 0  # so many walks are not tried
    _leave_out: int = 0  # so many were not after the last one

    def reset(self) -> None:
        """As after a printer reset."""
        self.packing, self.width, self.dpi, self.channels, self.unknown_layout = 0, 0, 75.0, (), False
        self.begin()
        self.active = False

    def begin(self) -> None:
        """A picture begins: nothing is above its first row."""
        self.active = True
        self.rows = 0
        self._planes.clear()
        self._seeds.clear()
        self._last = ()

    def skip_rows(self, number: float) -> None:
        """Rows without anything in them."""
        self.rows += max(0.0, number)
        self._seeds.clear()

    def configure_channels(self, data: bytes) -> None:
        """`ESC*g#W`, configure raster data: the components of a DeskJet's picture."""
        if len(data) >= 2 and data[0] == 2:
            levels = [int.from_bytes(data[at + 4 : at + 6], "big") for at in range(2, 2 + 6 * min(data[1], 8), 6)]
            self.unknown_layout = False
            self.channels = tuple(max(1, min(level - 1, 255).bit_length()) if level else 1 for level in levels)
        else:
            self.channels, self.unknown_layout = (), True
            self.doubt("its pictures are laid out in a way that is not looked at")

    def walks(self, palette: Palette) -> bool:
        """Whether the compiled part can look at its rows: three octets a pixel, and time is left."""
        direct = palette.encoding is Encoding.DIRECT_BY_PIXEL and palette.primary_bits == (8, 8, 8)
        plain = direct and not (palette.doubt or self.channels or self.unknown_layout or self._planes)
        return plain and time.process_time() <= self.deadline

    def walk(
        self, octets: mmap.mmap, start: int, end: int, palette: Palette | None, *, visible: bool
    ) -> tuple[int, bool, Shown]:
        """Follows the rows from `start` on: where that stops, whether a row had data, and what they show.

        Without a palette they are only passed over. It may stop where it started: what is there is not of its kind,
        or walks came to so little before that some are left out.
        """
        if self._left_out:
            self._left_out -= 1
            return start, False, NOTHING_SHOWN
        if self._walk is None:
            self._walk = RowWalk()
        at, most, put = start, _FIRST_OCTETS, False
        shown = Shown(visible=visible)
        while at < end and (palette is None or self.walks(palette)):
            window = octets[at : min(at + most, end)]
            walked = self._walked(self._walk, window, palette, visible=shown.visible)
            at += walked.octets
            put = put or walked.put
            shown = Shown(shown.visible or walked.visible, shown.colour or walked.coloured)
            if shown.colour:
                palette = None
            if not walked.short or (walked.octets == 0 and (most == WINDOW_OCTETS or at + len(window) == end)):
                break
            most = min(8 * most, WINDOW_OCTETS)
        self._leave_out = min(2 * self._leave_out + 1, _MOST_LEFT_OUT) if at - start < _WORTH_OCTETS else 0
        self._left_out = self._leave_out
        return at, put, shown

    def _walked(self, walk: RowWalk, window: bytes, palette: Palette | None, *, visible: bool) -> Walked:
        if palette is None:
            walked = walk.pass_over(window, self.packing)
        else:
            above, light = self._seeds.get(0, b""), palette.light
            walked = walk.look(window, self.packing, above, self.width, light=light, visible=visible)
            self._seeds[0] = walked.row
            self._last = ()
        self.packing = walked.packing
        self.rows += walked.rows
        return walked

    def plane(self, data: bytes) -> None:
        """A plane that is not the last of its row (`ESC*b#V`)."""
        if len(self._planes) < _MOST_PLANES:
            self._unpack(data)

    def row(self, data: bytes, palette: Palette) -> Shown:
        """The last or only plane of a row (`ESC*b#W`): what the row shows."""
        if time.process_time() > self.deadline:
            self.doubt("its pictures take too long to look at, and are taken as full")
            self._unseen = True
        elif self.packing == Packing.ADAPTIVE:
            return self._adaptive(data, palette)
        self._unpack(data)
        planes = tuple(self._planes)
        unseen, self._unseen = self._unseen, False
        self._planes.clear()
        self.rows += 1
        if unseen:
            return Shown(visible=True, colour=bool(self.channels) or not palette.only_grey)
        return self._judge(planes, palette)

    def _unpack(self, data: bytes) -> None:
        which = len(self._planes)
        plane = b""
        if not self._unseen:
            try:
                plane = unpack(data, self.packing, self._seeds.get(which, b""))[:MOST_OCTETS]
            except NotUnpacked:
                self.doubt(f"its pictures are packed in a way that is not looked at (method {self.packing})")
                self._unseen = True
        self._seeds[which] = plane
        self._planes.append(plane)

    def _adaptive(self, data: bytes, palette: Palette) -> Shown:
        visible = colour = False
        for row, times in adaptive_rows(data, self._seeds.get(0, b"")):
            self._seeds[0] = row
            self.rows += min(times, _ADAPTIVE_SHOWN)
            shown = self._judge((row,), palette) if times else NOTHING_SHOWN
            visible, colour = visible or shown.visible, colour or shown.colour
        return Shown(visible, colour)

    def _judge(self, planes: tuple[bytes, ...], palette: Palette) -> Shown:
        if planes == self._last:  # judged already
            return NOTHING_SHOWN
        self._last = planes
        if not any(planes):
            return NOTHING_SHOWN
        if palette.doubt:
            self.doubt(palette.doubt)
            return Shown(True, True)
        if self.unknown_layout:
            return Shown(True, True)
        if self.channels:
            return self._components(planes)
        if palette.only_grey and palette.planes == 1 and palette.encoding is Encoding.INDEX_BY_PLANE:
            return Shown(visible=bool(self._cropped(planes[0], 1).strip(b"\0")))
        if palette.encoding is Encoding.DIRECT_BY_PIXEL:
            return self._direct(self._cropped(planes[0], sum(palette.primary_bits)), palette)
        if palette.encoding is Encoding.INDEX_BY_PIXEL:
            bits = palette.index_bits
            if bits not in _INDEX_BITS:
                self.doubt(f"its pictures have indexes of {bits} bits, which are not looked at")
                return Shown(True, not palette.only_grey)
            return _of_indices(_used_by_pixel(self._cropped(planes[0], bits), bits), palette)
        return self._by_planes(planes, palette)

    def _cropped(self, row: bytes, bits: int) -> bytes:
        """Without what is beyond the picture's right edge."""
        return row[: -(-self.width * bits // 8)] if self.width else row

    def _direct(self, row: bytes, palette: Palette) -> Shown:
        if palette.primary_bits != (8, 8, 8):
            self.doubt("its pictures have other than eight bits a colour, which are not looked at")
            return Shown(True, True)
        whole = len(row) - len(row) % 3
        if not whole:
            return NOTHING_SHOWN
        pixels = np.frombuffer(row, np.uint8, whole).reshape(-1, 3)
        spread = pixels.max(axis=1) - pixels.min(axis=1)
        inked = int(255 - pixels.min()) if palette.light else int(pixels.max())
        return Shown(inked > WHITE_THRESHOLD, bool((spread > COLOUR_THRESHOLD).any()))

    def _by_planes(self, planes: tuple[bytes, ...], palette: Palette) -> Shown:
        black, rest = (planes[:1], planes[1:]) if palette.black_plane else ((), planes)
        octets = max(map(len, planes))
        padded = [self._cropped(plane.ljust(octets, b"\0"), 1) for plane in rest]
        inked = any(plane.strip(b"\0") for plane in (self._cropped(plane, 1) for plane in black))
        three = palette.black_plane or palette.encoding is Encoding.DIRECT_BY_PLANE or palette.index_bits == 3
        if (three and not palette.programmable) or palette.encoding is Encoding.DIRECT_BY_PLANE:
            padded += [bytes(octets)] * (3 - len(padded))
            neutral = padded[0] == padded[1] == padded[2]
            paper = b"\xff" if palette.light else b"\0"
            return Shown(inked or any(plane.strip(paper) for plane in padded), not neutral)
        return _of_indices(_used_by_planes(padded), palette)

    def _components(self, planes: tuple[bytes, ...]) -> Shown:
        """Black, then cyan, magenta and yellow, each of one or more planes."""
        octets = max(map(len, planes))
        padded = [self._cropped(plane.ljust(octets, b"\0"), 1) for plane in planes]
        visible = any(plane.strip(b"\0") for plane in padded)
        black = self.channels[0] if len(self.channels) in (1, 4) else 0
        inks = padded[black:]
        each = len(inks) // 3
        neutral = not any(plane.strip(b"\0") for plane in inks) or (
            len(inks) % 3 == 0 and inks[:each] == inks[each : 2 * each] == inks[2 * each :]
        )
        return Shown(visible, not neutral)


def _of_indices(used: list[int], palette: Palette) -> Shown:
    colours = [palette.entry(index) for index in used]
    return Shown(any(not is_white(colour) for colour in colours), any(map(is_colour, colours)))


def _used_by_pixel(row: bytes, bits: int) -> list[int]:
    octets = np.frombuffer(row, np.uint8)
    if bits < 8:
        octets = np.concatenate([(octets >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)])
    return [int(index) for index in np.flatnonzero(np.bincount(octets, minlength=1))]


def _used_by_planes(planes: list[bytes]) -> list[int]:
    """The first plane is the least significant bit of the index."""
    if not planes or not planes[0]:
        return []
    index = sum(np.unpackbits(np.frombuffer(plane, np.uint8)).astype(np.uint16) << bit
                for bit, plane in enumerate(planes[:8]))  # fmt: skip
    return [int(used) for used in np.flatnonzero(np.bincount(index, minlength=1))]
