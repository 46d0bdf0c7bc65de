"""How HP-GL/2 is written: two letters, then values up to the next letters or a semicolon. HP-GL/2 Reference Guide.

Labels run to their terminator, encoded polylines to a semicolon, comments to a quotation mark. Values and polylines
are most of a plot, and are skipped in one step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

COMMAND = re.compile(rb"[^A-Za-z\x1b]*([A-Za-z])\s*([A-Za-z])")
BEFORE_COMMAND = re.compile(rb"[^A-Za-z\x1b]*+")
VALUES = re.compile(rb"[-+0-9., \t\r\n]*;?")
POLYLINE = re.compile(rb"[^;\x1b]*;?")
QUOTED = re.compile(rb"\s*(?:[-+0-9., ]*\"[^\"]*\")*[-+0-9., ]*;?")
DEVICE_CONTROL = re.compile(rb"\x1b\.(?:[@HIMNPT][-0-9;,]*:?|.)?", re.DOTALL)
"""An escape sequence for the plotter's port, of which one with values ends with a colon."""

_NUMBER = re.compile(rb"[-+]?[0-9]+\.?[0-9]*|[-+]?\.[0-9]+")
_PEN = re.compile(rb":([\x3f-\x7e]*[\xbf-\xfe]|[\x3f-\x5e]*[\x5f-\x7e])")
_SEVEN_BIT = re.compile(rb"\s*7")
_FRACTION = re.compile(rb">(?:[\x3f-\x7e]*[\xbf-\xfe]|[\x3f-\x5e]*[\x5f-\x7e])")
_LAST_DIGITS = {64: bytes(range(191, 255)), 32: bytes(range(95, 127))}

_MOST_DIGITS = 20


def numbers(values: bytes, most: int) -> list[float]:
    """The first values, as numbers."""
    found = _NUMBER.findall(values[: most * 2 * _MOST_DIGITS])
    return [float(digits[:_MOST_DIGITS]) for digits in found[:most]]


def has_values(values: bytes) -> bool:
    """Whether there is any."""
    return _NUMBER.search(values) is not None


def polyline_strokes(data: bytes) -> Iterator[tuple[int | None, bool]]:
    """The pens that an encoded polyline takes in turn, None for the one before it, and whether each draws.

    Numbers are in base 64, or in base 32 for seven bits. A pair of coordinates draws, but for the one after `<`.
    """
    base = 32 if _SEVEN_BIT.match(data) is not None else 64
    pieces = _PEN.split(_FRACTION.sub(b"", data))
    up = False
    for index in range(0, len(pieces), 2):
        piece = b"<" + pieces[index] if up else pieces[index]
        yield _decoded(pieces[index - 1], base) if index else None, _draws(piece, base)
        up = piece.rstrip(b"= \t\r\n").endswith(b"<")


def _draws(piece: bytes, base: int) -> bool:
    first, *moved = piece.split(b"<")
    return _numbers_in(first, base) >= 2 or any(_numbers_in(after, base) > 2 for after in moved)


def _numbers_in(piece: bytes, base: int) -> int:
    """Each ends with an octet from the upper half of those that are digits."""
    return len(piece) - len(piece.translate(None, _LAST_DIGITS[base]))


def _decoded(digits: bytes, base: int) -> int:
    value = 0
    last = 191 if base == 64 else 95
    for place, digit in enumerate(digits[:8]):
        value += (digit - (last if digit >= last else 63)) * base**place
    return value >> 1  # the lowest bit is the sign
