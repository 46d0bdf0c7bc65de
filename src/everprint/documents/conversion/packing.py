"""Rows of pixels packed by run lengths (PWG 5102.4 section 4.4), by raster_pack.wat: some 300 MB a second.

Pixels are octets, or four octets of which the first three are red, green and blue: as pdfium draws them.
"""

from __future__ import annotations

import ctypes

import wasmtime

from everprint.documents.webassembly import PAGE_OCTETS, compiled

_ROWS_AT = PAGE_OCTETS
_ROWS_OCTETS = 4 << 20
"""Packed at once, if a row is not longer; more rows are found equal in more of them."""


class Packer:
    """One set of memory. Not to be shared between threads."""

    def __init__(self, row_octets: int, *, wide: bool) -> None:
        """For rows of so many octets; `wide` pixels have four."""
        engine, module = compiled("raster_pack.wat", 4 * _ROWS_OCTETS)
        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, pack = exports["memory"], exports["pack"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(pack, wasmtime.Func)
        self._pack, self._row_octets, self._wide = pack, row_octets, wide
        self._most_rows = max(1, _ROWS_OCTETS // row_octets)
        self._out_at = _ROWS_AT + self._most_rows * row_octets
        # At the worst an octet for every 128 pixels and for every row, and what a last wide pixel writes over.
        needed = self._out_at + self._most_rows * (row_octets + row_octets // 128 + 8) + PAGE_OCTETS
        try:
            memory.grow(self._store, -(-needed // PAGE_OCTETS))
        except wasmtime.WasmtimeError:
            raise MemoryError from None
        self._address = ctypes.addressof(memory.data_ptr(self._store).contents)

    def packed(self, pixels: int, rows: int) -> list[bytes]:
        """So many rows, which stand one after the other at the address `pixels` of this process, packed."""
        pieces = []
        while rows:
            number = min(rows, self._most_rows)
            ctypes.memmove(self._address + _ROWS_AT, pixels, number * self._row_octets)
            end = self._pack(self._store, _ROWS_AT, number, self._row_octets, int(self._wide), self._out_at)
            pieces.append(ctypes.string_at(self._address + self._out_at, end - self._out_at))
            pixels += number * self._row_octets
            rows -= number
        return pieces
