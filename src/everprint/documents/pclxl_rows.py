"""PCL XL's own compressions of bitmaps, RLE and (from protocol class 2.1) delta rows, unpacked by pclxl_rows.wat.

Strip by strip, so that the compiled part needs no more than its 4 MiB of memory. What strangers send can reach
nothing but that.
"""

from __future__ import annotations

import numpy as np
import wasmtime
from numpy.typing import NDArray

from everprint.documents.webassembly import PAGE_OCTETS, compiled

_PACKED_OCTETS = 1 << 20
_ROWS_AT = _PACKED_OCTETS
_ROWS_OCTETS = 3 << 20
MOST_ROW_OCTETS = 1 << 20
"""Of one unpacked row; one of 65535 pixels in colour has fewer."""


def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    return compiled("pclxl_rows.wat", _PACKED_OCTETS + _ROWS_OCTETS)


def compile_now() -> None:
    """So that no document has to wait for it."""
    _compiled()


def unpack_runs(packed: bytes, octets: int) -> NDArray[np.uint8] | None:
    """RLE, whose runs may go on from row to row. None if it is cut off before so many octets are made.

    A run that makes more is cut: Ghostscript's lj5mono writes such, and printers take the rows they are promised.
    """
    memory, unpack, store = _instance("unpack_runs")
    made = np.empty(octets, np.uint8)
    position = done = 0
    while done < octets:
        part = packed[position : position + _PACKED_OCTETS]
        memory.write(store, part, 0)
        limit = _ROWS_AT + min(_ROWS_OCTETS - PAGE_OCTETS, octets - done)
        read, written = unpack(store, 0, len(part), _ROWS_AT, limit)
        size = min(written - _ROWS_AT, octets - done)
        if size == 0:
            return None
        made[done : done + size] = np.frombuffer(memory.read(store, _ROWS_AT, _ROWS_AT + size), np.uint8)
        position, done = position + read, done + size
    return made


def unpack_delta_rows(packed: bytes, height: int, row_octets: int) -> NDArray[np.uint8] | None:
    """So many rows; the first changes a row of zeros. None if they are not whole or change what is not in a row."""
    if not 0 < row_octets <= MOST_ROW_OCTETS:
        return None
    memory, unpack, store = _instance("unpack_delta_rows")
    rows = np.empty((height, row_octets), np.uint8)
    most_rows = _ROWS_OCTETS // row_octets - 1
    position = done = 0
    while done < height:
        strip, stop = _strip(packed, position, min(most_rows, height - done))
        if strip == 0:
            return None
        memory.write(store, packed[position:stop], 0)
        if not unpack(store, 0, stop - position, _ROWS_AT, row_octets, strip):
            return None
        first = _ROWS_AT + row_octets
        made = memory.read(store, first, first + strip * row_octets)
        rows[done : done + strip] = np.frombuffer(made, np.uint8).reshape(strip, row_octets)
        memory.write(store, bytes(made[-row_octets:]), _ROWS_AT)
        position, done = stop, done + strip
    return rows


def _instance(function: str) -> tuple[wasmtime.Memory, wasmtime.Func, wasmtime.Store]:
    engine, module = _compiled()
    store = wasmtime.Store(engine)
    exports = wasmtime.Instance(store, module, []).exports(store)
    memory, unpack = exports["memory"], exports[function]
    assert isinstance(memory, wasmtime.Memory)
    assert isinstance(unpack, wasmtime.Func)
    return memory, unpack, store


def _strip(packed: bytes, position: int, most_rows: int) -> tuple[int, int]:
    """How many rows fit into the memory for packed octets, and where they stop; 0 if the next one is not whole."""
    start, rows = position, 0
    while rows < most_rows and position + 2 <= len(packed):
        stop = position + 2 + packed[position] + (packed[position + 1] << 8)
        if stop > len(packed) or stop - start > _PACKED_OCTETS:
            break
        position, rows = stop, rows + 1
    return rows, position
