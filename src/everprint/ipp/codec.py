"""Octets to messages and back (RFC 8010 section 3).

The reader takes octets as they come and stops at the end-of-attributes tag: what follows is document data. It is
hard on what it is given, because a print server reads what strangers send: every length is checked before use,
every value against its syntax, and the whole is bounded. Values are the matter of value_octets, the nesting of
attributes that of attribute_builder.
"""

from __future__ import annotations

import struct

from everprint.ipp.attribute_builder import GroupBuilder
from everprint.ipp.errors import BadValue, MalformedMessage, MessageTooLarge
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.value_octets import ENCODERS
from everprint.ipp.values import Collection

# A driverless printer's full attributes are 20 to 60 kB; nothing honest comes near this.
MAX_MESSAGE_OCTETS = 1 << 20
MAX_ATTRIBUTES = 10_000
MAX_VALUES = 50_000
MAX_NAME_OCTETS = 255

_HEADER = struct.Struct(">BBHi")
_SHORT = struct.Struct(">H")
_GROUP_TAGS = {int(tag): tag for tag in GroupTag}
_FIRST_VALUE_TAG = 0x10


def decode(octets: bytes, *, tolerant: bool = False) -> Message:
    """The message that starts the octets; whatever follows its end-of-attributes tag is ignored.

    *tolerant* as for MessageReader. Raises MalformedMessage, BadValue or MessageTooLarge.
    """
    message = MessageReader(tolerant=tolerant).feed(octets)
    if message is None:
        raise MalformedMessage("the message ends before its end-of-attributes tag", len(octets))
    return message


class MessageReader:
    """Reads one message from octets that arrive in pieces.

    Feed it until it returns the message; `rest` then holds the first octets of the document. Each attribute is
    looked at once, however small the pieces are.

    A tolerant reader is for printers' answers: real printers send a date of all zeros, a keyword with a blank, an
    attribute twice. It leaves such values out (an attribute that has none left is *unknown*) and still refuses
    whatever is not framed as a message.
    """

    def __init__(self, max_octets: int = MAX_MESSAGE_OCTETS, *, tolerant: bool = False) -> None:
        self.rest = b""
        self._max_octets = max_octets
        self._tolerant = tolerant
        self._buffer = b""  # what is not read yet, when it is fed
        self._buffer_offset = 0  # of its first octet within the message
        self._position = 0
        self._header: tuple[int, int, int, int] | None = None
        self._groups: list[Group] = []
        self._open_group: GroupBuilder | None = None
        self._value_count = 0
        self._attribute_count = 0

    def feed(self, octets: bytes) -> Message | None:
        """The message once it is complete, else None.

        Raises MalformedMessage, BadValue or MessageTooLarge.
        """
        self._buffer_offset += self._position
        self._buffer = self._buffer[self._position :] + octets
        self._position = 0
        if self._header is None:
            if len(self._buffer) < _HEADER.size:
                return None
            self._header = _HEADER.unpack_from(self._buffer)
            self._position = _HEADER.size
        message = self._read_attributes(self._header)
        # An unfinished message is as large as all that came; a finished one ends where its document begins.
        if self.attribute_octets + (len(self._buffer) - self._position if message is None else 0) > self._max_octets:
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
    def has_header(self) -> bool:
        """True once the first eight octets are there: from then on a client can be answered in IPP."""
        return self._header is not None

    @property
    def attribute_octets(self) -> int:
        """How many octets the message took so far; the document begins behind them."""
        return self._buffer_offset + self._position

    def _read_attributes(self, header: tuple[int, int, int, int]) -> Message | None:
        buffer = self._buffer
        while self._position < len(buffer):
            tag = buffer[self._position]
            if tag >= _FIRST_VALUE_TAG:
                if not self._read_values(buffer):
                    return None
                continue
            if self._open_group is not None:
                self._groups.append(self._open_group.close(self.attribute_octets))
                self._open_group = None
            group_tag = _GROUP_TAGS.get(tag)
            if group_tag is None:
                raise MalformedMessage(f"0x{tag:02x} begins no known attribute group", self.attribute_octets)
            self._position += 1
            if group_tag is GroupTag.END:
                major, minor, code, request_id = header
                self.rest = buffer[self._position :]
                return Message(code, request_id, tuple(self._groups), (major, minor))
            self._open_group = GroupBuilder(group_tag, self._tolerant)
        return None

    def _read_values(self, buffer: bytes) -> bool:
        """Takes attributes and additional values up to the next delimiter; False if it is not all there yet."""
        group = self._open_group
        if group is None:
            raise MalformedMessage("an attribute before any attribute group", self.attribute_octets)
        start, size, shift = self._position, len(buffer), self._buffer_offset
        try:
            while start + 5 <= size and buffer[start] >= _FIRST_VALUE_TAG:
                value_at = start + 5 + (buffer[start + 1] << 8 | buffer[start + 2])
                if value_at > start + 5 + MAX_NAME_OCTETS:
                    raise MalformedMessage(f"an attribute name of {value_at - start - 5} octets", shift + start + 1)
                if value_at > size:
                    return False
                end = value_at + (buffer[value_at - 2] << 8 | buffer[value_at - 1])
                if end - value_at > 0x7FFF:
                    raise MalformedMessage("a negative value length", shift + value_at - 2)
                if end > size:
                    return False
                self._value_count += 1
                if value_at > start + 5:
                    self._attribute_count += 1
                group.take(buffer[start], buffer[start + 3 : value_at - 2], buffer[value_at:end], shift + start)
                start = end
                if self._value_count > MAX_VALUES or self._attribute_count > MAX_ATTRIBUTES:
                    raise MessageTooLarge(f"more than {MAX_ATTRIBUTES} attributes or {MAX_VALUES} values")
            return start < size and buffer[start] < _FIRST_VALUE_TAG
        finally:
            self._position = start


def encode(message: Message) -> bytes:
    """The octets of a message; document data may follow them.

    Raises BadValue for a value that its syntax cannot carry.
    """
    major, minor = message.version
    out = bytearray(_HEADER.pack(major, minor, message.code, message.request_id))
    for group in message.groups:
        out.append(group.tag)
        for attribute in group.attributes:
            _encode_attribute(out, _name_octets(attribute.name), attribute)
    out.append(GroupTag.END)
    return bytes(out)


def encode_attributes(attributes: tuple[Attribute, ...]) -> bytes:
    """The octets of attributes alone, for answers that are put together from prepared pieces."""
    out = bytearray()
    for attribute in attributes:
        _encode_attribute(out, _name_octets(attribute.name), attribute)
    return bytes(out)


def _encode_attribute(out: bytearray, framed_name: bytes, attribute: Attribute) -> None:
    if not attribute.values:
        raise BadValue(attribute.name, "has no value: leave it out, or say no-value")
    for tag, value in zip(attribute.tags, attribute.values, strict=True):
        out.append(tag)
        out += framed_name
        framed_name = b"\x00\x00"
        encoder = ENCODERS.get(tag)
        if encoder is not None:
            octets = encoder(attribute.name, value)
            out += _SHORT.pack(len(octets))
            out += octets
        elif isinstance(value, Collection) and tag is ValueTag.BEG_COLLECTION:
            out += b"\x00\x00"
            _encode_members(out, value)
        else:
            raise BadValue(attribute.name, f"{value!r} cannot be written with the tag {tag.name}")


def _encode_members(out: bytearray, value: Collection) -> None:
    for member in value.members:
        out.append(ValueTag.MEMBER_ATTR_NAME)
        out += b"\x00\x00"
        out += _name_octets(member.name)
        _encode_attribute(out, b"\x00\x00", member)
    out.append(ValueTag.END_COLLECTION)
    out += b"\x00\x00\x00\x00"


def _name_octets(name: str) -> bytes:
    """An attribute's name behind its length."""
    if not name or len(name) > MAX_NAME_OCTETS or not name.isascii():
        raise BadValue(name, f"is no attribute name of 1 to {MAX_NAME_OCTETS} US-ASCII characters")
    return _SHORT.pack(len(name)) + name.encode("ascii")
