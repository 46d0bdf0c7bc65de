"""Octets to messages and back (RFC 8010 section 3).

The reader takes octets as they come and stops at the end-of-attributes tag: what follows is document data. It is
hard on what it is given, because a print server reads what strangers send: every length is checked before use,
every value against its syntax, and the whole is bounded.
"""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta, timezone

from everprint.ipp.errors import BadValue, MalformedMessage, MessageTooLarge, ValueTooLong
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.tags import OUT_OF_BAND, TEXTUAL, GroupTag, ValueTag
from everprint.ipp.values import (
    MAX_INTEGER,
    MIN_INTEGER,
    Collection,
    IntegerRange,
    LanguageString,
    OutOfBand,
    Resolution,
    ResolutionUnits,
    Value,
)

# A driverless printer's full attributes are 20 to 60 kB; nothing honest comes near this.
MAX_MESSAGE_OCTETS = 1 << 20
MAX_ATTRIBUTES = 10_000
MAX_VALUES = 50_000
MAX_COLLECTION_DEPTH = 8

_HEADER = struct.Struct(">BBHi")
_SHORT = struct.Struct(">H")
_INTEGER = struct.Struct(">i")
_RANGE = struct.Struct(">ii")
_RESOLUTION = struct.Struct(">iib")
_DATE_TIME = struct.Struct(">HBBBBBBcBB")

_GROUP_TAGS = {int(tag): tag for tag in GroupTag}
_VALUE_TAGS = {int(tag): tag for tag in ValueTag}

# Octet limits of the textual syntaxes (RFC 8011 section 5.1, table 2).
_MAX_OCTETS = {
    ValueTag.TEXT: 1023,
    ValueTag.NAME: 255,
    ValueTag.KEYWORD: 255,
    ValueTag.URI: 1023,
    ValueTag.URI_SCHEME: 63,
    ValueTag.CHARSET: 63,
    ValueTag.NATURAL_LANGUAGE: 63,
    ValueTag.MIME_MEDIA_TYPE: 255,
}
# Control characters reach log files, terminals and option lists further on: none is let in.
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
_NAME = re.compile(r"[^\x00-\x1f\x7f]*")
_SYNTAX = {
    ValueTag.TEXT: _TEXT,
    ValueTag.NAME: _NAME,
    ValueTag.KEYWORD: re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"),
    ValueTag.URI: re.compile(r"[\x21-\x7e]*"),
    ValueTag.URI_SCHEME: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*"),
    ValueTag.CHARSET: re.compile(r"[\x21-\x7e]+"),
    ValueTag.NATURAL_LANGUAGE: re.compile(r"[A-Za-z0-9-]+"),
    ValueTag.MIME_MEDIA_TYPE: re.compile(r"[\x20-\x7e]*"),
}


def decode(octets: bytes) -> Message:
    """The message that starts the octets; whatever follows its end-of-attributes tag is ignored.

    Raises MalformedMessage, BadValue or MessageTooLarge.
    """
    reader = MessageReader()
    message = reader.feed(octets)
    if message is None:
        raise MalformedMessage("the message ends before its end-of-attributes tag", len(octets))
    return message


class MessageReader:
    """Reads one message from octets that arrive in pieces.

    Feed it until it returns the message; `rest` then holds the first octets of the document. Each piece is
    looked at once: a client that sends octet by octet costs no more than one that sends all at once.
    """

    def __init__(self, max_octets: int = MAX_MESSAGE_OCTETS) -> None:
        self.rest = b""
        self._max_octets = max_octets
        self._buffer = bytearray()
        self._position = 0
        self._header: tuple[int, int, int, int] | None = None
        self._groups: list[Group] = []
        self._open_group: _OpenGroup | None = None
        self._value_count = 0
        self._attribute_count = 0

    def feed(self, octets: bytes) -> Message | None:
        """The message once it is complete, else None.

        Raises MalformedMessage, BadValue or MessageTooLarge.
        """
        self._buffer += octets
        if self._header is None:
            if len(self._buffer) < _HEADER.size:
                return None
            self._header = _HEADER.unpack_from(self._buffer)
            self._position = _HEADER.size
        message = self._read_attributes(self._header)
        if message is None and len(self._buffer) > self._max_octets:
            raise MessageTooLarge(f"the attributes are larger than {self._max_octets} octets")
        return message

    @property
    def request_id(self) -> int:
        """The request-id, so that even a broken request is answered under its own (0 before it is known)."""
        return self._header[3] if self._header else 0

    @property
    def version(self) -> tuple[int, int]:
        """The version-number of the header (2.0 before it is known)."""
        return (self._header[0], self._header[1]) if self._header else (2, 0)

    @property
    def attribute_octets(self) -> int:
        """How many octets the message took so far; the document begins behind them."""
        return self._position

    def _read_attributes(self, header: tuple[int, int, int, int]) -> Message | None:
        buffer = self._buffer
        while self._position < len(buffer):
            tag = buffer[self._position]
            if tag < 0x10:
                self._close_group()
                self._position += 1
                if tag == GroupTag.END:
                    major, minor, code, request_id = header
                    self.rest = bytes(buffer[self._position :])
                    return Message(code, request_id, tuple(self._groups), (major, minor))
                group_tag = _GROUP_TAGS.get(tag)
                if group_tag is None:
                    raise MalformedMessage(f"0x{tag:02x} begins no known attribute group", self._position - 1)
                self._open_group = _OpenGroup(group_tag)
            elif not self._read_value(tag):
                return None
        return None

    def _read_value(self, raw_tag: int) -> bool:
        """Takes one attribute-with-one-value or additional-value; False if it is not all there yet."""
        buffer, start = self._buffer, self._position
        if len(buffer) < start + 3:
            return False
        name_length = _SHORT.unpack_from(buffer, start + 1)[0]
        if name_length > 255:
            raise MalformedMessage(f"an attribute name of {name_length} octets", start + 1)
        value_length_at = start + 3 + name_length
        if len(buffer) < value_length_at + 2:
            return False
        value_length = _SHORT.unpack_from(buffer, value_length_at)[0]
        if value_length > 0x7FFF:
            raise MalformedMessage("a negative value length", value_length_at)
        end = value_length_at + 2 + value_length
        if len(buffer) < end:
            return False
        if self._open_group is None:
            raise MalformedMessage("an attribute before any attribute group", start)
        tag = _VALUE_TAGS.get(raw_tag)
        if tag is None:
            raise MalformedMessage(f"0x{raw_tag:02x} is no known value tag", start)
        try:
            attribute_name = buffer[start + 3 : value_length_at].decode("ascii")
        except UnicodeDecodeError:
            raise MalformedMessage("an attribute name that is not US-ASCII", start + 3) from None
        self._value_count += 1
        if name_length:
            self._attribute_count += 1
        if self._value_count > MAX_VALUES or self._attribute_count > MAX_ATTRIBUTES:
            raise MessageTooLarge(f"more than {MAX_ATTRIBUTES} attributes or {MAX_VALUES} values in one message")
        self._open_group.take(tag, attribute_name, bytes(buffer[value_length_at + 2 : end]), start)
        self._position = end
        return True

    def _close_group(self) -> None:
        if self._open_group is not None:
            self._groups.append(self._open_group.close(self._position))
            self._open_group = None


class _OpenGroup:
    """Collects the values of a group, and of the collections nested in it."""

    def __init__(self, tag: GroupTag) -> None:
        self._tag = tag
        self._levels = [_AttributeList()]

    def take(self, tag: ValueTag, attribute_name: str, octets: bytes, offset: int) -> None:
        level = self._levels[-1]
        nested = len(self._levels) > 1
        if tag is ValueTag.MEMBER_ATTR_NAME:
            if not nested or attribute_name:
                raise MalformedMessage("a member attribute outside a collection", offset)
            try:
                level.begin(octets.decode("ascii"), offset)
            except UnicodeDecodeError:
                raise MalformedMessage("a member attribute name that is not US-ASCII", offset) from None
        elif tag is ValueTag.END_COLLECTION:
            if not nested:
                raise MalformedMessage("the end of a collection that was not begun", offset)
            self._levels.pop()
            self._levels[-1].add(ValueTag.BEG_COLLECTION, Collection(level.attributes(offset)), offset)
        else:
            if nested and attribute_name:
                raise MalformedMessage(f"{attribute_name} inside a collection that is not ended", offset)
            if attribute_name:
                level.begin(attribute_name, offset)
            if tag is ValueTag.BEG_COLLECTION:
                if len(self._levels) > MAX_COLLECTION_DEPTH:
                    raise MalformedMessage("collections nested too deep", offset)
                level.expect_name(offset)
                self._levels.append(_AttributeList())
            else:
                level.add(tag, _decode_value(level.expect_name(offset), tag, octets), offset)

    def close(self, offset: int) -> Group:
        if len(self._levels) > 1:
            raise MalformedMessage("a collection that is not ended", offset)
        return Group(self._tag, self._levels[0].attributes(offset))


class _AttributeList:
    """The attributes of one group or one collection, in order; a name may come once (RFC 8011 section 4.1.3)."""

    def __init__(self) -> None:
        self._finished: dict[str, Attribute] = {}
        self._name = ""
        self._tags: list[ValueTag] = []
        self._values: list[Value] = []

    def begin(self, attribute_name: str, offset: int) -> None:
        self._finish(offset)
        if not attribute_name:
            raise MalformedMessage("an attribute without a name", offset)
        if attribute_name in self._finished:
            raise BadValue(attribute_name, "is there twice in one group")
        self._name = attribute_name

    def expect_name(self, offset: int) -> str:
        if not self._name:
            raise MalformedMessage("an additional value with no attribute before it", offset)
        return self._name

    def add(self, tag: ValueTag, value: Value, offset: int) -> None:
        self.expect_name(offset)
        self._tags.append(tag)
        self._values.append(value)

    def attributes(self, offset: int) -> tuple[Attribute, ...]:
        self._finish(offset)
        return tuple(self._finished.values())

    def _finish(self, offset: int) -> None:
        if self._name:
            if not self._values:
                raise MalformedMessage(f"{self._name} has no value", offset)
            self._finished[self._name] = Attribute(self._name, tuple(self._tags), tuple(self._values))
            self._name, self._tags, self._values = "", [], []


def _decode_value(attribute: str, tag: ValueTag, octets: bytes) -> Value:
    if tag in TEXTUAL:
        return _decode_text(attribute, tag, octets)
    if tag in OUT_OF_BAND:
        return OutOfBand(tag)
    size = len(octets)
    if tag is ValueTag.INTEGER or tag is ValueTag.ENUM:
        _expect_size(attribute, tag, size, 4)
        number: int = _INTEGER.unpack(octets)[0]
        return number
    if tag is ValueTag.BOOLEAN:
        _expect_size(attribute, tag, size, 1)
        if octets[0] > 1:
            raise BadValue(attribute, f"a boolean is 0 or 1, not {octets[0]}")
        return octets[0] == 1
    if tag is ValueTag.OCTET_STRING:
        return octets
    if tag is ValueTag.RANGE_OF_INTEGER:
        _expect_size(attribute, tag, size, 8)
        lower, upper = _RANGE.unpack(octets)
        if lower > upper:
            raise BadValue(attribute, f"the range {lower}-{upper} is the wrong way round")
        return IntegerRange(lower, upper)
    if tag is ValueTag.RESOLUTION:
        _expect_size(attribute, tag, size, 9)
        return _decode_resolution(attribute, octets)
    if tag is ValueTag.DATE_TIME:
        _expect_size(attribute, tag, size, 11)
        return _decode_date_time(attribute, octets)
    return _decode_language_string(attribute, tag, octets)


def _expect_size(attribute: str, tag: ValueTag, size: int, wanted: int) -> None:
    if size != wanted:
        syntax = tag.name.lower().replace("_", " ")
        raise BadValue(attribute, f"a value of syntax {syntax} has {wanted} octets, not {size}")


def _decode_text(attribute: str, tag: ValueTag, octets: bytes) -> str:
    if len(octets) > _MAX_OCTETS[tag]:
        raise ValueTooLong(attribute, f"{len(octets)} octets where {_MAX_OCTETS[tag]} are allowed")
    try:
        string = octets.decode("utf-8")
    except UnicodeDecodeError:
        raise BadValue(attribute, "is not valid UTF-8") from None
    if not _SYNTAX[tag].fullmatch(string):
        syntax = tag.name.lower().replace("_", " ")
        raise BadValue(attribute, f"holds characters that a value of syntax {syntax} must not")
    return string


def _decode_resolution(attribute: str, octets: bytes) -> Resolution:
    cross_feed, feed, units = _RESOLUTION.unpack(octets)
    if cross_feed <= 0 or feed <= 0 or units not in (3, 4):
        raise BadValue(attribute, f"{cross_feed}x{feed} in units {units} is no resolution")
    return Resolution(cross_feed, feed, ResolutionUnits(units))


def _decode_date_time(attribute: str, octets: bytes) -> datetime:
    year, month, day, hour, minute, second, tenths, sign, off_hours, off_minutes = _DATE_TIME.unpack(octets)
    try:
        if sign not in (b"+", b"-") or tenths > 9:
            raise ValueError  # noqa: TRY301 - the same answer as for an impossible date
        offset = timedelta(hours=off_hours, minutes=off_minutes)
        zone = timezone(offset if sign == b"+" else -offset)
        # RFC 2579 allows second 60 for leap seconds; Python does not.
        return datetime(year, month, day, hour, minute, min(second, 59), tenths * 100_000, zone)
    except ValueError:
        raise BadValue(attribute, "is no date and time (RFC 2579 DateAndTime)") from None


def _decode_language_string(attribute: str, tag: ValueTag, octets: bytes) -> LanguageString:
    try:
        (language_length,) = _SHORT.unpack_from(octets, 0)
        (text_length,) = _SHORT.unpack_from(octets, 2 + language_length)
    except struct.error:
        raise BadValue(attribute, "a string with language that is too short") from None
    if 4 + language_length + text_length != len(octets):
        raise BadValue(attribute, "the lengths inside a string with language do not add up")
    language = _decode_text(attribute, ValueTag.NATURAL_LANGUAGE, octets[2 : 2 + language_length])
    plain = ValueTag.TEXT if tag is ValueTag.TEXT_WITH_LANGUAGE else ValueTag.NAME
    return LanguageString(_decode_text(attribute, plain, octets[4 + language_length :]), language)


def encode(message: Message) -> bytes:
    """The octets of a message; document data may follow them.

    Raises BadValue for a value that its syntax cannot carry.
    """
    out = bytearray(_HEADER.pack(*message.version, message.code, message.request_id))
    for group in message.groups:
        out.append(group.tag)
        for attribute in group.attributes:
            _encode_attribute(out, attribute.name.encode("ascii"), attribute)
    out.append(GroupTag.END)
    return bytes(out)


def encode_attributes(attributes: tuple[Attribute, ...]) -> bytes:
    """The octets of attributes alone, for answers that are put together from prepared pieces."""
    out = bytearray()
    for attribute in attributes:
        _encode_attribute(out, attribute.name.encode("ascii"), attribute)
    return bytes(out)


def _encode_attribute(out: bytearray, name_octets: bytes, attribute: Attribute) -> None:
    for tag, value in zip(attribute.tags, attribute.values, strict=True):
        out.append(tag)
        out += _SHORT.pack(len(name_octets))
        out += name_octets
        name_octets = b""
        if isinstance(value, Collection):
            out += b"\x00\x00"
            _encode_members(out, value)
        else:
            octets = _encode_value(attribute.name, tag, value)
            out += _SHORT.pack(len(octets))
            out += octets


def _encode_members(out: bytearray, value: Collection) -> None:
    for member in value.members:
        name_octets = member.name.encode("ascii")
        out.append(ValueTag.MEMBER_ATTR_NAME)
        out += b"\x00\x00"
        out += _SHORT.pack(len(name_octets))
        out += name_octets
        _encode_attribute(out, b"", member)
    out.append(ValueTag.END_COLLECTION)
    out += b"\x00\x00\x00\x00"


def _encode_value(attribute: str, tag: ValueTag, value: Value) -> bytes:
    if isinstance(value, str) and tag in TEXTUAL:
        return _encode_text(attribute, tag, value)
    if isinstance(value, bool) and tag is ValueTag.BOOLEAN:
        return b"\x01" if value else b"\x00"
    if isinstance(value, int) and not isinstance(value, bool) and tag in (ValueTag.INTEGER, ValueTag.ENUM):
        return _INTEGER.pack(_in_range(attribute, value))
    if isinstance(value, OutOfBand):
        return b""
    if isinstance(value, IntegerRange):
        return _RANGE.pack(_in_range(attribute, value.lower), _in_range(attribute, value.upper))
    if isinstance(value, Resolution):
        return _RESOLUTION.pack(value.cross_feed, value.feed, value.units)
    if isinstance(value, datetime):
        return _encode_date_time(attribute, value)
    if isinstance(value, LanguageString):
        plain = ValueTag.TEXT if tag is ValueTag.TEXT_WITH_LANGUAGE else ValueTag.NAME
        language = _encode_text(attribute, ValueTag.NATURAL_LANGUAGE, value.language)
        text_octets = _encode_text(attribute, plain, value.text)
        return _SHORT.pack(len(language)) + language + _SHORT.pack(len(text_octets)) + text_octets
    if isinstance(value, bytes) and tag is ValueTag.OCTET_STRING and len(value) <= 0x7FFF:
        return value
    raise BadValue(attribute, f"{value!r} cannot be written with the syntax {tag.name}")


def _encode_text(attribute: str, tag: ValueTag, string: str) -> bytes:
    octets = string.encode("utf-8")
    if len(octets) > _MAX_OCTETS[tag]:
        raise ValueTooLong(attribute, f"{len(octets)} octets where {_MAX_OCTETS[tag]} are allowed")
    return octets


def _in_range(attribute: str, number: int) -> int:
    if not MIN_INTEGER <= number <= MAX_INTEGER:
        raise BadValue(attribute, f"{number} does not fit an IPP integer")
    return number


def _encode_date_time(attribute: str, moment: datetime) -> bytes:
    if moment.tzinfo is None:
        raise BadValue(attribute, "a date and time must know its time zone")
    offset = moment.utcoffset() or timedelta()
    sign = b"-" if offset < timedelta() else b"+"
    minutes = abs(int(offset.total_seconds())) // 60
    return _DATE_TIME.pack(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond // 100_000,
        sign,
        minutes // 60,
        minutes % 60,
    )
