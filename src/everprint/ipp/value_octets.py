"""One value to octets and back, syntax by syntax (RFC 8010 section 3.9; limits of RFC 8011 section 5.1).

What is decoded keeps the rules of its syntax, and what breaks them is not encoded either: the rest of the system may
rely on it. Every failure is a BadValue that names the attribute.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

from everprint.ipp.errors import BadValue, ValueTooLong
from everprint.ipp.tags import OUT_OF_BAND, ValueTag
from everprint.ipp.values import (
    MAX_INTEGER,
    MIN_INTEGER,
    IntegerRange,
    LanguageString,
    OutOfBand,
    Resolution,
    ResolutionUnits,
    Value,
)

MAX_OCTETS = 0x7FFF

_SHORT = struct.Struct(">H")
_INTEGER = struct.Struct(">i")
_RANGE = struct.Struct(">ii")
_RESOLUTION = struct.Struct(">iib")
_DATE_TIME = struct.Struct(">HBBBBBBcBB")

# Octet limits of the textual syntaxes (RFC 8011 section 5.1, table 2).
_MAX_TEXT_OCTETS = {
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
_SYNTAX = {
    ValueTag.TEXT: re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*"),
    ValueTag.NAME: re.compile(r"[^\x00-\x1f\x7f]*"),
    ValueTag.KEYWORD: re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"),
    ValueTag.URI: re.compile(r"[\x21-\x7e]*"),
    ValueTag.URI_SCHEME: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*"),
    ValueTag.CHARSET: re.compile(r"[\x21-\x7e]+"),
    ValueTag.NATURAL_LANGUAGE: re.compile(r"[A-Za-z0-9-]+"),
    ValueTag.MIME_MEDIA_TYPE: re.compile(r"[\x20-\x7e]*"),
}
_PLAIN = {ValueTag.TEXT_WITH_LANGUAGE: ValueTag.TEXT, ValueTag.NAME_WITH_LANGUAGE: ValueTag.NAME}

# Keywords come again and again: those already looked at are not looked at again. Cleared when full, so that a
# client that invents keywords cannot make it grow.
_known_keywords: dict[bytes, str] = {}
_MAX_KNOWN_KEYWORDS = 4096

Decoder = Callable[[str, bytes], Value]
Encoder = Callable[[str, Value], bytes]


def _wrong_syntax(attribute: str, tag: ValueTag, value: Value) -> BadValue:
    return BadValue(attribute, f"{value!r} cannot be written with the syntax {_syntax_name(tag)}")


def _syntax_name(tag: ValueTag) -> str:
    return tag.name.lower().replace("_", " ")


def _expect_size(attribute: str, tag: ValueTag, octets: bytes, wanted: int) -> None:
    if len(octets) != wanted:
        raise BadValue(attribute, f"a value of syntax {_syntax_name(tag)} has {wanted} octets, not {len(octets)}")


# Text.


def _check_text(attribute: str, tag: ValueTag, string: str, octets: bytes) -> None:
    if len(octets) > _MAX_TEXT_OCTETS[tag]:
        raise ValueTooLong(attribute, f"{len(octets)} octets where {_MAX_TEXT_OCTETS[tag]} are allowed")
    if not _SYNTAX[tag].fullmatch(string):
        raise BadValue(attribute, f"holds characters that a value of syntax {_syntax_name(tag)} must not")


def _decode_text(tag: ValueTag, attribute: str, octets: bytes) -> str:
    try:
        string = octets.decode("utf-8")
    except UnicodeDecodeError:
        raise BadValue(attribute, "is not valid UTF-8") from None
    _check_text(attribute, tag, string, octets)
    return string


def _decode_keyword(attribute: str, octets: bytes) -> str:
    known = _known_keywords.get(octets)
    if known is not None:
        return known
    string = _decode_text(ValueTag.KEYWORD, attribute, octets)
    if len(_known_keywords) >= _MAX_KNOWN_KEYWORDS:
        _known_keywords.clear()
    _known_keywords[octets] = string
    return string


def _encode_text(tag: ValueTag, attribute: str, value: Value) -> bytes:
    if not isinstance(value, str):
        raise _wrong_syntax(attribute, tag, value)
    try:
        octets = value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadValue(attribute, "holds half of a surrogate pair, which is no character") from None
    _check_text(attribute, tag, value, octets)
    return octets


def _decode_language_string(tag: ValueTag, attribute: str, octets: bytes) -> LanguageString:
    try:
        (language_length,) = _SHORT.unpack_from(octets, 0)
        (text_length,) = _SHORT.unpack_from(octets, 2 + language_length)
    except struct.error:
        raise BadValue(attribute, "a string with language that is too short") from None
    if 4 + language_length + text_length != len(octets):
        raise BadValue(attribute, "the lengths inside a string with language do not add up")
    language = _decode_text(ValueTag.NATURAL_LANGUAGE, attribute, octets[2 : 2 + language_length])
    return LanguageString(_decode_text(_PLAIN[tag], attribute, octets[4 + language_length :]), language)


def _encode_language_string(tag: ValueTag, attribute: str, value: Value) -> bytes:
    if not isinstance(value, LanguageString):
        raise _wrong_syntax(attribute, tag, value)
    language = _encode_text(ValueTag.NATURAL_LANGUAGE, attribute, value.language)
    text = _encode_text(_PLAIN[tag], attribute, value.text)
    return _SHORT.pack(len(language)) + language + _SHORT.pack(len(text)) + text


# Numbers.


def _decode_integer(tag: ValueTag, attribute: str, octets: bytes) -> int:
    if len(octets) != 4:
        _expect_size(attribute, tag, octets, 4)
    return int.from_bytes(octets, "big", signed=True)


def _encode_integer(tag: ValueTag, attribute: str, value: Value) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_syntax(attribute, tag, value)
    return _INTEGER.pack(_in_range(attribute, value))


def _in_range(attribute: str, number: int) -> int:
    if not MIN_INTEGER <= number <= MAX_INTEGER:
        raise BadValue(attribute, f"{number} does not fit an IPP integer")
    return number


def _decode_boolean(attribute: str, octets: bytes) -> bool:
    _expect_size(attribute, ValueTag.BOOLEAN, octets, 1)
    if octets[0] > 1:
        raise BadValue(attribute, f"a boolean is 0 or 1, not {octets[0]}")
    return octets[0] == 1


def _encode_boolean(attribute: str, value: Value) -> bytes:
    if not isinstance(value, bool):
        raise _wrong_syntax(attribute, ValueTag.BOOLEAN, value)
    return b"\x01" if value else b"\x00"


def _decode_range(attribute: str, octets: bytes) -> IntegerRange:
    _expect_size(attribute, ValueTag.RANGE_OF_INTEGER, octets, 8)
    return _sound_range(attribute, IntegerRange(*_RANGE.unpack(octets)))


def _encode_range(attribute: str, value: Value) -> bytes:
    if not isinstance(value, IntegerRange):
        raise _wrong_syntax(attribute, ValueTag.RANGE_OF_INTEGER, value)
    _sound_range(attribute, value)
    return _RANGE.pack(_in_range(attribute, value.lower), _in_range(attribute, value.upper))


def _sound_range(attribute: str, value: IntegerRange) -> IntegerRange:
    if value.lower > value.upper:
        raise BadValue(attribute, f"the range {value} is the wrong way round")
    return value


def _decode_resolution(attribute: str, octets: bytes) -> Resolution:
    _expect_size(attribute, ValueTag.RESOLUTION, octets, 9)
    cross_feed, feed, units = _RESOLUTION.unpack(octets)
    if cross_feed <= 0 or feed <= 0 or units not in (3, 4):
        raise BadValue(attribute, f"{cross_feed}x{feed} in units {units} is no resolution")
    return Resolution(cross_feed, feed, ResolutionUnits(units))


def _encode_resolution(attribute: str, value: Value) -> bytes:
    if not isinstance(value, Resolution):
        raise _wrong_syntax(attribute, ValueTag.RESOLUTION, value)
    if value.cross_feed <= 0 or value.feed <= 0:
        raise BadValue(attribute, f"{value} is no resolution")
    return _RESOLUTION.pack(_in_range(attribute, value.cross_feed), _in_range(attribute, value.feed), value.units)


# Dates, octets, and values that are not there.


def _decode_date_time(attribute: str, octets: bytes) -> datetime:
    _expect_size(attribute, ValueTag.DATE_TIME, octets, 11)
    year, month, day, hour, minute, second, tenths, sign, off_hours, off_minutes = _DATE_TIME.unpack(octets)
    try:
        if sign not in (b"+", b"-") or tenths > 9 or second > 60:
            raise ValueError  # noqa: TRY301 - the same answer as for an impossible date
        offset = timedelta(hours=off_hours, minutes=off_minutes)
        zone = timezone(offset if sign == b"+" else -offset)
        # RFC 2579 allows second 60 for leap seconds; Python does not.
        return datetime(year, month, day, hour, minute, min(second, 59), tenths * 100_000, zone)
    except ValueError:
        raise BadValue(attribute, "is no date and time (RFC 2579 DateAndTime)") from None


def _encode_date_time(attribute: str, value: Value) -> bytes:
    if not isinstance(value, datetime):
        raise _wrong_syntax(attribute, ValueTag.DATE_TIME, value)
    offset = value.utcoffset()
    if offset is None:
        raise BadValue(attribute, "a date and time must know its time zone")
    minutes = int(abs(offset).total_seconds()) // 60
    day = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond // 100_000)
    return _DATE_TIME.pack(*day, b"-" if offset < timedelta() else b"+", minutes // 60, minutes % 60)


def _decode_octets(attribute: str, octets: bytes) -> bytes:
    return octets


def _encode_octets(attribute: str, value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise _wrong_syntax(attribute, ValueTag.OCTET_STRING, value)
    if len(value) > MAX_OCTETS:
        raise ValueTooLong(attribute, f"{len(value)} octets where {MAX_OCTETS} are allowed")
    return value


def _decode_out_of_band(value: OutOfBand, attribute: str, octets: bytes) -> OutOfBand:
    return value


def _encode_out_of_band(tag: ValueTag, attribute: str, value: Value) -> bytes:
    if not isinstance(value, OutOfBand) or value.tag is not tag:
        raise _wrong_syntax(attribute, tag, value)
    return b""


# Every syntax but those that frame collections. Keyed by plain numbers as well: tags off the wire are numbers.
DECODERS: dict[int, Decoder] = {
    ValueTag.BOOLEAN: _decode_boolean,
    ValueTag.OCTET_STRING: _decode_octets,
    ValueTag.RANGE_OF_INTEGER: _decode_range,
    ValueTag.RESOLUTION: _decode_resolution,
    ValueTag.DATE_TIME: _decode_date_time,
    **{tag: partial(_decode_text, tag) for tag in _SYNTAX},
    ValueTag.KEYWORD: _decode_keyword,
    **{tag: partial(_decode_integer, tag) for tag in (ValueTag.INTEGER, ValueTag.ENUM)},
    **{tag: partial(_decode_language_string, tag) for tag in _PLAIN},
    **{tag: partial(_decode_out_of_band, OutOfBand(tag)) for tag in OUT_OF_BAND},
}
ENCODERS: dict[int, Encoder] = {
    ValueTag.BOOLEAN: _encode_boolean,
    ValueTag.OCTET_STRING: _encode_octets,
    ValueTag.RANGE_OF_INTEGER: _encode_range,
    ValueTag.RESOLUTION: _encode_resolution,
    ValueTag.DATE_TIME: _encode_date_time,
    **{tag: partial(_encode_text, tag) for tag in _SYNTAX},
    **{tag: partial(_encode_integer, tag) for tag in (ValueTag.INTEGER, ValueTag.ENUM)},
    **{tag: partial(_encode_language_string, tag) for tag in _PLAIN},
    **{tag: partial(_encode_out_of_band, tag) for tag in OUT_OF_BAND},
}
