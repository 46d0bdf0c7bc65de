"""What a slow, silent or greedy client may hold, and for how long; each while another client is served."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

import pytest

from everprint.serving import Deadlines
from everprint.serving.asgi import Receive, Scope, Send
from rig.application import run_application
from rig.raw_http import RawConnection, chunk, post
from tests.serving.echo import answer, echo

SHORT = Deadlines(
    header_s=0.4,
    keep_alive_s=1,
    body_idle_s=0.4,
    min_octets_per_s=1000,
    answer_idle_s=0.4,
    drain_s=0.4,
    max_header_octets=4096,
    max_connections=8,
    max_connections_per_address=4,
)


async def ignore_body(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"no")


def is_served(connection: RawConnection) -> bool:
    connection.send(post(b"quick"))
    return connection.read_answer().body == b"quick"


@contextmanager
def another_client_is_served(address: tuple[str, int]) -> Iterator[None]:
    """Within the block somebody else asks all the time; nobody's answer takes long."""
    done = threading.Event()
    times: list[float] = []

    def ask() -> None:
        with RawConnection(address) as connection:
            while not done.is_set():
                begun = time.monotonic()
                if is_served(connection):
                    times.append(time.monotonic() - begun)
                time.sleep(0.01)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert len(times) > 5
    assert median(times) < 0.1  # single ones may be late on a busy machine


def dawdle(connection: RawConnection, octets: bytes) -> float:
    """Sends octet by octet until the server has enough; how long that took, in seconds."""
    begun = time.monotonic()
    for octet in octets:
        try:
            connection.send(bytes([octet]))
        except ConnectionError:
            break
        time.sleep(0.02)
        if time.monotonic() - begun > 5:
            pytest.fail("the slow client is still connected")
    return time.monotonic() - begun


HEADER = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%03d: x\r\n" % number for number in range(300))


@pytest.mark.parametrize(
    "before",
    [b"", b"\r\n", post(b"quick")],
    ids=["first request", "behind an empty line", "second request"],
)
def test_a_header_octet_by_octet_is_cut_off(before: bytes) -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as slow:
        slow.send(before)
        if len(before) > 2:
            assert slow.read_answer().body == b"quick"
        with another_client_is_served(address):
            assert dawdle(slow, HEADER) < 4
        assert slow.read_line() in (b"HTTP/1.1 408 Request Timeout", b"")


@pytest.mark.parametrize("served_before", [False, True])
@pytest.mark.parametrize("silence", [b"", b"\r\n", b"G"])
def test_a_client_that_says_nothing_is_cut_off(silence: bytes, served_before: bool) -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as silent:
        if served_before:
            assert is_served(silent)
        silent.send(silence)
        begun = time.monotonic()
        while silent.read_line():
            pass
        assert time.monotonic() - begun < 4


def test_an_idle_connection_is_closed_after_a_while() -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as idle:
        assert is_served(idle)
        begun = time.monotonic()
        assert idle.is_closed_by_server()
        assert 0.8 < time.monotonic() - begun < 3


def test_a_body_octet_by_octet_is_cut_off() -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as slow:
        slow.send(post(b"", length=10_000))
        with another_client_is_served(address):
            assert dawdle(slow, bytes(300)) < 4


def test_trailers_without_end_are_cut_off_at_once() -> None:
    patient = replace(SHORT, body_idle_s=30, drain_s=30)
    with run_application(echo, deadlines=patient) as address, RawConnection(address) as greedy:
        greedy.send(post(b"", "Transfer-Encoding: chunked", length=-1) + chunk(b"x") + b"0\r\n")
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() < begun + 10:
                greedy.send(b"X-Trailer: " + b"x" * 1000 + b"\r\n")
                time.sleep(0.001)


def test_a_body_that_stops_is_cut_off() -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as slow:
        slow.send(post(b"half", length=8))
        with another_client_is_served(address):
            assert slow.is_closed_by_server()


def test_a_quick_body_may_take_longer_than_the_deadline_in_all() -> None:
    with run_application(echo, deadlines=SHORT) as address, RawConnection(address) as steady:
        steady.send(post(b"", length=12_000))
        for _ in range(12):
            time.sleep(0.1)
            steady.send(bytes(1000))
        assert len(steady.read_answer().body) == 12_000


def test_a_client_is_not_cut_off_while_the_application_is_busy() -> None:
    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1)
        await echo(scope, receive, send)

    with run_application(busy, deadlines=SHORT) as address, RawConnection(address) as patient:
        patient.send(post(bytes(1 << 20)))
        assert len(patient.read_answer().body) == 1 << 20


def test_a_client_that_does_not_take_its_answer_is_cut_off() -> None:
    over = threading.Event()

    async def huge(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            for _ in range(100):  # waits when more than a little is not taken
                await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})
        finally:
            over.set()

    with run_application(huge, deadlines=SHORT) as address, RawConnection(address) as deaf:
        deaf.send(post(b""))
        assert not over.wait(0.2)
        assert over.wait(5), "the answer still waits for its client"


def test_a_body_that_nobody_wants_is_thrown_away_for_a_while() -> None:
    with run_application(ignore_body, deadlines=SHORT) as address, RawConnection(address) as connection:
        connection.send(post(bytes(3 << 20)))
        assert connection.read_answer().body == b"no"
        connection.send(post(bytes(1 << 20)))
        assert connection.read_answer().body == b"no"
        connection.send(post(bytes(1000), length=1 << 30))
        assert connection.read_answer().body == b"no"
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                connection.send(bytes(1000))
                time.sleep(0.005)


def test_a_client_refused_before_it_sent_its_body_must_connect_again() -> None:
    with run_application(ignore_body) as address, RawConnection(address) as connection:
        connection.send(post(b"", "Expect: 100-continue", length=100))
        assert connection.read_answer().body == b"no"
        assert connection.is_closed_by_server()


@pytest.mark.parametrize(
    "header",
    [b"X: " + b"x" * 5000 + b"\r\n\r\n", b"X: x\r\n" * 800 + b"\r\n", b"X: " + b"x" * 5000, b"X: x\r\n" * 800],
    ids=["one long line", "many lines", "a line that does not end", "lines that do not end"],
)
def test_a_header_without_end_is_refused(header: bytes) -> None:
    patient = replace(SHORT, header_s=30)
    with run_application(echo, deadlines=patient) as address, RawConnection(address) as greedy:
        greedy.send(b"GET / HTTP/1.1\r\nHost: x\r\n" + header)
        assert greedy.read_answer().status == 431


def test_one_address_may_open_only_so_many_connections() -> None:
    with run_application(echo, deadlines=SHORT) as address:
        connections = [RawConnection(address) for _ in range(4)]
        assert all(is_served(connection) for connection in connections)
        with RawConnection(address) as one_too_many:
            refused = one_too_many.read_answer()
            assert (refused.status, b"Too many connections" in refused.body) == (503, True)
            assert one_too_many.is_closed_by_server()
        connections.pop().close()
        assert any(is_admitted(address) for _ in range(100)), "the place was not given back"
        for connection in connections:
            connection.close()


def is_admitted(address: tuple[str, int]) -> bool:
    with RawConnection(address) as connection:
        time.sleep(0.01)  # the server sees who left before
        connection.send(post(b""))
        return connection.read_answer().status == 200
