"""RFC 8011 section 4.1, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from everprint.ipp import message as m
from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.request_rules import Target, check_document_attributes, check_request
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag

CHARSET = m.charset("attributes-charset", "utf-8")
LANGUAGE = m.natural_language("attributes-natural-language", "de-ch")
PRINTER = m.uri("printer-uri", "ipp://print.example:8631/ipp/print/finance")
KNOWN = frozenset({Operation.GET_PRINTER_ATTRIBUTES, Operation.CANCEL_JOB})


def request(*attributes: Attribute, operation: int = Operation.GET_PRINTER_ATTRIBUTES) -> Message:
    return Message(operation, 1, (Group(GroupTag.OPERATION, attributes),))


SOUND = request(CHARSET, LANGUAGE, PRINTER)


def refusal(message: Message) -> Refused:
    with pytest.raises(Refused) as caught:
        check_request(message, KNOWN)
    return caught.value


@pytest.mark.parametrize("version", [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (2, 9)])
def test_these_versions_are_answered(version: tuple[int, int]) -> None:
    assert check_request(replace(SOUND, version=version), KNOWN) == Target("/ipp/print/finance")


@pytest.mark.parametrize("version", [(0, 0), (0, 9), (1, 2), (3, 0), (255, 255)])
def test_other_versions_are_not(version: tuple[int, int]) -> None:
    assert refusal(replace(SOUND, version=version)).status is Status.SERVER_ERROR_VERSION_NOT_SUPPORTED


@pytest.mark.parametrize("request_id", [0, -1, -(2**31)])
def test_a_request_id_below_one_is_bad(request_id: int) -> None:
    error = refusal(SOUND.with_request_id(request_id))
    assert error.status is Status.CLIENT_ERROR_BAD_REQUEST
    assert str(request_id) in str(error)


@pytest.mark.parametrize(
    "message",
    [
        Message(Operation.GET_PRINTER_ATTRIBUTES, 1, ()),
        request(),
        request(CHARSET),
        request(CHARSET, PRINTER),
        request(LANGUAGE, PRINTER),
        request(LANGUAGE, CHARSET, PRINTER),
        request(PRINTER, CHARSET, LANGUAGE),
        request(m.keyword("attributes-charset", "utf-8"), LANGUAGE, PRINTER),
        request(m.charset("attributes-charset", "utf-8", "utf-8"), LANGUAGE, PRINTER),
        Message(Operation.GET_PRINTER_ATTRIBUTES, 1, (Group(GroupTag.JOB), *SOUND.groups)),
        Message(Operation.GET_PRINTER_ATTRIBUTES, 1, SOUND.groups * 2),
    ],
    ids=[
        "no group",
        "empty group",
        "charset alone",
        "no language",
        "no charset",
        "language first",
        "uri first",
        "charset as keyword",
        "two charsets",
        "job group first",
        "two operation groups",
    ],
)
def test_the_operation_group_comes_first_and_begins_with_charset_and_language(message: Message) -> None:
    assert refusal(message).status is Status.CLIENT_ERROR_BAD_REQUEST


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii"])
def test_these_charsets_are_understood(charset: str) -> None:
    check_request(request(m.charset("attributes-charset", charset), LANGUAGE, PRINTER), KNOWN)


def test_an_unknown_charset_is_returned_as_unsupported() -> None:
    error = refusal(request(m.charset("attributes-charset", "utf-16"), LANGUAGE, PRINTER))
    assert error.status is Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED
    assert error.groups == (Group(GroupTag.UNSUPPORTED, (m.charset("attributes-charset", "utf-16"),)),)


@pytest.mark.parametrize("operation", [Operation.PRINT_JOB, 0x3FFF])
def test_an_operation_outside_the_set_is_named(operation: int) -> None:
    error = refusal(replace(SOUND, code=operation))
    assert error.status is Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    assert ("Print-Job" if operation == Operation.PRINT_JOB else "0x3fff") in str(error)


@pytest.mark.parametrize(
    ("attributes", "target"),
    [
        ([PRINTER, m.integer("job-id", 12)], Target("/ipp/print/finance", 12)),
        (
            [PRINTER, m.uri("job-uuid", "urn:uuid:0199c4a3-7e10-7a2b-8c3d-0123456789ab")],
            Target("/ipp/print/finance", job_uuid="0199c4a3-7e10-7a2b-8c3d-0123456789ab"),
        ),
        ([m.uri("job-uri", "ipps://print.example/ipp/print/finance/12")], Target("/ipp/print/finance", 12)),
        ([m.uri("job-uri", "ipp://[::1]:8631/ipp/print/42/7")], Target("/ipp/print/42", 7)),
        (
            [m.uri("printer-uri", "ipp://h/ipp/print/B%C3%BCro/"), m.integer("job-id", 1)],
            Target("/ipp/print/Büro", 1),
        ),
    ],
)
def test_a_job_is_named_by_its_uri_or_by_printer_and_id(attributes: list[Attribute], target: Target) -> None:
    message = request(CHARSET, LANGUAGE, *attributes, operation=Operation.CANCEL_JOB)
    assert check_request(message, KNOWN) == target


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ([], Status.CLIENT_ERROR_BAD_REQUEST),
        ([PRINTER], Status.CLIENT_ERROR_BAD_REQUEST),
        ([PRINTER, m.integer("job-id", 0)], Status.CLIENT_ERROR_BAD_REQUEST),
        ([PRINTER, m.integer("job-id", -5)], Status.CLIENT_ERROR_BAD_REQUEST),
        ([m.integer("job-id", 5)], Status.CLIENT_ERROR_BAD_REQUEST),
        ([m.uri("job-uri", "ipp://h/ipp/print/finance/0")], Status.CLIENT_ERROR_NOT_FOUND),
        ([m.uri("job-uri", "ipp://h/ipp/print/finance/99999999999")], Status.CLIENT_ERROR_NOT_FOUND),
        ([m.uri("job-uri", "ipp://h/ipp/print/finance/%D9%A1")], Status.CLIENT_ERROR_NOT_FOUND),
        ([m.uri("job-uri", "ipp://h/ipp/print/finance")], Status.CLIENT_ERROR_NOT_FOUND),
    ],
)
def test_a_job_that_is_not_named_is_refused(attributes: list[Attribute], status: Status) -> None:
    assert refusal(request(CHARSET, LANGUAGE, *attributes, operation=Operation.CANCEL_JOB)).status is status


@pytest.mark.parametrize(
    "uri", ["", "/ipp/print", "file:///etc/passwd", "ipp:/x", "ipp://[::1/x", "ipp://h/%ff", "ipp://h/a%0d%0ab", "x"]
)
def test_a_target_that_is_no_printer_uri_is_bad(uri: str) -> None:
    assert refusal(request(CHARSET, LANGUAGE, m.uri("printer-uri", uri))).status is Status.CLIENT_ERROR_BAD_REQUEST


def test_a_target_of_another_syntax_is_bad() -> None:
    with pytest.raises(BadValue, match="printer-uri"):
        check_request(request(CHARSET, LANGUAGE, Attribute.of("printer-uri", ValueTag.INTEGER, 3)), KNOWN)


def test_document_format_and_compression_must_be_supported() -> None:
    formats, compressions = {"application/pdf"}, {"none", "gzip"}
    message = request(m.mime_media_type("document-format", "Application/PDF"), m.keyword("compression", "gzip"))
    check_document_attributes(message, formats, compressions)
    check_document_attributes(request(), formats, compressions)
    word = m.mime_media_type("document-format", "application/msword")
    with pytest.raises(Refused, match="application/msword") as caught:
        check_document_attributes(request(word), formats, compressions)
    assert caught.value.status is Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED
    assert caught.value.groups == (Group(GroupTag.UNSUPPORTED, (word,)),)
    with pytest.raises(Refused) as caught:
        check_document_attributes(request(m.keyword("compression", "compress")), formats, compressions)
    assert caught.value.status is Status.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED
