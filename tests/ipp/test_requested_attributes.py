"""The requested-attributes filter: names, groups, and what is never sent unasked."""

from __future__ import annotations

import pytest

from everprint.ipp import message as m
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.requested_attributes import GET_JOBS_DEFAULT, RequestedAttributes, requested_attributes
from everprint.ipp.tags import GroupTag

PRINTER = (
    m.text("printer-info", "Finance"),
    m.keyword("sides-supported", "one-sided"),
    m.keyword("sides-default", "one-sided"),
    m.keyword("media-source-supported", "tray-1"),
    m.collection("media-col-ready", []),
    m.collection("media-col-database", []),
    m.mime_media_type("document-format-supported", "application/pdf"),
)
JOB = (m.integer("job-id", 1), m.uri("job-uri", "ipp://h/1"), m.keyword("sides", "one-sided"))


def asked(*names: str, default: frozenset[str] | None = None) -> RequestedAttributes:
    attributes = (m.keyword("requested-attributes", *names),) if names else ()
    message = Message(Operation.GET_PRINTER_ATTRIBUTES, 1, (Group(GroupTag.OPERATION, attributes),))
    return requested_attributes(message) if default is None else requested_attributes(message, default)


def names(attributes: tuple[Attribute, ...]) -> list[str]:
    return [attribute.name for attribute in attributes]


TEMPLATE = ["sides-supported", "sides-default", "media-source-supported", "media-col-ready"]
DESCRIPTION = ["printer-info", "document-format-supported"]


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ([], [name for name in names(PRINTER) if name != "media-col-database"]),
        (["all"], [name for name in names(PRINTER) if name != "media-col-database"]),
        (["all", "media-col-database"], names(PRINTER)),
        (["media-col-database"], ["media-col-database"]),
        (["job-template"], TEMPLATE),
        (["printer-description"], DESCRIPTION),
        (["job-template", "printer-info"], ["printer-info", *TEMPLATE]),
        (["printer-info", "no-such-attribute"], ["printer-info"]),
        (["job-description"], []),
        (["none"], []),
    ],
)
def test_printer_attributes(requested: list[str], expected: list[str]) -> None:
    assert names(asked(*requested).of_printer(PRINTER)) == expected


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (["all"], ["job-id", "job-uri", "sides"]),
        (["job-template"], ["sides"]),
        (["job-description"], ["job-id", "job-uri"]),
        (["sides", "job-id"], ["job-id", "sides"]),
    ],
)
def test_job_attributes(requested: list[str], expected: list[str]) -> None:
    assert names(asked(*requested).of_job(JOB)) == expected


def test_get_jobs_gives_id_and_uri_unless_asked_for_more() -> None:
    assert names(asked(default=GET_JOBS_DEFAULT).of_job(JOB)) == ["job-id", "job-uri"]
    assert names(asked("all", default=GET_JOBS_DEFAULT).of_job(JOB)) == names(JOB)


def test_equal_requests_are_equal_keys() -> None:
    assert {asked("a", "b"), asked("b", "a", "b")} == {asked("a", "b")}


def test_numbers_are_not_names() -> None:
    attributes = (m.integer("requested-attributes", 1),)
    message = Message(Operation.GET_PRINTER_ATTRIBUTES, 1, (Group(GroupTag.OPERATION, attributes),))
    with pytest.raises(BadValue, match="requested-attributes"):
        requested_attributes(message)
