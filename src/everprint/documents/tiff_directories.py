"""The directories of a TIFF or BigTIFF file, one after the other, as far as counting pages needs them.

See TIFF 6.0 section 2, and the Adobe PageMaker 6.0 technical notes for NewSubfileType and SubIFDs. Directories that
only another one points to (SubIFDs, Exif) are not in the chain and no pages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from everprint.documents.result import Unreadable

_WIDTH, _HEIGHT, _NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _PHOTOMETRIC = 256, 257, 254, 255, 262
_WANTED = frozenset({_WIDTH, _HEIGHT, _NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _PHOTOMETRIC})
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_OLD_REDUCED = 2
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # of those types of a field's value: BYTE, SHORT, LONG, LONG8
_MOST_FIELDS = 4096
_GREY = frozenset({0, 1})  # WhiteIsZero, BlackIsZero


@dataclass(frozen=True, slots=True)
class Directory:
    """One picture of the chain. `is_page` is False for a thumbnail of another and for a mask."""

    width: int
    height: int
    is_page: bool
    is_grey: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """How directories are laid out: byte order, and how wide counts and offsets are."""

    order: str
    count: str
    field: str  # tag, type, count of values, and the octets of the value or where it is
    value_octets: int
    offset: str


_LARGEST_FILE = 1 << 40  # beyond it a file system may refuse even to look


class BrokenChain(Exception):
    """The chain of directories leads nowhere; those before are good. The text says where to."""


def directories(file: BinaryIO) -> Iterator[Directory]:
    """All in the chain, in order.

    Raises Unreadable for no TIFF header, BrokenChain.
    """
    layout, at = _begin(file)
    seen: set[int] = set()
    while at:
        if at in seen:
            raise BrokenChain("its directories go round in a circle")
        seen.add(at)
        directory, at = _directory(file, layout, at)
        yield directory


def _begin(file: BinaryIO) -> tuple[_Layout, int]:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise Unreadable("it has no TIFF header")
    (version,) = struct.unpack_from(f"{order}H", head, 2)
    if version == 43 and len(head) == 16:
        return _Layout(order, "Q", "HHQ8s", 8, "Q"), struct.unpack_from(f"{order}Q", head, 8)[0]
    if version != 42:
        raise Unreadable(f"it is a TIFF of version {version}, which does not exist")
    return _Layout(order, "H", "HHI4s", 4, "I"), struct.unpack_from(f"{order}I", head, 4)[0]


def _directory(file: BinaryIO, layout: _Layout, at: int) -> tuple[Directory, int]:
    (fields,) = struct.unpack(f"{layout.order}{layout.count}", _read(file, at, struct.calcsize(f"<{layout.count}")))
    if fields > _MOST_FIELDS:
        raise BrokenChain(f"a directory says it has {fields} fields")
    one = struct.Struct(f"{layout.order}{layout.field}")
    octets = _read(file, file.tell(), fields * one.size)
    values: dict[int, int] = {}
    for tag, kind, _, value in one.iter_unpack(octets):
        if tag in _WANTED and kind in _INTEGERS:
            (values[tag],) = struct.unpack_from(f"{layout.order}{_INTEGERS[kind]}", value.ljust(8, b"\0"))
    (following,) = struct.unpack(
        f"{layout.order}{layout.offset}", _read(file, file.tell(), struct.calcsize(f"<{layout.offset}"))
    )
    reduced = values.get(_NEW_SUBFILE_TYPE, 0) & (_REDUCED | _MASK) or values.get(_SUBFILE_TYPE) == _OLD_REDUCED
    directory = Directory(
        values.get(_WIDTH, 0), values.get(_HEIGHT, 0), not reduced, values.get(_PHOTOMETRIC) in _GREY
    )
    return directory, following


def _read(file: BinaryIO, at: int, octets: int) -> bytes:
    if at < _LARGEST_FILE:
        file.seek(at)
        read = file.read(octets)
        if len(read) == octets:
            return read
    raise BrokenChain("it is cut off in its directories, or they point beyond its end")
