"""Puts the values of a message, as they come off the wire, together to attributes, collections and groups.

Values of one attribute follow each other; the members of a collection stand between its begin and end, flat (RFC
8010 section 3.1.6). A stack, not recursion: nesting is the sender's choice.
"""

from __future__ import annotations

from everprint.ipp.errors import BadValue, MalformedMessage
from everprint.ipp.message import Attribute, Group
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.value_octets import DECODERS
from everprint.ipp.values import UNKNOWN, Collection, Value

MAX_COLLECTION_DEPTH = 8

_VALUE_TAGS = {int(tag): tag for tag in ValueTag}

# As for keywords: names seen before are not decoded again, and the memory of them is bounded.
_known_names: dict[bytes, str] = {}
_MAX_KNOWN_NAMES = 4096


class GroupBuilder:
    """Collects the values of one group, and of the collections nested in it."""

    __slots__ = ("_level", "_outer_levels", "_tag", "_tolerant")

    def __init__(self, tag: GroupTag, tolerant: bool) -> None:
        self._tag = tag
        self._tolerant = tolerant
        self._level = _Level(tolerant)
        self._outer_levels: list[_Level] = []

    def take(self, tag: int, name_octets: bytes, octets: bytes, offset: int) -> None:
        """The next value; *name_octets* are empty for an additional value and inside collections."""
        level = self._level
        decoder = DECODERS.get(tag)
        if decoder is None:
            self._take_frame(tag, name_octets, octets, offset)
            return
        if name_octets:
            self._begin_attribute(name_octets, offset)
        elif not level.name:
            raise MalformedMessage("an additional value with no attribute before it", offset)
        try:
            value = decoder(level.name, octets)
        except BadValue:
            if not self._tolerant:
                raise
            level.has_bad_value = True
        else:
            level.tags.append(_VALUE_TAGS[tag])
            level.values.append(value)

    def close(self, offset: int) -> Group:
        """The group, at its end."""
        if self._outer_levels:
            raise MalformedMessage("a collection that is not ended", offset)
        return Group(self._tag, self._level.attributes(offset))

    def _begin_attribute(self, name_octets: bytes, offset: int) -> None:
        name = _decode_name(name_octets, offset)
        if self._outer_levels:
            raise MalformedMessage(f"{name} inside a collection that is not ended", offset)
        self._level.begin(name, offset)

    def _take_frame(self, tag: int, name_octets: bytes, octets: bytes, offset: int) -> None:
        """The begin or end of a collection, the name of a member, or a tag that nobody knows."""
        if tag == ValueTag.BEG_COLLECTION:
            if name_octets:
                self._begin_attribute(name_octets, offset)
            self._begin_collection(offset)
        elif tag == ValueTag.END_COLLECTION:
            self._end_collection(offset)
        elif tag == ValueTag.MEMBER_ATTR_NAME:
            if not self._outer_levels or name_octets:
                raise MalformedMessage("a member attribute outside a collection", offset)
            self._level.begin(_decode_name(octets, offset), offset)
        elif self._tolerant:
            if name_octets:
                self._begin_attribute(name_octets, offset)
            self._level.has_bad_value = True
        else:
            raise MalformedMessage(f"0x{tag:02x} is no known value tag", offset)

    def _begin_collection(self, offset: int) -> None:
        if not self._level.name:
            raise MalformedMessage("an additional value with no attribute before it", offset)
        if len(self._outer_levels) >= MAX_COLLECTION_DEPTH:
            raise MalformedMessage("collections nested too deep", offset)
        self._outer_levels.append(self._level)
        self._level = _Level(self._tolerant)

    def _end_collection(self, offset: int) -> None:
        if not self._outer_levels:
            raise MalformedMessage("the end of a collection that was not begun", offset)
        collection = Collection(self._level.attributes(offset))
        self._level = self._outer_levels.pop()
        self._level.tags.append(ValueTag.BEG_COLLECTION)
        self._level.values.append(collection)


class _Level:
    """The attributes of one group or one collection, in order; a name may come once (RFC 8011 section 4.1.3)."""

    __slots__ = ("_finished", "_tolerant", "has_bad_value", "name", "tags", "values")

    def __init__(self, tolerant: bool) -> None:
        self._finished: dict[str, Attribute] = {}
        self._tolerant = tolerant
        self.name = ""  # of the attribute whose values are being taken
        self.tags: list[ValueTag] = []
        self.values: list[Value] = []
        self.has_bad_value = False

    def begin(self, name: str, offset: int) -> None:
        if self.name:
            self._finish(offset)
        if not name:
            raise MalformedMessage("an attribute without a name", offset)
        if name in self._finished and not self._tolerant:
            raise BadValue(name, "is there twice in one group")
        self.name = name

    def attributes(self, offset: int) -> tuple[Attribute, ...]:
        if self.name:
            self._finish(offset)
        return tuple(self._finished.values())

    def _finish(self, offset: int) -> None:
        if not self.values:
            if not self.has_bad_value:
                raise MalformedMessage(f"{self.name} has no value", offset)
            self.tags, self.values = [UNKNOWN.tag], [UNKNOWN]
        self._finished.setdefault(self.name, Attribute(self.name, tuple(self.tags), tuple(self.values)))
        self.name, self.tags, self.values, self.has_bad_value = "", [], [], False


def _decode_name(octets: bytes, offset: int) -> str:
    known = _known_names.get(octets)
    if known is not None:
        return known
    if len(octets) > 255:
        raise MalformedMessage(f"a member attribute name of {len(octets)} octets", offset)
    name = octets.decode("latin-1")
    if not (name.isascii() and name.isprintable()):
        raise MalformedMessage("an attribute name that is not printable US-ASCII", offset)
    if len(_known_names) >= _MAX_KNOWN_NAMES:
        _known_names.clear()
    _known_names[octets] = name
    return name
