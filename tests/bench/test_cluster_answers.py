"""Somebody who asks all the time, and the gaps in what they are answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bench.on_cluster.answers import (
    Hole,
    NothingSeen,
    first_after,
    longest_gap,
    longest_hole,
    read_answers,
    usual_interval,
)
from bench.on_cluster.boot import machine_booted_at, started_at
from bench.on_cluster.migration import standstill_of
from bench.on_cluster.probe import Pace, asking
from rig.waiting import wait_for

EVERY = [0.02 * number for number in range(50)]
"""A good answer each 20 ms for a second."""
PACE = Pace(0.02, 2.0, 20)
STILL_S = 0.6


def test_a_gap_is_by_how_much_an_answer_was_later_than_usual() -> None:
    answers = [*EVERY, *(1.18 + one for one in EVERY)]
    assert usual_interval(answers) == pytest.approx(0.02)
    assert longest_hole(answers, 0.5) == Hole(EVERY[-1], 1.18)
    assert longest_gap(answers, 0.5, 2.0) == pytest.approx(0.18)


def test_without_a_gap_there_is_none() -> None:
    assert longest_gap(EVERY, 0.1, 0.9) == pytest.approx(0.0, abs=1e-9)


def test_a_gap_before_or_after_what_is_looked_at_does_not_count() -> None:
    answers = [0.0, 5.0, 5.1, 5.2, 5.3, 9.0]
    assert longest_gap(answers, 5.0, 5.25) == pytest.approx(0.0, abs=1e-9)
    assert longest_gap(answers, 5.0, 6.0) == pytest.approx(3.6)
    assert longest_gap(answers, 1.0, 6.0) == pytest.approx(4.9)


def test_a_gap_that_never_ends_is_not_taken_for_a_short_one() -> None:
    with pytest.raises(NothingSeen, match="of 50 good answers none"):
        longest_gap(EVERY, 1.5, 3.0)
    for few in ([], [1.0]):
        with pytest.raises(NothingSeen):
            longest_gap(few, 0.0, 3.0)
        with pytest.raises(NothingSeen):
            usual_interval(few)


def test_the_first_answer_after_a_moment() -> None:
    assert first_after([1.0, 2.0, 3.0], 1.5) == 2.0
    with pytest.raises(NothingSeen):
        first_after([1.0], 1.5)


def test_a_line_that_is_still_being_written_is_left_for_later() -> None:
    assert read_answers("2.5\n1.5\n17") == [1.5, 2.5]
    assert read_answers("") == []


class Health(BaseHTTPRequestHandler):
    """A service that may fall silent, as a guest does that stands still."""

    silent_until = 0.0
    status = 200

    def do_GET(self) -> None:
        time.sleep(max(0.0, Health.silent_until - time.monotonic()))
        self.send_response(Health.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    Health.silent_until, Health.status = 0.0, 200
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_asks_all_the_time_sees_how_long_nobody_answered(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{server.server_port}/health/live"
    with asking(list, tmp_path, "health", url, PACE) as probe:
        wait_for("answers", lambda: len(probe.answers()) > 20)
        began = time.time()
        Health.silent_until = time.monotonic() + STILL_S
        wait_for("answers again", lambda: probe.answers()[-1] > began + STILL_S + 0.1)
        ended = time.time()
    gap = longest_gap(probe.answers(), began, ended)
    assert STILL_S - 0.2 < gap < STILL_S + 2.0  # more if the machine has much else to do
    assert (tmp_path / "health.errors").read_text() == ""


def test_a_bad_answer_is_none(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    Health.status = 503
    url = f"http://127.0.0.1:{server.server_port}/health/live"
    with asking(list, tmp_path, "health", url, PACE) as probe:
        time.sleep(0.5)
        Health.status = 200
        well = time.time()
        wait_for("an answer", probe.answers)
    assert probe.answers()[0] > well


def test_a_connection_is_an_answer_for_who_asks_no_more(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    Health.status = 503
    url = f"http://127.0.0.1:{server.server_port}/health/live"
    with asking(list, tmp_path, "port", url, PACE, by_http=False) as probe:
        wait_for("answers", lambda: len(probe.answers()) > 5)


def test_nobody_who_listens_is_no_answer_and_no_trouble(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    port = server.server_port
    server.shutdown()
    server.server_close()
    with asking(list, tmp_path, "health", f"http://127.0.0.1:{port}/health/live", PACE) as probe:
        time.sleep(0.5)
    assert probe.answers() == []
    assert (tmp_path / "health.errors").read_text() == ""


def test_the_kernel_says_when_a_process_was_started() -> None:
    before = time.time()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    after = time.time()
    assert process.stdin is not None
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    ticks = os.sysconf("SC_CLK_TCK")
    assert before - 0.1 < started_at(stat, machine_booted_at(), ticks) < after + 0.1
    process.stdin.close()
    process.wait()


def test_a_name_with_spaces_and_brackets_does_not_move_the_fields() -> None:
    fields = " ".join(str(number) for number in range(3, 53))
    assert started_at(f"17 (a) b) {fields}", 1000.0, 100) == 1000.22


def test_libvirt_says_how_long_a_guest_stood_still() -> None:
    said = "Job type:         Completed\nTime elapsed:     812          ms\nTotal downtime:   57           ms\n"
    assert standstill_of(said) == 0.057
    assert standstill_of("Job type:         None\n") is None
