"""What a printer says it supports is what it accepts."""

from __future__ import annotations

import pytest

from everprint.ipp import message as m
from everprint.ipp.errors import BadValue
from everprint.ipp.job_template import check_job_template, wants_fidelity
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.unsupported import unsupported_attribute
from everprint.ipp.values import IntegerRange, LanguageString, Resolution

A4 = [m.integer("x-dimension", 21000), m.integer("y-dimension", 29700)]
ROLL = [
    m.range_of_integer("x-dimension", IntegerRange(10000, 21000)),
    m.range_of_integer("y-dimension", IntegerRange(10000, 100000)),
]
PRINTER = {
    attribute.name: attribute
    for attribute in (
        m.range_of_integer("copies-supported", IntegerRange(1, 99)),
        m.keyword("sides-supported", "one-sided", "two-sided-long-edge"),
        m.enum("print-quality-supported", 3, 4),
        m.integer("number-up-supported", 1, 2, 4),
        m.boolean("page-ranges-supported", True),
        m.boolean("job-account-id-supported", False),
        m.integer("job-priority-supported", 1),
        m.resolution("printer-resolution-supported", Resolution(600, 600)),
        m.keyword("media-supported", "iso_a4_210x297mm"),
        m.keyword("media-col-supported", "media-size", "media-source"),
        m.collection("media-size-supported", A4, ROLL),
        m.keyword("media-source-supported", "tray-1"),
        m.enum("finishings-supported", 3, 4),
        m.keyword("job-sheets-supported", "none"),
    )
}


def media_col(*members: Attribute) -> Attribute:
    return m.collection("media-col", members)


@pytest.mark.parametrize(
    "attribute",
    [
        m.integer("copies", 99),
        m.keyword("sides", "two-sided-long-edge"),
        m.enum("print-quality", 4),
        m.integer("number-up", 4),
        m.range_of_integer("page-ranges", IntegerRange(1, 2), IntegerRange(5, 6)),
        m.integer("job-priority", 50),
        m.resolution("printer-resolution", Resolution(600, 600)),
        m.keyword("media", "iso_a4_210x297mm"),
        m.enum("finishings", 3, 4),
        Attribute.of("job-sheets", ValueTag.NAME_WITH_LANGUAGE, LanguageString("none", "en")),
        media_col(m.collection("media-size", A4), m.keyword("media-source", "tray-1")),
        media_col(m.collection("media-size", [m.integer("x-dimension", 15000), m.integer("y-dimension", 70000)])),
    ],
    ids=lambda attribute: attribute.name,
)
def test_supported_values_are_taken(attribute: Attribute) -> None:
    checked = check_job_template(Group(GroupTag.JOB, (attribute,)), PRINTER)
    assert checked.supported == (attribute,)
    assert checked.is_supported


@pytest.mark.parametrize(
    "attribute",
    [
        m.integer("copies", 100),
        m.integer("copies", 0),
        m.boolean("copies", True),
        m.keyword("sides", "two-sided-short-edge"),
        m.integer("number-up", 3),
        m.integer("job-priority", 101),
        m.name("job-account-id", "7"),
        m.resolution("printer-resolution", Resolution(1200, 1200)),
        m.enum("finishings", 3, 5),
        media_col(m.keyword("media-source", "tray-2")),
        media_col(m.keyword("media-colour", "red")),
        media_col(m.collection("media-size", [m.integer("x-dimension", 22000), m.integer("y-dimension", 29700)])),
        media_col(m.collection("media-size", [m.integer("z-dimension", 1)])),
    ],
    ids=lambda attribute: attribute.name,
)
def test_unsupported_values_are_returned_as_they_came(attribute: Attribute) -> None:
    checked = check_job_template(Group(GroupTag.JOB, (attribute,)), PRINTER)
    assert checked.supported == ()
    assert checked.unsupported == (attribute,)


def test_an_unknown_attribute_is_returned_without_its_value() -> None:
    checked = check_job_template(Group(GroupTag.JOB, (m.keyword("coffee", "black"),)), PRINTER)
    assert checked.unsupported == (unsupported_attribute("coffee"),)


def test_several_values_where_one_is_allowed_are_an_error() -> None:
    with pytest.raises(BadValue, match="copies: 2 values"):
        check_job_template(Group(GroupTag.JOB, (m.integer("copies", 1, 2),)), PRINTER)


@pytest.mark.parametrize(("said", "meant"), [(None, False), (False, False), (True, True)])
def test_fidelity_is_off_unless_asked_for(said: bool | None, meant: bool) -> None:
    attributes = () if said is None else (m.boolean("ipp-attribute-fidelity", said),)
    message = Message(Operation.PRINT_JOB, 1, (Group(GroupTag.OPERATION, attributes),))
    assert wants_fidelity(message) is meant
