"""The compiled part of reading pictures in PCL 5: pcl_row_walk.wat, run by wasmtime, and the memory that it works in.

Measured: Python unpacks 13 MB of delta rows in a second, this some hundred. What strangers send can reach nothing
but that memory, and a call looks at no more than WINDOW_OCTETS of it.
"""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass

import wasmtime

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD
from everprint.documents.pcl_rows import MOST_OCTETS
from everprint.documents.webassembly import PAGE_OCTETS, compiled

_ROW_AT = PAGE_OCTETS
_WINDOW_AT = 4 * PAGE_OCTETS
WINDOW_OCTETS = 1 << 19
_MEMORY_OCTETS = 1 << 20

# What pcl_row_walk.wat has at the beginning of its memory.
_STATE = struct.Struct("<11i4xq")
_NO_CROP = 1 << 30


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of a walk over `octets` octets.

    `row` is the last one, which the next may be made from; `short` whether more octets would help to go on.
    """

    octets: int
    short: bool
    packing: int
    rows: int
    put: bool
    visible: bool
    coloured: bool
    row: bytes


def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    return compiled("pcl_row_walk.wat", _MEMORY_OCTETS)


def compile_now() -> None:
    """So that no document has to wait for it."""
    _compiled()


class RowWalk:
    """One set of memory. Not to be shared between threads."""

    def __init__(self) -> None:
        engine, module = _compiled()
        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, walk = exports["memory"], exports["walk"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(walk, wasmtime.Func)
        self._walk = walk
        address = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._octets = memoryview((ctypes.c_ubyte * _MEMORY_OCTETS).from_address(address)).cast("B")

    def pass_over(self, octets: bytes, packing: int) -> Walked:
        """Goes behind the rows in these octets, at most WINDOW_OCTETS, and only counts them."""
        return self._run(octets, (0, packing, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    def look(self, octets: bytes, packing: int, row: bytes, width: int, *, light: bool, visible: bool) -> Walked:
        """Looks at rows of pixels of three octets: light, or inks. `row` is the one before them.

        `width` is in pixels, 0 if not said. When something in colour was seen, the rest is only passed over.
        """
        mask = -1 if light else 0
        crop = 3 * width or _NO_CROP
        self._octets[_ROW_AT : _ROW_AT + len(row)] = row
        looks = (1, packing, mask, WHITE_THRESHOLD, COLOUR_THRESHOLD, crop, len(row))
        return self._run(octets, (*looks, visible, 0, 0, 0, 0))

    def _run(self, octets: bytes, state: tuple[int, ...]) -> Walked:
        memory = self._octets
        stop = _WINDOW_AT + len(octets)
        memory[_WINDOW_AT:stop] = octets
        _STATE.pack_into(memory, 0, *state)
        walked = self._walk(self._store, _WINDOW_AT, stop) - _WINDOW_AT
        _, packing, _, _, _, _, length, visible, coloured, put, short, rows = _STATE.unpack_from(memory, 0)
        row = bytes(memory[_ROW_AT : _ROW_AT + min(length, MOST_OCTETS)]) if state[0] else b""
        return Walked(walked, bool(short), packing, rows, bool(put), bool(visible), bool(coloured), row)
