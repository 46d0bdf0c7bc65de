"""Responses: their operation group, version, status and the size of what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.ipp import errors
from everprint.ipp import message as m
from everprint.ipp.codec import decode, encode
from everprint.ipp.errors import IppError
from everprint.ipp.failure import failure, status_of
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import answer_version, readdress, reply
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag

REQUEST = Message(Operation.GET_JOBS, 41, (Group(GroupTag.OPERATION),), (1, 1))


def test_a_response_begins_with_charset_and_language() -> None:
    job = Group(GroupTag.JOB, (m.integer("job-id", 1),))
    answer = reply(REQUEST, Status.SUCCESSFUL_OK, job, message="fine")
    assert (answer.code, answer.request_id, answer.version) == (0, 41, (1, 1))
    assert [attribute.name for attribute in answer.operation] == [
        "attributes-charset",
        "attributes-natural-language",
        "status-message",
    ]
    assert answer.groups[1:] == (job,)
    assert "status-message" not in reply(REQUEST, Status.SUCCESSFUL_OK).operation


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ((1, 0), (1, 0)),
        ((1, 1), (1, 1)),
        ((1, 9), (1, 1)),
        ((2, 0), (2, 0)),
        ((2, 2), (2, 2)),
        ((2, 7), (2, 2)),
        ((0, 0), (1, 0)),
        ((3, 0), (2, 0)),
        ((255, 255), (2, 0)),
    ],
)
def test_the_version_of_an_answer_is_the_requests_or_the_nearest_known(
    asked: tuple[int, int], answered: tuple[int, int]
) -> None:
    assert answer_version(asked) == answered


@given(st.text())
def test_any_text_can_be_said_and_is_cut_to_what_fits(text: str) -> None:
    said = decode(encode(reply(REQUEST, Status.SUCCESSFUL_OK, message=text))).operation.string("status-message") or ""
    assert len(said.encode()) <= 255
    assert text[:10].isprintable() is False or said[:10] == text[:10]


def test_a_prepared_answer_differs_in_nothing_but_its_address() -> None:
    for_another = encode(reply(REQUEST.with_request_id(2**31 - 1), Status.CLIENT_ERROR_GONE, message="x"))
    assert readdress(for_another, REQUEST) == encode(reply(REQUEST, Status.CLIENT_ERROR_GONE, message="x"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.MalformedMessage("x", 1), Status.CLIENT_ERROR_BAD_REQUEST),
        (errors.BadValue("a", "x"), Status.CLIENT_ERROR_BAD_REQUEST),
        (errors.MissingAttribute("a"), Status.CLIENT_ERROR_BAD_REQUEST),
        (errors.ValueTooLong("a", "x"), Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG),
        (errors.MessageTooLarge("x"), Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE),
        (errors.DocumentTooLarge(1), Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE),
        (errors.DocumentStalled("x"), Status.CLIENT_ERROR_TIMEOUT),
        (errors.CannotDecompress("x"), Status.CLIENT_ERROR_COMPRESSION_ERROR),
        (errors.Refused(Status.SERVER_ERROR_BUSY, "x"), Status.SERVER_ERROR_BUSY),
        (IppError("x"), Status.CLIENT_ERROR_BAD_REQUEST),
    ],
)
def test_each_error_has_its_status(error: IppError, status: Status) -> None:
    assert status_of(error) is status
    answer = failure(3, (2, 0), error)
    assert (answer.code, answer.request_id) == (status, 3)
    assert answer.operation.string("status-message") == str(error)
