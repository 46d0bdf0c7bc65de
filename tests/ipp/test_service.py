"""The IPP service over a real socket: what is answered to good requests and to each kind of bad one."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from statistics import median

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.ipp import message as m
from everprint.ipp.asgi import Receive, Scope, Send
from everprint.ipp.client import IppClient
from everprint.ipp.codec import decode, encode
from everprint.ipp.errors import BadValue, DocumentError, DocumentIncomplete, Refused
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import reply
from everprint.ipp.request_rules import check_request
from everprint.ipp.service import IppApplication, Limits, NotAuthenticated, Request, TlsRequired
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.ipp.unsupported import unsupported_group
from rig.application import run_application
from rig.raw_http import Answer, RawConnection, chunk, post


def request(operation: Operation = Operation.PRINT_JOB, *attributes: m.Attribute, request_id: int = 7) -> Message:
    head = (
        m.charset("attributes-charset", "utf-8"),
        m.natural_language("attributes-natural-language", "en"),
        m.uri("printer-uri", "ipp://localhost/ipp/print"),
    )
    return Message(operation, request_id, (Group(GroupTag.OPERATION, (*head, *attributes)),), (1, 1))


PRINT_JOB = encode(request())


async def count_octets(request: Request) -> Message:
    check_request(request.message, frozenset(Operation))
    octets = 0
    async for piece in request.document:
        octets += len(piece)
    job = Group(GroupTag.JOB, (m.integer("octets", octets),))
    return reply(request.message, Status.SUCCESSFUL_OK, job)


def octets_counted(answer: Answer) -> int | None:
    message = decode(answer.body)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/ipp")
    assert (message.code, message.request_id, message.version) == (Status.SUCCESSFUL_OK, 7, (1, 1))
    return message.job.integer("octets")


def refusal(answer: Answer) -> tuple[Status, str]:
    message = decode(answer.body)
    assert (answer.status, message.request_id) == (200, 7)
    return Status(message.code), message.operation.string("status-message") or ""


# A document arrives whole, whatever way HTTP carries it.


def test_a_document_in_chunks_arrives_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 9999

    async def main(uri: str) -> Message:
        client = IppClient()
        try:
            return await client.send(uri, request(), pieces())
        finally:
            await client.close()

    with run_application(IppApplication(count_octets)) as (host, port):
        answer = asyncio.run(main(f"ipp://{host}:{port}/ipp/print/q"))
    assert answer.code == Status.SUCCESSFUL_OK
    assert answer.job.integer("octets") == 999_900


@pytest.mark.parametrize("document", [b"", b"x", b"x" * 200_000])
def test_a_document_with_a_content_length_arrives_whole(document: bytes) -> None:
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + document))
        assert octets_counted(connection.read_answer()) == len(document)


def test_chunks_may_cut_the_message_anywhere() -> None:
    octets = PRINT_JOB + b"document"
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:
        connection.send(post(b"", "Transfer-Encoding: chunked", length=-1))
        for position in range(len(octets)):
            connection.send(chunk(octets[position : position + 1]))
        connection.send(chunk(b""))
        assert octets_counted(connection.read_answer()) == 8


def test_a_client_that_asks_first_is_told_to_continue() -> None:
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:
        connection.send(post(b"", "Expect: 100-continue", length=len(PRINT_JOB) + 4))
        assert connection.read_line() == b"HTTP/1.1 100 Continue"
        assert connection.read_line() == b""
        connection.send(PRINT_JOB + b"page")
        assert octets_counted(connection.read_answer()) == 4


def test_an_offer_to_upgrade_to_tls_is_passed_over() -> None:
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + b"page", "Connection: Upgrade", "Upgrade: TLS/1.2,TLS/1.1,TLS/1.0"))
        assert octets_counted(connection.read_answer()) == 4


def test_many_requests_share_a_connection_even_when_sent_ahead() -> None:
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:
        connection.send(b"".join(post(PRINT_JOB + b"x" * number) for number in range(20)))
        assert [octets_counted(connection.read_answer()) for _ in range(20)] == list(range(20))


def test_prepared_octets_are_sent_under_the_requests_own_id_and_version() -> None:
    prepared = encode(
        reply(request(request_id=99), Status.SUCCESSFUL_OK, Group(GroupTag.JOB, (m.integer("octets", 3),)))
    )

    async def answer(request: Request) -> bytes:
        return prepared

    with run_application(IppApplication(answer)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB))
        assert octets_counted(connection.read_answer()) == 3


def test_the_handler_is_told_who_asks_and_how() -> None:
    seen: list[Request] = []

    async def look(request: Request) -> Message:
        seen.append(request)
        return reply(request.message, Status.SUCCESSFUL_OK)

    with run_application(IppApplication(look)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB, "Authorization: Basic YW5uYTpzZWNyZXQ=", path="/ipp/print/q%20r?x=1"))
        connection.read_answer()
    (one,) = seen
    assert (one.path, one.peer, one.tls, one.host) == ("/ipp/print/q r", "127.0.0.1", False, "localhost")
    assert one.credentials is not None
    assert (one.credentials.user_name, one.credentials.password) == ("anna", "secret")
    assert "secret" not in repr(one)


# What a handler raises.


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (BadValue("copies", "is wrong"), Status.CLIENT_ERROR_BAD_REQUEST, "copies: is wrong"),
        (Refused(Status.SERVER_ERROR_NOT_ACCEPTING_JOBS, "paused"), Status.SERVER_ERROR_NOT_ACCEPTING_JOBS, "paused"),
        (Refused(Status.CLIENT_ERROR_NOT_FOUND, "a\nb\x00" + "ä" * 300), Status.CLIENT_ERROR_NOT_FOUND, None),
        (RuntimeError("the password is x"), Status.SERVER_ERROR_INTERNAL_ERROR, None),
    ],
)
def test_an_error_becomes_a_status(
    error: Exception, status: Status, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(request: Request) -> Message:
        raise error

    with run_application(IppApplication(fail)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + b"document"))
        found, said = refusal(connection.read_answer())
    assert found is status
    assert text is None or said == text
    assert "password" not in said
    assert ("the password is x" in caplog.text) == isinstance(error, RuntimeError)


def test_a_refusal_carries_what_was_not_supported() -> None:
    sides = m.keyword("sides", "tumble")

    async def refuse(request: Request) -> Message:
        raise Refused(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "no", unsupported_group(sides))

    with run_application(IppApplication(refuse)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB))
        assert decode(connection.read_answer().body).group(GroupTag.UNSUPPORTED).attributes == (sides,)


def test_who_is_not_known_is_asked_for_a_name_and_who_lacks_tls_is_sent_there() -> None:
    async def ask(request: Request) -> Message:
        if request.credentials is None:
            raise NotAuthenticated('Ever"print\r\n')
        raise TlsRequired

    with run_application(IppApplication(ask)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + b"x" * 100_000))
        answer = connection.read_answer()
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="Everprint", charset="UTF-8"'
        connection.send(post(PRINT_JOB, "Authorization: Basic YTpi"))
        answer = connection.read_answer()
        assert (answer.status, answer.headers["upgrade"]) == (426, "TLS/1.2, HTTP/1.1")


# Requests that are not IPP.


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"page"})


def test_pages_get_what_is_not_ipp() -> None:
    with run_application(IppApplication(count_octets, pages=pages)) as (host, port):
        base = f"http://{host}:{port}"
        assert httpx.get(f"{base}/").text == "page"
        assert httpx.post(f"{base}/control", data={"jam": "1"}).text == "page"
        assert (
            httpx.post(f"{base}/ipp/print", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
        )


def test_without_pages_each_wrong_request_is_told_what_is_wrong() -> None:
    with run_application(IppApplication(count_octets)) as (host, port):
        base = f"http://{host}:{port}"
        assert httpx.get(f"{base}/").status_code == 404
        assert httpx.post(f"{base}/", content=b"x").status_code == 415
        answer = httpx.put(f"{base}/", content=b"x")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        empty = httpx.post(f"{base}/", headers={"content-type": "Application/IPP; x=y"})
        assert (empty.status_code, "body ends before" in empty.text) == (400, True)
        bad_host = httpx.post(
            f"{base}/", headers={"content-type": "application/ipp", "host": "a b<c"}, content=PRINT_JOB
        )
        assert (bad_host.status_code, "Host" in bad_host.text) == (400, True)


# Bad IPP: each kind is answered under the request's own id, and the connection serves on.


def with_attribute(*octets: bytes) -> bytes:
    return PRINT_JOB[:-1] + b"".join(octets) + b"\x03"


BAD_REQUESTS = {
    "no group": (PRINT_JOB[:8] + b"\x03", Status.CLIENT_ERROR_BAD_REQUEST),
    "wrong version": (b"\x09\x09" + PRINT_JOB[2:], Status.SERVER_ERROR_VERSION_NOT_SUPPORTED),
    "unknown operation": (PRINT_JOB[:2] + b"\x7f\xff" + PRINT_JOB[4:], Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED),
    "unknown tag": (with_attribute(b"\x5f\x00\x01a\x00\x00"), Status.CLIENT_ERROR_BAD_REQUEST),
    "unknown group": (PRINT_JOB[:8] + b"\x0e" + PRINT_JOB[9:], Status.CLIENT_ERROR_BAD_REQUEST),
    "negative length": (with_attribute(b"\x44\x00\x01a\xff\xfe"), Status.CLIENT_ERROR_BAD_REQUEST),
    "wrong length": (with_attribute(b"\x21\x00\x01a\x00\x03abc"), Status.CLIENT_ERROR_BAD_REQUEST),
    "control character": (with_attribute(b"\x42\x00\x01a\x00\x03a\x1bc"), Status.CLIENT_ERROR_BAD_REQUEST),
    "too long": (with_attribute(b"\x42\x00\x01a\x01\x00" + b"x" * 256), Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG),
    "too large": (
        with_attribute(b"\x30\x00\x01a\x7f\xff" + bytes(0x7FFF)),
        Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE,
    ),
    "twice": (with_attribute(b"\x13\x00\x01a\x00\x00" * 2), Status.CLIENT_ERROR_BAD_REQUEST),
    "deep": (
        with_attribute(b"\x34\x00\x01a\x00\x00" + b"\x4a\x00\x00\x00\x01b\x34\x00\x00\x00\x00" * 50),
        Status.CLIENT_ERROR_BAD_REQUEST,
    ),
}


@pytest.mark.parametrize(("octets", "status"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_bad_request_is_answered_and_the_next_one_served(octets: bytes, status: Status) -> None:
    service = IppApplication(count_octets, limits=Limits(max_attribute_octets=20_000))
    with run_application(service) as address, RawConnection(address) as connection:
        connection.send(post(octets + b"x" * 300_000))
        found, said = refusal(connection.read_answer())
        assert found is status
        assert said
        connection.send(post(PRINT_JOB + b"next"))
        assert octets_counted(connection.read_answer()) == 4


def test_any_octets_are_answered() -> None:
    with run_application(IppApplication(count_octets)) as address, RawConnection(address) as connection:

        @given(
            octets=st.one_of(st.binary(max_size=100), st.binary(max_size=100).map(lambda tail: PRINT_JOB[:-1] + tail))
        )
        @settings(deadline=None)
        def send_any(octets: bytes) -> None:
            connection.send(post(octets))
            answer = connection.read_answer()
            assert answer.status in (200, 400)
            assert answer.status == 400 or decode(answer.body).code in tuple(Status)

        send_any()


# Documents that are too large, that stop, and whose sender goes away.


def test_a_document_over_the_limit_is_refused() -> None:
    service = IppApplication(count_octets, limits=Limits(max_document_octets=1000))
    with run_application(service) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + bytes(1000)))
        assert octets_counted(connection.read_answer()) == 1000
        connection.send(post(PRINT_JOB + bytes(1001)))
        assert refusal(connection.read_answer())[0] is Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE
        connection.send(post(b"", "Transfer-Encoding: chunked", length=-1) + chunk(PRINT_JOB) + chunk(bytes(1001)))
        assert refusal(connection.read_answer())[0] is Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE


def test_a_document_announced_too_large_is_refused_before_it_is_sent() -> None:
    service = IppApplication(count_octets, limits=Limits(max_document_octets=1000))
    with run_application(service) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB, length=10**12))
        assert refusal(connection.read_answer())[0] is Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("goes_by", ["closing", "half-closing"])
@pytest.mark.parametrize("length", [-1, 1000])
def test_a_client_that_goes_away_half_way_leaves_no_whole_document(
    goes_by: str, length: int, caplog: pytest.LogCaptureFixture
) -> None:
    ended = threading.Event()
    errors: list[Exception] = []

    async def spool(request: Request) -> Message:
        try:
            return await count_octets(request)
        except DocumentError as error:
            errors.append(error)
            raise
        finally:
            ended.set()

    with run_application(IppApplication(spool)) as address, RawConnection(address) as connection:
        if length == -1:
            connection.send(post(b"", "Transfer-Encoding: chunked", length=-1) + chunk(PRINT_JOB + b"half"))
        else:
            connection.send(post(PRINT_JOB + b"half", length=length))
        if goes_by == "closing":
            connection.close()
        else:
            connection.end_sending()
        assert ended.wait(10)
    assert isinstance(errors[0], DocumentIncomplete)
    assert errors[0].octets == 4
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_client_that_goes_away_within_the_attributes_reaches_no_handler() -> None:
    with run_application(IppApplication(count_octets)) as address:
        with RawConnection(address) as connection:
            connection.send(post(PRINT_JOB[:20], length=1000))
        with RawConnection(address) as connection:
            connection.send(post(PRINT_JOB))
            assert octets_counted(connection.read_answer()) == 0


# Slow clients (CVE-2025-58436: one slow client stalled every other).

SHORT = Limits(attributes_s=0.4, body_idle_s=0.4, min_octets_per_s=1000)


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        (PRINT_JOB[:30], Status.CLIENT_ERROR_TIMEOUT, "attributes of the request did not come within 0.4 s"),
        (PRINT_JOB + b"half", Status.CLIENT_ERROR_TIMEOUT, "nothing came for 0.4 s after 4 octets of the document"),
    ],
)
def test_a_client_that_stops_is_told_so_and_cut_off(sent: bytes, status: Status, text: str) -> None:
    with run_application(IppApplication(count_octets, limits=SHORT)) as address, RawConnection(address) as connection:
        connection.send(post(sent, length=10_000))
        answer = connection.read_answer()
        found, said = refusal(answer)
        assert found is status
        assert text in said
        assert answer.headers["connection"] == "close"
        assert connection.is_closed_by_server()


def test_a_client_that_stops_before_the_message_begins_is_cut_off() -> None:
    with run_application(IppApplication(count_octets, limits=SHORT)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB[:5], length=10_000))
        assert connection.read_answer().status == 408
        assert connection.is_closed_by_server()


@pytest.mark.parametrize("already_sent", [b"", PRINT_JOB], ids=["attributes", "document"])
def test_one_client_that_dawdles_is_cut_off_while_others_are_served_at_full_speed(already_sent: bytes) -> None:
    service = IppApplication(count_octets, limits=SHORT)
    with run_application(service) as address, RawConnection(address) as slow, RawConnection(address) as quick:
        slow.send(post(already_sent, length=len(PRINT_JOB) + 100_000))
        remaining = PRINT_JOB + bytes(1000)
        begun = time.monotonic()
        times: list[float] = []
        for octet in remaining:
            try:
                slow.send(bytes([octet]))
            except ConnectionError:
                break
            asked = time.monotonic()
            quick.send(post(PRINT_JOB + b"page"))
            assert octets_counted(quick.read_answer()) == 4
            times.append(time.monotonic() - asked)
            if asked - begun > 5:
                pytest.fail("the slow client is still connected")
            time.sleep(0.02)
        assert len(times) > 5
        assert median(times) < 0.1  # single ones may be late on a busy machine
        assert refusal(slow.read_answer())[0] is Status.CLIENT_ERROR_TIMEOUT or slow.is_closed_by_server()


def test_time_that_the_service_takes_does_not_count_against_the_client() -> None:
    async def dawdle(request: Request) -> Message:
        await asyncio.sleep(1)
        return await count_octets(request)

    with run_application(IppApplication(dawdle, limits=SHORT)) as address, RawConnection(address) as connection:
        connection.send(post(PRINT_JOB + b"page"))
        assert octets_counted(connection.read_answer()) == 4
