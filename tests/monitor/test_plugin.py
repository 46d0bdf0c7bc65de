"""What a monitoring system reads: the line, the figures, the exit code, whatever answers."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command
from everprint.monitor.asking import NoHealth, NotOurs, ask_health, read_health
from everprint.monitor.health import CheckResult, Health, Level, Question
from everprint.monitor.plugin import Figure, Report, State, worst_of

# The guidelines' own grammar: TEXT | 'label'=value[UOM];[warn];[crit];[min];[max] ...
LINE = re.compile(
    r"[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN) - [^|]+"
    r"( \|( '[^'=]+'=[0-9.e+-]+(s|%|B|c)?;[0-9.]*;[0-9.]*;[0-9.]*;[0-9.]*)+)?"
)


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/ready"
        server.shutdown()


def of(*checks: tuple[str, Level, str]) -> bytes:
    health = Health(Question.READINESS, tuple(CheckResult(*check) for check in checks))
    return json.dumps(health.as_json()).encode()


def run(url: str, *options: str) -> Result:
    patient = ["--timeout", "60", "--warning", "60", "--critical", "60"]
    result = CliRunner().invoke(everprint_command, ["monitor", "health", url, *patient, *options])
    assert LINE.fullmatch(result.output.splitlines()[0]), result.output
    return result


@pytest.mark.parametrize(
    ("level", "status", "code", "word"),
    [(Level.OK, 200, 0, "OK"), (Level.WARN, 200, 1, "WARNING"), (Level.FAIL, 503, 2, "CRITICAL")],
)
def test_a_parts_health_becomes_state_and_exit_code(level: Level, status: int, code: int, word: str) -> None:
    with answering(of(("database", Level.OK, "answers"), ("disk", level, "so much")), status) as url:
        result = run(url)
    assert result.exit_code == code
    assert result.output.startswith(f"EVERPRINT {word} - readiness: ")
    assert f"[{level}] disk: so much" in result.output.splitlines()


def test_a_slow_answer_is_a_trouble_of_its_own() -> None:
    with answering(of(("database", Level.OK, "answers"))) as url:
        result = run(url, "--warning", "0")
        assert (result.exit_code, "to answer" in result.output) == (1, True)
        assert run(url, "--critical", "0").exit_code == 2


def test_nobody_is_critical_and_somebody_else_is_unknown() -> None:
    with answering(b"<html>") as url:
        assert run(url).exit_code == 3
    assert run(url).exit_code == 2
    assert run("print.example.org").exit_code == 3


def test_an_answer_that_drips_holds_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.1):
                    connection.sendall(b"x: y\r\n")

        threading.Thread(target=drip, daemon=True).start()
        try:
            with pytest.raises(NoHealth):
                ask_health(f"http://127.0.0.1:{listening.getsockname()[1]}/health/live", 1.0)
        finally:
            over.set()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"checks": 1}', b'{"checks": [], "question": "who"}', b"[" * 100_000,
     b'{"question": "liveness", "checks": [1]}', b'{"question": "liveness", "checks": [{"status": "fine"}]}'],
)  # fmt: skip
def test_an_answer_that_is_not_ours_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(NotOurs):
        read_health(body)


def test_what_others_say_cannot_write_figures_or_lines() -> None:
    with answering(of(("x", Level.FAIL, "bad | 'time'=0;;;;\nEVERPRINT OK - all is well"))) as url:
        result = run(url)
    assert result.exit_code == 2
    assert result.output.splitlines()[0].count("|") == 1
    assert not [line for line in result.output.splitlines() if line.startswith("EVERPRINT OK")]


def test_figures_have_bounds() -> None:
    assert str(Figure("time", 0.25, "s", 2, 8)) == "'time'=0.25s;2;8;0;"
    assert str(Figure("failing", 3)) == "'failing'=3;;;0;"
    assert [Figure("t", value, "s", 2, 8).state for value in (1, 3, 9)] == [0, 1, 2]
    assert str(Report("X", State.OK, "well")) == "X OK - well"


def test_what_is_bad_for_certain_comes_before_what_is_not_known() -> None:
    assert worst_of([State.OK, State.UNKNOWN]) is State.UNKNOWN
    assert worst_of([State.UNKNOWN, State.WARNING, State.OK]) is State.WARNING
    assert worst_of([]) is State.OK


def test_a_cluster_that_nobody_tells_of_is_critical(tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "deploy" / "topologies" / "two-hosts.toml"
    via = "sh -c 'echo no route >&2; exit 255'"
    result = CliRunner().invoke(everprint_command, ["monitor", "cluster", str(sample), "--via", via])
    assert result.exit_code == 2
    assert LINE.fullmatch(result.output.splitlines()[0])
    assert "alpha cannot be reached" in result.output
    missing = CliRunner().invoke(everprint_command, ["monitor", "cluster", str(tmp_path / "none.toml")])
    assert (missing.exit_code, "CLUSTER UNKNOWN - " in missing.output) == (3, True)
