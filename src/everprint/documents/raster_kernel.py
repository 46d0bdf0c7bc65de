"""The compiled part of reading rasters: raster_walk.wat, run by wasmtime, and the memory that it works in.

Measured (docs/explanation/counting-pages.md): Python walks 15 MB of run-length data in a second, this more than
200. The data come from strangers, and WebAssembly can reach nothing but its own memory, whatever they hold.
"""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass
from typing import BinaryIO

import wasmtime

from everprint.documents.colour import COLOUR_THRESHOLD, NO_INK, WHITE_THRESHOLD
from everprint.documents.raster_colours import Kind
from everprint.documents.result import Coverage
from everprint.documents.webassembly import PAGE_OCTETS, compiled

_WINDOW_AT = PAGE_OCTETS
WINDOW_OCTETS = 1 << 18
_ROW_AT = _WINDOW_AT + WINDOW_OCTETS
_OUT_OCTETS = 1 << 20  # for unpacked rows; more if one row needs more

# What raster_walk.wat has at the beginning of its memory.
_STATE = struct.Struct("<22i4q")
_ROWS_LEFT, _OUT = 56, 84
_RESERVED_OCTETS = 1 << 24  # of address space, which a worker has little of; more memory is moved to


@dataclass(frozen=True, slots=True)
class Pixels:
    """Pixels as they are walked over: `octets` each, their channels' high octets at `offsets`, `step` apart."""

    kind: Kind
    octets: int
    white: int
    offsets: tuple[int, int, int, int]
    channels: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """So many rows of `units` stored pixels, the first `seen` of which are in the page.

    `tail` are the bits of a row's last octet that are pixels, where eight pixels make one stored one.
    """

    number: int
    units: int
    seen: int
    tail: int = 255


@dataclass(frozen=True, slots=True)
class Seen:
    """What the pixels of some rows showed.

    `sums` are the inks of all pixels, 255 each at most (1 for BITS): of RGB what red, green and blue lack, and what
    all three of them lack; of CMYK the inks; of GREY and BITS only the last. `cut` is how many runs were longer
    than their row, as only damage makes.
    """

    marked: bool
    coloured: bool
    sums: tuple[int, int, int, int]
    cut: int

    def coverage(self, pixels: int, kind: Kind) -> Coverage | None:
        """The mean over so many pixels, as everprint.documents.colour has it; None where inks have no names."""
        if not self.marked:
            return NO_INK
        if kind in (Kind.INKS, Kind.LAB):
            return None
        full = pixels if kind is Kind.BITS else 255 * pixels
        cyan, magenta, yellow, black = self.sums
        under = black if kind is Kind.RGB else 0
        return Coverage((cyan - under) / full, (magenta - under) / full, (yellow - under) / full, black / full)


def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    return compiled("raster_walk.wat", _RESERVED_OCTETS)


def compile_now() -> None:
    """So that no document has to wait for it."""
    _compiled()


class Kernel:
    """One set of memory, with a window of the file in it. Not to be shared between threads."""

    def __init__(self) -> None:
        engine, module = _compiled()
        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, walk, walk_plain, unpack = (exports[name] for name in ("memory", "walk", "walk_plain", "unpack"))
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(walk, wasmtime.Func)
        assert isinstance(walk_plain, wasmtime.Func)
        assert isinstance(unpack, wasmtime.Func)
        self._memory, self._walk, self._walk_plain, self._unpack = memory, walk, walk_plain, unpack
        self._octets = self._mapped()
        self._at = self._stop = _WINDOW_AT
        self._out_at = self._out_end = _ROW_AT

    @property
    def available(self) -> int:
        """How many octets are in the window and not taken yet."""
        return self._stop - self._at

    def fill(self, file: BinaryIO, most: int) -> int:
        """Reads on, at most so many octets, and returns how many came."""
        left = self.available
        self._octets[_WINDOW_AT : _WINDOW_AT + left] = bytes(self._octets[self._at : self._stop])
        self._at, self._stop = _WINDOW_AT, _WINDOW_AT + left
        read: int = file.readinto(self._octets[self._stop : self._stop + min(most, WINDOW_OCTETS - left)])  # type: ignore[attr-defined]
        self._stop += read
        return read

    def take(self, octets: int) -> bytes:
        """The next octets in the window."""
        taken = bytes(self._octets[self._at : min(self._at + octets, self._stop)])
        self._at += len(taken)
        return taken

    def put(self, octets: bytes | memoryview) -> None:
        """Fills the window with octets that come from no file."""
        self._at, self._stop = _WINDOW_AT, _WINDOW_AT + len(octets)
        self._octets[self._at : self._stop] = octets

    def begin(self, pixels: Pixels, rows: Rows) -> None:
        """What comes next are these rows of these pixels."""
        state = (pixels.kind, pixels.white, pixels.octets, *pixels.offsets, pixels.channels, pixels.step)
        row = (rows.units, rows.seen, rows.tail, WHITE_THRESHOLD, COLOUR_THRESHOLD, rows.number)
        _STATE.pack_into(self._octets, 0, *state, *row, *(0 for _ in range(11)))

    def walk(self, packed: bool) -> bool:
        """Looks at what is in the window, as far as its runs are whole; returns whether all rows were seen."""
        function = self._walk if packed else self._walk_plain
        self._at = function(self._store, self._at, self._stop)
        rows_left, row_left, _ = self._left()
        return rows_left == row_left == 0

    def unpack(self, row_octets: int) -> tuple[memoryview, bool]:
        """Whole rows from what is in the window, as far as its runs are whole, and whether they are the last.

        The rows are good until the next call.
        """
        self._make_room(row_octets)
        struct.pack_into("<i", self._octets, _OUT, self._out_at)
        self._at = self._unpack(self._store, self._at, self._stop, _ROW_AT, self._out_end)
        (out,) = struct.unpack_from("<i", self._octets, _OUT)
        return self._octets[self._out_at : out], self._left() == (0, 0, 0)

    def seen(self) -> Seen:
        """What all rows since begin() showed."""
        state = _STATE.unpack_from(self._octets, 0)
        return Seen(bool(state[19]), bool(state[20]), state[22:26], state[18])

    def _left(self) -> tuple[int, int, int]:
        """Rows, pixels of the row, and how often that is still to be repeated."""
        rows, pixels, _, repeat = struct.unpack_from("<4i", self._octets, _ROWS_LEFT)
        return rows, pixels, repeat

    def _make_room(self, row_octets: int) -> None:
        self._out_at = _ROW_AT + row_octets
        self._out_end = self._out_at + max(_OUT_OCTETS, row_octets)
        missing = self._out_end - len(self._octets)
        if missing > 0:
            try:
                self._memory.grow(self._store, -(-missing // PAGE_OCTETS))
            except wasmtime.WasmtimeError:
                raise MemoryError from None
            self._octets = self._mapped()

    def _mapped(self) -> memoryview:
        """The memory itself, until it grows."""
        address = ctypes.addressof(self._memory.data_ptr(self._store).contents)
        octets = (ctypes.c_ubyte * self._memory.data_len(self._store)).from_address(address)
        return memoryview(octets).cast("B")
