"""How rows of a picture are packed in PCL 5 (`ESC*b#M`), and unpacking them.

PCL 5 Printer Language Technical Reference Manual, chapter 15; compressed replacement (9) is DeskJet's. A row is
never longer than MOST_OCTETS, whatever its data say.
"""

from __future__ import annotations

from enum import IntEnum

MOST_OCTETS = 1 << 17
"""A row of 8 m in four colours at 1,200 dpi; no printer is wider."""


class Packing(IntEnum):
    """The methods that have a name; each is told by its number."""

    NONE = 0
    RUN_LENGTH = 1
    PACKBITS = 2
    DELTA = 3
    ADAPTIVE = 5
    REPLACEMENT = 9


class NotUnpacked(Exception):
    """A packing that we do not know."""


def unpack(data: bytes, packing: int, seed: bytes) -> bytes:
    """The row in those data. `seed` is the row above, which some packings start from.

    Raises NotUnpacked.
    """
    if packing == Packing.NONE:
        return data
    if packing == Packing.RUN_LENGTH:
        return _run_length(data)
    if packing == Packing.PACKBITS:
        return _packbits(data)
    if packing == Packing.DELTA:
        return _delta(data, seed)
    if packing == Packing.REPLACEMENT:
        return _replacement(data, seed)
    raise NotUnpacked


def adaptive_rows(data: bytes, seed: bytes) -> list[tuple[bytes, int]]:
    """The rows of an adaptive block, each with how many times it is there. Empty rows are empty."""
    rows: list[tuple[bytes, int]] = []
    at = 0
    while at + 3 <= len(data):
        packing, count = data[at], int.from_bytes(data[at + 1 : at + 3], "big")
        at += 3
        if packing in (4, 5):  # empty rows, and the row above again
            seed = b"" if packing == 4 else seed
            rows.append((seed, count))
        elif packing <= Packing.DELTA:
            seed = unpack(data[at : at + count], packing, seed)
            rows.append((seed, 1))
            at += count
        else:
            break
    return rows


def _run_length(data: bytes) -> bytes:
    out = bytearray()
    for count, value in zip(data[::2], data[1::2], strict=False):
        out += bytes([value]) * (count + 1)
        if len(out) > MOST_OCTETS:
            break
    return bytes(out)


def _packbits(data: bytes) -> bytes:
    out = bytearray()
    at, end = 0, len(data)
    while at < end and len(out) <= MOST_OCTETS:
        code = data[at]
        if code < 128:
            out += data[at + 1 : at + code + 2]
            at += code + 2
        elif code > 128:
            out += data[at + 1 : at + 2] * (257 - code)
            at += 2
        else:
            at += 1
    return bytes(out)


def _delta(data: bytes, seed: bytes) -> bytes:
    row = bytearray(seed)
    at, end, column = 0, len(data), 0
    while at < end:
        command = data[at]
        at += 1
        count, offset = (command >> 5) + 1, command & 31
        column += offset
        if offset == 31:
            at, column = _more(data, at, column)
        column = _put(row, column, data[at : at + count])
        at += count
    return bytes(row)


def _replacement(data: bytes, seed: bytes) -> bytes:
    row = bytearray(seed)
    at, end, column = 0, len(data), 0
    while at < end:
        command = data[at]
        at += 1
        runs = command & 128
        offset, most = ((command >> 5) & 3, 3) if runs else ((command >> 3) & 15, 15)
        count, full = (command & 31, 31) if runs else (command & 7, 7)
        column += offset
        if offset == most:
            at, column = _more(data, at, column)
        if count == full:
            at, count = _more(data, at, count)
        count += 2 if runs else 1
        if runs:
            column = _put(row, column, data[at : at + 1] * min(count, MOST_OCTETS))
            at += 1
        else:
            column = _put(row, column, data[at : at + count])
            at += count
    return bytes(row)


def _more(data: bytes, at: int, value: int) -> tuple[int, int]:
    """Adds octets to a value until one of them is less than 255."""
    while at < len(data):
        value += data[at]
        at += 1
        if data[at - 1] != 255:
            break
    return at, value


def _put(row: bytearray, column: int, new: bytes) -> int:
    """Puts octets into the row, which grows to hold them; returns the column after them."""
    end = column + len(new)
    if end <= MOST_OCTETS:
        if column > len(row):
            row.extend(bytes(column - len(row)))
        row[column:end] = new
    return end
