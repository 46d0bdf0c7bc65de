"""PCL XL's binary stream: operators, each after the attributes that it takes, and the data embedded behind some.

Nothing is copied: the reader walks over a memory map. One regular expression passes over the attributes of an
operator at once; only operators that matter have theirs decoded. Data is skipped by its length.
"""

from __future__ import annotations

import mmap
import re
import struct
from dataclasses import dataclass

from everprint.documents.pclxl_tags import FIRST_OPERATOR, LAST_OPERATOR, Attribute

Octets = mmap.mmap | bytes
"""What is read: a file in memory, or the joined blocks of a user-defined stream."""

HEADER = re.compile(rb"([(')]) HP-PCL XL;(\d{1,3});(\d{1,3})[^\n]{0,4096}\n")
"""The binding (big endian, little endian, ASCII) and the protocol class; the rest of the line is a comment."""

_SPACE = re.compile(rb"[\0\t\n\v\f\r ]*")
# A scalar, a pair or a box of octets, 16-bit or 32-bit numbers, and the attribute's id of 8 or 16 bits.
_ATTRIBUTES = re.compile(
    rb"(?:(?:\xc0.|[\xc1\xc3]..|[\xc2\xc4\xc5]....|\xd0..|[\xd1\xd3].{4}|[\xd2\xd4\xd5].{8}"
    rb"|\xe0.{4}|[\xe1\xe3].{8}|[\xe2\xe4\xe5].{16})(?:\xf8.|\xf9..)){0,64}+",
    re.DOTALL,
)
_MOST_SHORT_TEXT = 40
_SHORT_OCTETS = b"|".join(b"\\x%02x.{%d}" % (count, count) for count in range(1, _MOST_SHORT_TEXT + 1))
_TEXTS = re.compile(
    # SetCursor with a point, then Text with spacing and text in short arrays of octets.
    rb"(?:(?:\xd0..|[\xd1\xd3].{4}|\xd5.{8})\xf8\x4c\x6b"
    rb"(?:\xc8\xc0(?:" + _SHORT_OCTETS + rb")\xf8[\xab\xaf\xb0]){1,3}+\xa8)*+",
    re.DOTALL,
)
_FORMATS = "BHIhif"
_SIZES = (1, 2, 4, 2, 4, 4)
_COUNTS = {0xC: 1, 0xD: 2, 0xE: 4}
_DATA_LENGTH, _DATA_LENGTH_BYTE = 0xFA, 0xFB
_ESCAPE = 0x1B
_SPACES = frozenset(b"\0\t\n\v\f\r ")

Number = int | float


@dataclass(frozen=True, slots=True)
class Array:
    """An array attribute: `count` numbers of a kind (an index into _FORMATS) at `start`."""

    octets: Octets
    start: int
    count: int
    kind: int
    big_endian: bool

    @property
    def is_octets(self) -> bool:
        """An array of octets: names, colours, palettes, text."""
        return self.kind == 0

    @property
    def is_real(self) -> bool:
        """Numbers from 0 to 1 where the others go from 0 to their largest."""
        return self.kind == 5

    def first(self, most: int) -> tuple[Number, ...]:
        """The first numbers of it, not more than `most`."""
        count = min(self.count, most)
        return struct.unpack_from(f"{_order(self.big_endian)}{count}{_FORMATS[self.kind]}", self.octets, self.start)

    def raw(self, most: int) -> bytes:
        """The first octets of it as they stand."""
        return self.octets[self.start : self.start + min(self.count * _SIZES[self.kind], most)]


Value = Number | tuple[Number, ...] | Array


class Damaged(Exception):
    """An octet that no stream may have where it stands; a printer ends the session there."""


@dataclass(frozen=True, slots=True)
class Data:
    """Embedded data: where it starts and stops. `cut` if the document ends before it does."""

    start: int
    stop: int
    cut: bool = False

    @property
    def octets(self) -> int:
        """How many there are."""
        return self.stop - self.start


class Reader:
    """Walks one stream. After next(), `operator` is the operator and `position` is behind it."""

    def __init__(self, octets: Octets, start: int, end: int, big_endian: bool) -> None:
        self.octets, self.position, self.end = octets, start, end
        self.big_endian = big_endian
        self.operator = 0
        self._given = (start, start)
        self._arrays: dict[int, Value] = {}

    def next(self) -> bool:
        """Goes to the next operator; False at the stream's end, at an escape, or where another stream's header is.

        Raises Damaged.
        """
        octets, end = self.octets, self.end
        self._arrays.clear()
        while self.position < end:
            matched = _ATTRIBUTES.match(octets, self.position, end)
            assert matched is not None  # it matches nothing at all
            start, position = matched.span()
            if position >= end:
                self.position = position
                return False
            tag = octets[position]
            if FIRST_OPERATOR <= tag <= LAST_OPERATOR:
                self.operator = tag
                self._given = (start, position)
                self.position = position + 1
                return True
            if position > start:
                self._decode(start, position, self._arrays)
            self.position = position
            if 0xC8 <= tag <= 0xCD:
                self._array(tag - 0xC8)
            elif tag in _SPACES:
                self.position = _after_space(octets, position, end)
            elif tag in (_DATA_LENGTH, _DATA_LENGTH_BYTE):
                self.data()
            elif tag == _ESCAPE or (tag in b"(')" and HEADER.match(octets, position, end)):
                return False
            elif 0xC0 <= tag <= 0xE5 and end - position < 19:
                self.position = end  # a value that is cut off
            elif 0xC0 <= tag <= 0xE5 and self._known_value(tag):
                # So many attributes in a row, or a value without an attribute: neither is right, and both are read.
                if position == start:
                    raise Damaged
            else:
                raise Damaged
        return False

    @property
    def attributes(self) -> dict[int, Value]:
        """What the operator was given, by attribute id."""
        given = dict(self._arrays)
        self._decode(*self._given, given)
        return given

    def data(self) -> Data | None:
        """The data embedded behind the operator, and goes behind it; None if there is none."""
        position = _after_space(self.octets, self.position, self.end)
        tag = self.octets[position] if position < self.end else 0
        if tag == _DATA_LENGTH:
            width = 4
        elif tag == _DATA_LENGTH_BYTE:
            width = 1
        else:
            return None
        start = position + 1 + width
        length = int.from_bytes(self.octets[position + 1 : start], "big" if self.big_endian else "little")
        return self.skip(start, length)

    def pass_vendor_data(self) -> None:
        """Goes behind what belongs to VendorUnique: embedded data, or as many octets as its attribute says."""
        length = self.attributes.get(Attribute.VU_DATA_LENGTH)
        if self.data() is None and isinstance(length, int) and length > 0:
            self.skip(self.position, length)

    def pass_texts(self) -> None:
        """Goes behind all texts that follow with nothing else between them but where they start."""
        matched = _TEXTS.match(self.octets, self.position, self.end)
        assert matched is not None
        self.position = matched.end()

    def skip(self, start: int, length: int) -> Data:
        """Goes behind `length` octets from `start`, as far as there are."""
        stop = min(start + length, self.end)
        self.position = stop
        return Data(min(start, stop), stop, cut=start + length > self.end)

    def _known_value(self, tag: int) -> bool:
        return tag & 0xF < len(_FORMATS) and tag >> 4 in _COUNTS

    def _array(self, kind: int) -> None:
        octets, end = self.octets, self.end
        at = self.position + 1
        width = {0xC0: 1, 0xC1: 2, 0xC2: 4}.get(octets[at] if at < end else 0)
        if width is None:
            if at >= end:
                self.position = end
                return
            raise Damaged
        start = at + 1 + width
        count = int.from_bytes(octets[at + 1 : start], "big" if self.big_endian else "little")
        stop = start + count * _SIZES[kind]
        if stop + 2 > end:
            self.position = end
            return
        array = Array(octets, start, count, kind, self.big_endian)
        if octets[stop] == 0xF8:
            self._arrays[octets[stop + 1]] = array
            self.position = stop + 2
        elif octets[stop] == 0xF9:
            self.position = stop + 3
        else:
            raise Damaged

    def _decode(self, position: int, stop: int, into: dict[int, Value]) -> None:
        octets, order = self.octets, _order(self.big_endian)
        while position < stop:
            tag = octets[position]
            kind, count = tag & 0xF, _COUNTS[tag >> 4]
            numbers = struct.unpack_from(f"{order}{count}{_FORMATS[kind]}", octets, position + 1)
            position += 1 + count * _SIZES[kind]
            if octets[position] == 0xF8:
                into[octets[position + 1]] = numbers[0] if count == 1 else numbers
                position += 2
            else:
                position += 3  # ids of 16 bits: none is of interest


def _after_space(octets: Octets, position: int, end: int) -> int:
    matched = _SPACE.match(octets, position, end)
    assert matched is not None
    return matched.end()


def _order(big_endian: bool) -> str:
    return ">" if big_endian else "<"
