"""A service is believed to live only if it answers 200, itself, in time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from everprint.cluster.ocf.health import (
    Fault,
    Grace,
    NotListening,
    Unhealthy,
    ask,
    is_short_of_processors,
    judge,
    wait_for_life,
)
from rig.certificates import make_certificates

PATIENT_S = 60.0


@contextmanager
def answering(*pieces: bytes, pause_s: float = 0.0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A service that says these octets to whoever asks."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(OSError):
                    connection, _ = listening.accept()
                    with connection, tls.wrap_socket(connection, server_side=True) if tls else connection as asked:
                        asked.recv(4096)
                        for piece in pieces:
                            asked.sendall(piece)
                            over.wait(pause_s)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{listening.getsockname()[1]}/health/live"
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(30)


def test_a_200_is_life() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        ask(url, PATIENT_S)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answers 503"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "answers 302"),
        (b"hello\r\n\r\n", "does not answer"),
        (b"", "does not answer"),
    ],
)
def test_anything_else_is_none(said: bytes, reason: str) -> None:
    with answering(said) as url, pytest.raises(Unhealthy, match=reason):
        ask(url, PATIENT_S)


def test_an_open_port_that_says_nothing_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(Unhealthy, match="does not answer"):
        ask(f"http://127.0.0.1:{listening.getsockname()[1]}/", 0.3)


@pytest.fixture
def closed() -> Iterator[str]:
    """An address at which nobody listens, nor comes to: it is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/health/live"


def test_nobody_listening_is_none(closed: str) -> None:
    with pytest.raises(NotListening):
        ask(closed, PATIENT_S)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_an_answer_that_drips_is_none_and_holds_nobody(head: bytes) -> None:
    with answering(head, *[b"x: y\r\n"] * 1000, pause_s=0.1) as url:
        began = time.monotonic()
        with pytest.raises(Unhealthy):
            ask(url, 1.0)
        assert time.monotonic() - began < 30, "it ended long before the drip did"


def test_an_endless_answer_is_read_to_a_bound() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (1 << 20)
    with answering(endless) as url:
        ask(url, PATIENT_S)


def test_a_certificate_of_its_own_or_expired_is_no_reason_to_restart(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, "elsewhere.example")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.certificate, made.key)
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", tls=tls) as url:
        ask(url, PATIENT_S)


BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


def test_a_single_bad_answer_is_forgiven() -> None:
    """The port is free at first, and somebody answers there later: as when a service is started again."""
    with socket.create_server(("127.0.0.1", 0)) as known:
        port = known.getsockname()[1]

    def come_back() -> None:
        with socket.create_server(("127.0.0.1", port)) as listening:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    late = threading.Timer(1.0, come_back)
    late.start()
    wait_for_life(f"http://127.0.0.1:{port}/health/live", PATIENT_S)
    late.join(PATIENT_S)


def test_a_service_that_answers_badly_all_the_time_does_not_live() -> None:
    # What came last may be that there was no time left for an answer.
    bad = r"answers 503|does not answer|did not end its answer"
    with answering(BUSY) as url, pytest.raises(Unhealthy, match=bad):
        wait_for_life(url, 1.2)


def test_a_slow_answer_has_all_the_time_there_is() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n", b"Content-Length: 0\r\n\r\n", pause_s=1.5) as url:
        wait_for_life(url, PATIENT_S)


def ignore(_: str) -> None:
    pass


def test_a_service_that_refuses_connections_has_the_time_of_a_restart(tmp_path: Path, closed: str) -> None:
    grace, said = Grace(tmp_path, "vm"), list[str]()
    assert [judge(closed, 0.1, 900, grace, said.append) for _ in range(2)] == [False, False]
    assert "Connection refused" in said[0]
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as url:
        assert [judge(url, PATIENT_S, 900, grace, ignore) for _ in range(3)] == [True] * 3
    assert not grace.lasts()
    assert not judge(closed, 0.1, 900, grace, ignore), "it was well in between: it may be started again"


def test_a_service_that_does_not_come_back_in_time_has_failed(tmp_path: Path, closed: str) -> None:
    grace = Grace(tmp_path, "vm")
    assert not judge(closed, 0.1, 0, grace, ignore)
    for _ in range(2):
        with pytest.raises(NotListening):
            judge(closed, 0.1, 900, grace, ignore)


def test_a_service_that_takes_a_connection_and_is_silent_has_no_such_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(Unhealthy, match="does not answer"):
            judge(url, 0.3, 900, Grace(tmp_path, "vm"), ignore)


def test_silence_after_a_refusal_is_that_of_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens again, and is slow with its first answer."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        # Between two questions it begins to listen.
        monkeypatch.setattr("everprint.cluster.ocf.health.time.sleep", lambda _: silent.listen())
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert not judge(url, 2.0, 900, Grace(tmp_path, "vm"), ignore)


@pytest.mark.parametrize(
    ("pressure", "load", "short"),
    [
        ("some avg10=61.00 avg60=9.00 avg300=1.00 total=1\n", "0.10", True),
        ("some avg10=12.00 avg60=95.00 avg300=1.00 total=1\n", "0.10", False),
        ("", "0.10", False),
        ("", "9999.00", True),
        ("nonsense", "nonsense", False),
    ],
)
def test_a_host_is_short_of_processors_when_somebody_always_waits_for_one(
    tmp_path: Path, pressure: str, load: str, *, short: bool
) -> None:
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure" / "cpu").write_text(pressure)
    (tmp_path / "loadavg").write_text(f"{load} 0.00 0.00 1/2 3\n")
    assert is_short_of_processors(tmp_path) is short
    assert not is_short_of_processors(tmp_path / "nowhere"), "where the kernel does not tell, nothing is assumed"


def test_a_failure_is_known_to_the_agents_next_call(tmp_path: Path) -> None:
    Fault(tmp_path / "state", "vm").note()
    assert Fault(tmp_path / "state", "vm").is_noted()
    Fault(tmp_path / "state", "vm").forget()
    assert not Fault(tmp_path / "state", "vm").is_noted()
