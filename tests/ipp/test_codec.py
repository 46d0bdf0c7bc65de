"""The codec: what the standard's own example says, every syntax both ways, and every way to be broken."""

from __future__ import annotations

import contextlib
import string
import struct
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from everprint.ipp import message as m
from everprint.ipp.attribute_builder import MAX_COLLECTION_DEPTH
from everprint.ipp.codec import MAX_ATTRIBUTES, MAX_VALUES, MessageReader, decode, encode, encode_attributes
from everprint.ipp.errors import BadValue, IppError, MalformedMessage, MessageTooLarge, ValueTooLong
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.tags import OUT_OF_BAND, GroupTag, ValueTag
from everprint.ipp.values import (
    MAX_INTEGER,
    MIN_INTEGER,
    UNKNOWN,
    Collection,
    IntegerRange,
    LanguageString,
    OutOfBand,
    Resolution,
    ResolutionUnits,
    Value,
)

# Octets by hand, so that the codec is not checked against itself.


def framed(tag: int, name: bytes, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


HEADER = b"\x02\x00\x00\x0b\x00\x00\x00\x07"
END = b"\x03"


def body(*parts: bytes, group: bytes = b"\x01") -> bytes:
    return HEADER + group + b"".join(parts) + END


# RFC 8010 appendix A.1: a Print-Job request.
PRINT_JOB = (
    b"\x01\x01\x00\x02\x00\x00\x00\x01\x01"
    b"\x47\x00\x12attributes-charset\x00\x05utf-8"
    b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    b"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree"
    b"\x42\x00\x08job-name\x00\x06foobar"
    b"\x22\x00\x16ipp-attribute-fidelity\x00\x01\x01"
    b"\x02"
    b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x14"
    b"\x44\x00\x05sides\x00\x13two-sided-long-edge"
    b"\x03%!PDF..."
)


def test_the_standards_example_is_read() -> None:
    reader = MessageReader()
    message = reader.feed(PRINT_JOB)
    assert message is not None
    assert (message.version, message.code, message.request_id) == ((1, 1), Operation.PRINT_JOB, 1)
    assert message.operation.string("job-name") == "foobar"
    assert message.operation.boolean("ipp-attribute-fidelity") is True
    assert message.job.integer("copies") == 20
    assert message.job.string("sides") == "two-sided-long-edge"
    assert reader.rest == b"%!PDF..."
    assert encode(message) + reader.rest == PRINT_JOB
    assert reader.attribute_octets == len(PRINT_JOB) - len(reader.rest)


HALF_PAST_NOON = datetime(2026, 2, 28, 12, 30, 45, 500_000, timezone(-timedelta(hours=3, minutes=30)))
SYNTAXES: list[tuple[ValueTag, bytes, Value]] = [
    (ValueTag.INTEGER, b"\x80\x00\x00\x00", MIN_INTEGER),
    (ValueTag.INTEGER, b"\x7f\xff\xff\xff", MAX_INTEGER),
    (ValueTag.ENUM, b"\x00\x00\x00\x03", 3),
    (ValueTag.BOOLEAN, b"\x01", True),
    (ValueTag.BOOLEAN, b"\x00", False),
    (ValueTag.OCTET_STRING, b"\x00\xff\n", b"\x00\xff\n"),
    (ValueTag.DATE_TIME, b"\x07\xea\x02\x1c\x0c\x1e\x2d\x05-\x03\x1e", HALF_PAST_NOON),
    (ValueTag.RESOLUTION, b"\x00\x00\x02\x58\x00\x00\x01\x2c\x03", Resolution(600, 300)),
    (ValueTag.RESOLUTION, b"\x00\x00\x00\x01\x00\x00\x00\x01\x04", Resolution(1, 1, ResolutionUnits.DOTS_PER_CM)),
    (ValueTag.RANGE_OF_INTEGER, b"\xff\xff\xff\xff\x00\x00\x00\x05", IntegerRange(-1, 5)),
    (ValueTag.TEXT_WITH_LANGUAGE, b"\x00\x02de\x00\x06Gr\xc3\xb6\xc3\x9f", LanguageString("Größ", "de")),
    (ValueTag.NAME_WITH_LANGUAGE, b"\x00\x02en\x00\x04page", LanguageString("page", "en")),
    (ValueTag.TEXT, "two\nlines\t€".encode(), "two\nlines\t€"),
    (ValueTag.NAME, b"Anna", "Anna"),
    (ValueTag.NAME, b"", ""),
    (ValueTag.KEYWORD, b"na_letter_8.5x11in", "na_letter_8.5x11in"),
    (ValueTag.URI, b"ipp://h/%20", "ipp://h/%20"),
    (ValueTag.URI_SCHEME, b"ipps", "ipps"),
    (ValueTag.CHARSET, b"utf-8", "utf-8"),
    (ValueTag.NATURAL_LANGUAGE, b"de-ch", "de-ch"),
    (ValueTag.MIME_MEDIA_TYPE, b"text/plain; charset=utf-8", "text/plain; charset=utf-8"),
    *((tag, b"", OutOfBand(tag)) for tag in OUT_OF_BAND),
]


@pytest.mark.parametrize(("tag", "octets", "value"), SYNTAXES)
def test_every_syntax_both_ways(tag: ValueTag, octets: bytes, value: Value) -> None:
    message = Message(0x0B, 7, (Group(GroupTag.OPERATION, (Attribute.of("a", tag, value),)),))
    assert decode(body(framed(tag, b"a", octets))) == message
    assert encode(message) == body(framed(tag, b"a", octets))


def test_the_table_of_syntaxes_is_complete() -> None:
    frames = {ValueTag.BEG_COLLECTION, ValueTag.END_COLLECTION, ValueTag.MEMBER_ATTR_NAME}
    assert {tag for tag, _, _ in SYNTAXES} == set(ValueTag) - frames


# Values that break their syntax: refused both from the wire and on to it.


@pytest.mark.parametrize(
    ("tag", "octets"),
    [
        (ValueTag.INTEGER, b""),
        (ValueTag.INTEGER, b"\x00\x00\x01"),
        (ValueTag.INTEGER, b"\x00\x00\x00\x00\x01"),
        (ValueTag.ENUM, b"\x00"),
        (ValueTag.BOOLEAN, b""),
        (ValueTag.BOOLEAN, b"\x02"),
        (ValueTag.BOOLEAN, b"\x01\x01"),
        (ValueTag.RESOLUTION, b"\x00\x00\x02\x58\x00\x00\x02\x58"),
        (ValueTag.RESOLUTION, b"\x00\x00\x02\x58\x00\x00\x02\x58\x05"),
        (ValueTag.RESOLUTION, b"\xff\xff\xff\xff\x00\x00\x02\x58\x03"),
        (ValueTag.RESOLUTION, b"\x00\x00\x00\x00\x00\x00\x02\x58\x03"),
        (ValueTag.RANGE_OF_INTEGER, b"\x00\x00\x00\x02\x00\x00\x00\x01"),
        (ValueTag.RANGE_OF_INTEGER, b"\x00\x00\x00\x02"),
        (ValueTag.DATE_TIME, bytes(11)),
        (ValueTag.DATE_TIME, b"\x07\xea\x02\x1e\x0c\x1e\x2d\x05+\x00\x00"),
        (ValueTag.DATE_TIME, b"\x07\xea\x02\x1c\x0c\x1e\x3d\x05+\x00\x00"),
        (ValueTag.DATE_TIME, b"\x07\xea\x02\x1c\x0c\x1e\x2d\x05*\x00\x00"),
        (ValueTag.DATE_TIME, b"\x07\xea\x02\x1c\x0c\x1e\x2d\x05+\x18\x00"),
        (ValueTag.TEXT_WITH_LANGUAGE, b""),
        (ValueTag.TEXT_WITH_LANGUAGE, b"\x00\x02en"),
        (ValueTag.TEXT_WITH_LANGUAGE, b"\x00\x02en\x00\x09page"),
        (ValueTag.TEXT_WITH_LANGUAGE, b"\x00\x02en\x00\x03page"),
        (ValueTag.TEXT_WITH_LANGUAGE, b"\xff\xffen\x00\x04page"),
        (ValueTag.NAME_WITH_LANGUAGE, b"\x00\x00\x00\x04page"),
        (ValueTag.NAME_WITH_LANGUAGE, b"\x00\x02en\x00\x04pa\ne"),
        (ValueTag.TEXT, b"\xff"),
        (ValueTag.TEXT, b"nul\x00"),
        (ValueTag.TEXT, b"\x1b[2J"),
        (ValueTag.NAME, b"two\nlines"),
        (ValueTag.NAME, b"\x7f"),
        (ValueTag.NAME, b"\xed\xa0\x80"),
        (ValueTag.KEYWORD, b""),
        (ValueTag.KEYWORD, b"a b"),
        (ValueTag.KEYWORD, b"-a"),
        (ValueTag.KEYWORD, "ä".encode()),
        (ValueTag.KEYWORD, b"a\n"),
        (ValueTag.URI, b"ipp://h/ x"),
        (ValueTag.URI, b"ipp://h/\r\nx"),
        (ValueTag.URI_SCHEME, b"1pp"),
        (ValueTag.CHARSET, b""),
        (ValueTag.NATURAL_LANGUAGE, b"e n"),
        (ValueTag.MIME_MEDIA_TYPE, b"a/b\n"),
    ],
)
def test_a_value_that_breaks_its_syntax_is_refused_by_name(tag: ValueTag, octets: bytes) -> None:
    with pytest.raises(BadValue, match="job-thing: ") as caught:
        decode(body(framed(tag, b"job-thing", octets)))
    assert caught.value.attribute == "job-thing"


LONGEST = {
    ValueTag.TEXT: 1023,
    ValueTag.NAME: 255,
    ValueTag.KEYWORD: 255,
    ValueTag.URI: 1023,
    ValueTag.URI_SCHEME: 63,
    ValueTag.CHARSET: 63,
    ValueTag.NATURAL_LANGUAGE: 63,
    ValueTag.MIME_MEDIA_TYPE: 255,
}


@pytest.mark.parametrize(("tag", "longest"), LONGEST.items())
def test_text_is_as_long_as_its_syntax_allows_and_no_longer(tag: ValueTag, longest: int) -> None:
    assert decode(body(framed(tag, b"a", b"x" * longest))).operation.string("a") == "x" * longest
    with pytest.raises(ValueTooLong):
        decode(body(framed(tag, b"a", b"x" * (longest + 1))))
    with pytest.raises(ValueTooLong):
        encode_attributes((Attribute.of("a", tag, "x" * (longest + 1)),))


@pytest.mark.parametrize(
    "attribute",
    [
        m.integer("a", MAX_INTEGER + 1),
        m.integer("a", MIN_INTEGER - 1),
        Attribute.of("a", ValueTag.INTEGER, True),
        Attribute.of("a", ValueTag.INTEGER, "1"),
        Attribute.of("a", ValueTag.BOOLEAN, 1),
        Attribute.of("a", ValueTag.INTEGER, IntegerRange(1, 2)),
        Attribute.of("a", ValueTag.KEYWORD, b"x"),
        Attribute.of("a", ValueTag.OCTET_STRING, "x"),
        Attribute.of("a", ValueTag.OCTET_STRING, bytes(0x8000)),
        Attribute.of("a", ValueTag.TEXT, LanguageString("x", "en")),
        Attribute.of("a", ValueTag.TEXT_WITH_LANGUAGE, "x"),
        Attribute.of("a", ValueTag.NO_VALUE, UNKNOWN),
        Attribute.of("a", ValueTag.NO_VALUE, ""),
        Attribute.of("a", ValueTag.BEG_COLLECTION, "x"),
        Attribute.of("a", ValueTag.END_COLLECTION, Collection(())),
        Attribute.of("a", ValueTag.MEMBER_ATTR_NAME, "x"),
        m.range_of_integer("a", IntegerRange(2, 1)),
        m.range_of_integer("a", IntegerRange(0, MAX_INTEGER + 1)),
        m.resolution("a", Resolution(0, 600)),
        m.date_time("a", datetime(2026, 1, 1)),  # noqa: DTZ001 - the point
        m.name("a", "bell\x07"),
        m.name("a", "\ud800"),
        m.keyword("a", "two words"),
        m.keyword("a"),
        m.keyword("", "x"),
        m.keyword("ä", "x"),
        m.keyword("a" * 256, "x"),
        m.collection("a", [m.keyword("", "x")]),
    ],
)
def test_what_a_syntax_cannot_carry_is_not_written(attribute: Attribute) -> None:
    with pytest.raises(BadValue):
        encode_attributes((attribute,))


# Messages that are broken as a whole.

NUMBER = framed(0x21, b"a", b"\x00\x00\x00\x01")
BEGIN = framed(0x34, b"media-col", b"")
MEMBER = framed(0x4A, b"", b"media-key") + framed(0x44, b"", b"a4")
END_COLLECTION = framed(0x37, b"", b"")


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (HEADER + NUMBER + END, "before any attribute group"),
        (HEADER + b"\x00" + END, "0x00 begins no known attribute group"),
        (HEADER + b"\x0f" + END, "0x0f begins no known attribute group"),
        (body(framed(0x18, b"a", b"")), "0x18 is no known value tag"),
        (body(framed(0x7F, b"a", b"\x00\x00\x00\x21")), "0x7f is no known value tag"),
        (body(framed(0xFF, b"a", b"")), "0xff is no known value tag"),
        (body(framed(0x21, b"", b"\x00\x00\x00\x01")), "no attribute before it"),
        (body(b"\x21\xff\xff\x00\x00"), "attribute name of 65535 octets"),
        (body(b"\x21\x01\x00" + b"a" * 300), "attribute name of 256 octets"),
        (body(b"\x21\x00\x01a\xff\xff"), "negative value length"),
        (body(b"\x21\x00\x01a\x80\x00"), "negative value length"),
        (body(framed(0x21, b"\xc3\xa4", b"\x00\x00\x00\x01")), "not printable US-ASCII"),
        (body(framed(0x21, b"a\n", b"\x00\x00\x00\x01")), "not printable US-ASCII"),
        (body(BEGIN), "not ended"),
        (body(BEGIN, NUMBER, END_COLLECTION), "inside a collection that is not ended"),
        (body(BEGIN, framed(0x44, b"", b"a4"), END_COLLECTION), "no attribute before it"),
        (body(BEGIN, framed(0x4A, b"", b"media-key"), END_COLLECTION), "media-key has no value"),
        (body(BEGIN, framed(0x4A, b"", b""), END_COLLECTION), "without a name"),
        (body(BEGIN, framed(0x4A, b"", b"x" * 256), END_COLLECTION), "member attribute name of 256"),
        (body(BEGIN, framed(0x4A, b"x", b"media-key"), END_COLLECTION), "outside a collection"),
        (body(MEMBER), "member attribute outside a collection"),
        (body(END_COLLECTION), "the end of a collection that was not begun"),
        (body(framed(0x34, b"", b""), END_COLLECTION), "no attribute before it"),
        (body(BEGIN, (framed(0x4A, b"", b"m") + framed(0x34, b"", b"")) * 8), "nested too deep"),
    ],
)
def test_a_broken_message_is_refused_with_what_and_where(octets: bytes, complaint: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode(octets)
    assert complaint in str(caught.value)
    assert 0 < caught.value.offset <= len(octets)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 20, len(PRINT_JOB) - 9])
def test_a_message_that_ends_too_early_is_refused(length: int) -> None:
    with pytest.raises(MalformedMessage, match="ends before"):
        decode(PRINT_JOB[:length])


def test_an_attribute_twice_in_one_group_is_refused() -> None:
    with pytest.raises(BadValue, match="twice"):
        decode(body(NUMBER, framed(0x21, b"b", b"\x00\x00\x00\x01"), NUMBER))
    both = decode(HEADER + b"\x01" + NUMBER + b"\x02" + NUMBER + END)
    assert [group.integer("a") for group in both.groups] == [1, 1]


def test_collections_nest_as_deep_as_is_allowed() -> None:
    nested = [m.integer("leaf", 1)]
    for _ in range(MAX_COLLECTION_DEPTH):
        nested = [m.collection("inner", nested, nested)]
    message = Message(0x0B, 7, (Group(GroupTag.JOB, tuple(nested)),))
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    "octets",
    [
        body(*(framed(0x21, b"a%d" % number, b"\x00\x00\x00\x01") for number in range(MAX_ATTRIBUTES + 1))),
        body(NUMBER, framed(0x13, b"", b"") * MAX_VALUES),
    ],
    ids=["attributes", "values"],
)
def test_a_huge_group_is_refused(octets: bytes) -> None:
    with pytest.raises(MessageTooLarge):
        decode(octets)


def test_attributes_without_end_are_refused_at_the_limit() -> None:
    reader = MessageReader(max_octets=1000)
    value = framed(0x30, b"a", bytes(100))
    with pytest.raises(MessageTooLarge, match="1000"):
        for number in range(20):
            reader.feed(b"\x01" if number else HEADER + b"\x01")
            reader.feed(value)
    assert MessageReader(max_octets=len(PRINT_JOB) - 8).feed(PRINT_JOB + bytes(5000)) is not None
    with pytest.raises(MessageTooLarge):
        MessageReader(max_octets=len(PRINT_JOB) - 9).feed(PRINT_JOB)


def test_a_broken_request_can_still_be_answered_under_its_own_id() -> None:
    reader = MessageReader()
    with pytest.raises(MalformedMessage):
        reader.feed(HEADER + NUMBER)
    assert (reader.request_id, reader.version, reader.has_header) == (7, (2, 0), True)


# Printers' answers.


def test_a_tolerant_reader_leaves_bad_values_out() -> None:
    octets = body(
        framed(0x31, b"printer-current-time", bytes(11)),
        framed(0x44, b"media-supported", b"good"),
        framed(0x44, b"", b"not good"),
        framed(0x44, b"", b"better"),
        framed(0x41, b"printer-info", b"\xff"),
        NUMBER,
        framed(0x21, b"a", b"\x00\x00\x00\x02"),
        framed(0x7F, b"vendor", b"\x00\x00\x00\x21"),
        BEGIN,
        framed(0x4A, b"", b"media-key") + framed(0x44, b"", b"bad key"),
        END_COLLECTION,
        group=b"\x04",
    )
    with pytest.raises(BadValue):
        decode(octets)
    printer = decode(octets, tolerant=True).printer
    assert printer.get("printer-current-time") == m.unknown("printer-current-time")
    assert printer.strings("media-supported") == ("good", "better")
    assert printer.string("printer-info") is None
    assert printer.integer("a") == 1
    assert printer.get("vendor") == m.unknown("vendor")
    assert printer.get("media-col") == m.collection("media-col", [m.unknown("media-key")])


# Properties.

TEXT = st.characters(exclude_categories=["Cs", "Cc"])
NAMES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12)


def _textual(tag: ValueTag, characters: str, min_size: int = 0) -> st.SearchStrategy[tuple[ValueTag, Value]]:
    return st.tuples(st.just(tag), st.text(characters, min_size=min_size, max_size=40))


INTEGERS = st.integers(MIN_INTEGER, MAX_INTEGER)
ASCII = string.ascii_letters + string.digits
LANGUAGE_STRINGS = st.builds(
    LanguageString, st.text(TEXT, max_size=60), st.text(ASCII + "-", min_size=1, max_size=63)
)
SIMPLE: st.SearchStrategy[tuple[ValueTag, Value]] = st.one_of(
    st.tuples(st.sampled_from([ValueTag.INTEGER, ValueTag.ENUM]), INTEGERS),
    st.tuples(st.just(ValueTag.BOOLEAN), st.booleans()),
    st.tuples(st.just(ValueTag.OCTET_STRING), st.binary(max_size=300)),
    st.tuples(
        st.just(ValueTag.RANGE_OF_INTEGER),
        st.tuples(INTEGERS, INTEGERS).map(lambda ends: IntegerRange(min(ends), max(ends))),
    ),
    st.tuples(
        st.just(ValueTag.RESOLUTION),
        st.builds(
            Resolution, st.integers(1, MAX_INTEGER), st.integers(1, MAX_INTEGER), st.sampled_from(ResolutionUnits)
        ),
    ),
    st.tuples(
        st.just(ValueTag.DATE_TIME),
        st.builds(
            lambda moment, tenths, minutes: moment.replace(
                microsecond=tenths * 100_000, tzinfo=timezone(timedelta(minutes=minutes))
            ),
            st.datetimes(),
            st.integers(0, 9),
            st.integers(-23 * 60, 23 * 60),
        ),
    ),
    st.tuples(st.sampled_from([ValueTag.TEXT_WITH_LANGUAGE, ValueTag.NAME_WITH_LANGUAGE]), LANGUAGE_STRINGS),
    st.tuples(st.sampled_from([ValueTag.TEXT, ValueTag.NAME]), st.text(TEXT, max_size=60)),
    st.sampled_from(sorted(OUT_OF_BAND)).map(lambda tag: (tag, OutOfBand(tag))),
    _textual(ValueTag.KEYWORD, ASCII, 1),
    _textual(ValueTag.URI, ASCII + ":/%?#[]@"),
    _textual(ValueTag.URI_SCHEME, string.ascii_letters, 1),
    _textual(ValueTag.CHARSET, ASCII + "-_:", 1),
    _textual(ValueTag.NATURAL_LANGUAGE, ASCII + "-", 1),
    _textual(ValueTag.MIME_MEDIA_TYPE, ASCII + "/; =+."),
)


def attributes_of(values: st.SearchStrategy[tuple[ValueTag, Value]]) -> st.SearchStrategy[tuple[Attribute, ...]]:
    attribute = st.builds(
        lambda name, pairs: Attribute(name, tuple(tag for tag, _ in pairs), tuple(value for _, value in pairs)),
        NAMES,
        st.lists(values, min_size=1, max_size=4),
    )
    return st.lists(attribute, max_size=4, unique_by=lambda attribute: attribute.name).map(tuple)


VALUES = st.recursive(
    SIMPLE,
    lambda values: attributes_of(values).map(lambda members: (ValueTag.BEG_COLLECTION, Collection(members))),
    max_leaves=10,
)
GROUPS = st.builds(
    Group, st.sampled_from([tag for tag in GroupTag if tag is not GroupTag.END]), attributes_of(VALUES)
)
MESSAGES = st.builds(
    Message,
    code=st.integers(0, 0xFFFF),
    request_id=INTEGERS,
    groups=st.lists(GROUPS, max_size=4).map(tuple),
    version=st.tuples(st.integers(0, 255), st.integers(0, 255)),
)


@given(message=MESSAGES, document=st.binary(max_size=20))
def test_a_message_comes_back_as_it_was_and_the_document_stays_behind_it(message: Message, document: bytes) -> None:
    reader = MessageReader()
    assert reader.feed(encode(message) + document) == message
    assert reader.rest == document


@given(message=MESSAGES, document=st.binary(max_size=20), data=st.data())
def test_it_makes_no_difference_how_a_message_is_chopped(
    message: Message, document: bytes, data: st.DataObject
) -> None:
    octets = encode(message) + document
    reader, start, found = MessageReader(), 0, None
    while found is None:
        end = start + data.draw(st.integers(1, 40))
        found = reader.feed(octets[start:end])
        start = end
    assert found == message
    assert reader.rest + octets[start:] == document


@given(
    octets=st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(lambda octets: HEADER + b"\x01" + octets))
)
@example(octets=HEADER + b"\x01" + BEGIN * 100)
@settings(max_examples=500)
def test_any_octets_are_a_message_or_an_ipp_error(octets: bytes) -> None:
    for tolerant in (False, True):
        reader = MessageReader(tolerant=tolerant)
        try:
            whole = reader.feed(octets)
        except IppError as error:
            assert str(error).isprintable()
        else:
            assert whole is None or decode(encode(whole)) == whole


@given(message=MESSAGES, data=st.data())
def test_a_damaged_message_is_a_message_or_an_ipp_error(message: Message, data: st.DataObject) -> None:
    octets = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(IppError):
        decode(bytes(octets))
    with contextlib.suppress(MalformedMessage, MessageTooLarge):
        decode(bytes(octets), tolerant=True)
