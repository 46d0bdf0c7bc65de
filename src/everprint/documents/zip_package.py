"""The parts of an Open Packaging package (ECMA-376-2): a ZIP archive that is read from the map, within bounds.

A part's name is compared without regard to case and with its percent-encoding undone (section 6.2.2). A part may
come in pieces (`name/[0].piece` ... `name/[n].last.piece`, section 7.2.4). Invariant: nothing is made larger than
the bounds below allow, whatever the archive says of itself, and what does not fit its checksum is not handed on as
sound.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from everprint.documents.result import Unreadable

MOST_ENTRIES = 1_500_000
MOST_OCTETS = 4 << 30
"""Of all that is read from one archive."""
MOST_RATIO, RATIO_FROM_OCTETS = 400, 16 << 20
"""An entry that grows more than so many times, once it is larger than that, is a bomb."""

_PIECE = 256 << 10
_END, _END_SIZE = b"PK\x05\x06", 22
_LONGEST_COMMENT = 65_535
_DIRECTORY = struct.Struct("<4s6HI2I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_INTERLEAVED = re.compile(r"(.+)/\[(\d{1,9})\](\.last)?\.piece")
_STORED, _DEFLATED = 0, 8


class Damaged(Exception):
    """A part is not there, cannot be read or is not what its checksum says; the text says which."""


@dataclass(frozen=True, slots=True)
class _Entry:
    raw_name: bytes
    flags: int
    method: int
    checksum: int
    packed: int
    unpacked: int
    position: int  # of its local header, in the map


class Package:
    """The parts between `start` and `end` of the map."""

    def __init__(self, octets: mmap.mmap | bytes, start: int, end: int) -> None:
        """Reads the directory.

        Raises Unreadable if there is none.
        """
        self._octets, self._start, self._end = octets, start, end
        self._parts: dict[str, list[_Entry]] = {}
        self._read_octets = 0
        self.doubts: list[str] = []
        self._sort(_directory(octets, start, end))

    def __contains__(self, name: str) -> bool:
        return folded(name) in self._parts

    def names(self) -> Iterator[str]:
        """As they are compared: in lower case, with a slash before."""
        return iter(self._parts)

    def octets_of(self, name: str) -> int:
        """How large the part says it is; 0 if it is not there."""
        return sum(entry.unpacked for entry in self._parts.get(folded(name), ()))

    def read(self, name: str, most: int) -> bytes:
        """The whole part, if it has no more than `most` octets.

        Raises Damaged.
        """
        if self.octets_of(name) > most:
            raise Damaged(f"{shown(name)} is larger than {most} octets")
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The part's octets, some at a time.

        Raises Damaged, in the middle too; Unreadable if it is encrypted.
        """
        entries = self._parts.get(folded(name))
        if entries is None:
            raise Damaged(f"{shown(name)} is missing")
        for entry in entries:
            yield from self._unpacked(entry)

    def _sort(self, entries: Iterator[_Entry]) -> None:
        interleaved: dict[str, dict[int, tuple[_Entry, bool]]] = {}
        for entry in entries:
            name = folded(entry.raw_name.decode("utf-8", "surrogateescape"))
            if found := _INTERLEAVED.fullmatch(name):
                interleaved.setdefault(found[1], {})[int(found[2])] = (entry, found[3] is not None)
            elif name in self._parts:
                self.doubts.append(f"two parts are named {shown(name)}")
            else:
                self._parts[name] = [entry]
        for name, numbered in interleaved.items():
            in_order = [numbered[number] for number in sorted(numbered)]
            whole = sorted(numbered) == list(range(len(numbered))) and [last for _, last in in_order].count(True) == 1
            if not whole or not in_order[-1][1] or name in self._parts:
                self.doubts.append(f"pieces of {shown(name)} are missing or come twice")
            self._parts.setdefault(name, [entry for entry, _ in in_order])

    def _unpacked(self, entry: _Entry) -> Iterator[bytes]:
        name = shown(entry.raw_name.decode("utf-8", "replace"))
        if entry.flags & 1:
            raise Unreadable("it is encrypted")
        begin, end = self._data(entry, name)
        if entry.method == _STORED:
            pieces = _stored(self._octets, begin, end)
        elif entry.method == _DEFLATED:
            pieces = _inflated(self._octets, begin, end, name)
        else:
            raise Damaged(f"{name} is compressed by method {entry.method}, which is not known")
        size = checksum = 0
        for piece in pieces:
            size += len(piece)
            self._read_octets += len(piece)
            if size > RATIO_FROM_OCTETS and size > MOST_RATIO * (end - begin):
                raise Damaged(f"{name} grows to more than {MOST_RATIO} times its size")
            if self._read_octets > MOST_OCTETS:
                raise Damaged(f"its parts have more than {MOST_OCTETS} octets")
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if (size, checksum) != (entry.unpacked, entry.checksum):
            raise Damaged(f"{name} does not fit its checksum")

    def _data(self, entry: _Entry, name: str) -> tuple[int, int]:
        at = entry.position
        if self._start <= at <= self._end - _LOCAL.size:
            header = _LOCAL.unpack(self._octets[at : at + _LOCAL.size])
            named = at + _LOCAL.size
            begin = named + header[9] + header[10]
            if (
                header[0] == b"PK\x03\x04"
                and self._octets[named : named + header[9]] == entry.raw_name
                and begin + entry.packed <= self._end
            ):
                return begin, begin + entry.packed
        raise Damaged(f"{name} is not where the directory says")


def folded(name: str) -> str:
    """The name as it is compared."""
    return "/" + unquote(name, errors="surrogateescape").replace("\\", "/").lstrip("/").lower()


def shown(name: str) -> str:
    """Somebody else's name, for a sentence of ours."""
    return "".join(char if char.isprintable() else "?" for char in name[:80])


def _stored(octets: mmap.mmap | bytes, begin: int, end: int) -> Iterator[bytes]:
    for at in range(begin, end, _PIECE):
        yield bytes(octets[at : min(at + _PIECE, end)])


def _inflated(octets: mmap.mmap | bytes, begin: int, end: int, name: str) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(begin, end, _PIECE):
        waiting = bytes(octets[at : min(at + _PIECE, end)])
        while waiting and not stream.eof:
            try:
                piece = stream.decompress(waiting, _PIECE)
            except zlib.error as error:
                raise Damaged(f"{name} is not sound deflate data ({error})") from None
            waiting = stream.unconsumed_tail
            if piece:
                yield piece
    while not stream.eof and (piece := stream.decompress(stream.unconsumed_tail, _PIECE)):
        yield piece
    if not stream.eof:
        raise Damaged(f"{name} ends too early")


def _directory(octets: mmap.mmap | bytes, start: int, end: int) -> Iterator[_Entry]:
    """The entries of the central directory (PKWARE's APPNOTE, sections 4.3.12 to 4.3.16)."""
    number, at, stop, base = _end_of_directory(octets, start, end)
    if number > MOST_ENTRIES:
        raise Unreadable(f"its ZIP archive has {number} entries; more than {MOST_ENTRIES} are not read")
    for _ in range(number):
        if at + _DIRECTORY.size > stop:
            raise Unreadable("the directory of its ZIP archive is damaged")
        (mark, _, _, flags, method, _, _, checksum, packed, unpacked, named, extra, comment, _, _, _, position) = (
            _DIRECTORY.unpack(octets[at : at + _DIRECTORY.size])
        )
        name_at = at + _DIRECTORY.size
        at = name_at + named + extra + comment
        if mark != b"PK\x01\x02" or at > stop:
            raise Unreadable("the directory of its ZIP archive is damaged")
        if 0xFFFFFFFF in (packed, unpacked, position):
            more = bytes(octets[name_at + named : name_at + named + extra])
            unpacked, packed, position = _zip64(more, unpacked, packed, position)
        yield _Entry(
            bytes(octets[name_at : name_at + named]), flags, method, checksum, packed, unpacked, base + position
        )


def _end_of_directory(octets: mmap.mmap | bytes, start: int, end: int) -> tuple[int, int, int, int]:
    """Number of entries, begin and end of the directory, and what its positions count from."""
    at = octets.rfind(_END, max(start, end - _END_SIZE - _LONGEST_COMMENT), end)
    if at < 0 or at + _END_SIZE > end:
        raise Unreadable("its ZIP archive has no directory: it is cut off or damaged")
    number, size, position = struct.unpack("<H2I", octets[at + 10 : at + 20])
    stop = at
    locator = at - 20
    if locator >= start and octets[locator : locator + 4] == b"PK\x06\x07":
        # ZIP64: its own end record lies right before the locator, whatever was put before the archive.
        at64 = octets.rfind(b"PK\x06\x06", max(start, locator - _LONGEST_COMMENT), locator)
        if at64 < 0 or at64 + 56 > locator:
            raise Unreadable("the directory of its ZIP archive is damaged")
        number, size, position = struct.unpack("<3Q", octets[at64 + 32 : at64 + 56])
        stop = at64
    begin = stop - size
    if begin < start or begin - position < start:
        raise Unreadable("the directory of its ZIP archive is damaged")
    return number, begin, stop, begin - position


def _zip64(extra: bytes, unpacked: int, packed: int, position: int) -> tuple[int, int, int]:
    """The values that did not fit, from the extra field 1 (APPNOTE section 4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            body = extra[at + 4 : at + 4 + size]
            large = list(struct.unpack_from(f"<{min(len(body) // 8, 3)}Q", body))
            values = [large.pop(0) if old == 0xFFFFFFFF and large else old for old in (unpacked, packed, position)]
            return values[0], values[1], values[2]
        at += 4 + size
    return unpacked, packed, position
