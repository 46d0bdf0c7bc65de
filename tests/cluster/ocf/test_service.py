"""ocf:everprint:Service. In place of systemd stands a program that starts and stops a real service by its words."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.ports import free_port
from tests.cluster.ocf.installed import Resource, installed_agents

RUNNING, NOT_RUNNING, FAILED, NOT_INSTALLED = 0, 7, 1, 5

SERVICE = """
import http.server, pathlib, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(pathlib.Path(sys.argv[2]).read_text()))
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""

SYSTEMCTL = """#!/bin/sh
cd {folder}
runs() {{ [ -e pid ] && kill -0 "$(cat pid)" 2>/dev/null; }}
for unit; do :; done
case "$*" in
    "show --value --property=LoadState known.service") echo loaded ;;
    "show --value --property=LoadState"*) echo not-found ;;
    "show --value --property=ActiveState"*)
        if runs; then echo active; elif [ -e pid ]; then echo failed; else echo inactive; fi ;;
    "start "*) runs && exit 0; {python} service.py {port} status </dev/null >/dev/null 2>&1 & echo $! >pid ;;
    "stop "*) runs && kill "$(cat pid)"; while runs; do sleep 0.1; done; rm -f pid ;;
    *) echo "Unknown command $*" >&2; exit 1 ;;
esac
"""


class Unit(Resource):
    """A service of a host as a resource."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / "service.py").write_text(SERVICE)
        (folder / "bin").mkdir()
        systemctl = folder / "bin" / "systemctl"
        systemctl.write_text(SYSTEMCTL.format(folder=folder, python=sys.executable, port=self.port))
        systemctl.chmod(0o755)
        self.parameters: dict[str, object] = {
            "unit": "known.service",
            "health": f"http://127.0.0.1:{self.port}/health/live",
            "health_timeout": 30,
        }
        environment = {"PATH": f"{folder / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"}
        agent = root / "resource.d" / "everprint" / "Service"
        super().__init__(agent, folder / "state", environment, **self.parameters)
        self.answers(200)

    def answers(self, status: int) -> None:
        new = self.folder / "status.new"
        new.write_text(str(status))
        new.rename(self.folder / "status")


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    with installed_agents() as root:
        made = Unit(root, tmp_path)
        yield made
        made("stop")


def test_ocf_tester_finds_nothing_to_blame(unit: Unit) -> None:
    tested = unit.tested_by("service", **unit.parameters)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed all tests" in tested.stdout


def test_a_service_that_runs_and_does_not_live_fails(unit: Unit) -> None:
    assert unit("start") == RUNNING
    unit.answers(503)
    assert unit("monitor", interval="0") == RUNNING, "a probe does not judge"
    unit.environment["OCF_RESKEY_health_timeout"] = "1"
    assert unit("monitor") == FAILED
    assert f"http://127.0.0.1:{unit.port}/health/live" in unit.said, "503, or on a busy machine no answer in time"


def test_a_service_that_answers_badly_and_then_well_lives(unit: Unit) -> None:
    assert unit("start") == RUNNING
    unit.answers(503)
    late = threading.Timer(1.0, lambda: unit.answers(200))
    late.start()
    assert unit("monitor") == RUNNING
    late.join()


def test_a_service_that_is_started_again_by_its_systemd_is_left_to_it_for_a_while(unit: Unit) -> None:
    assert unit("start") == RUNNING
    unit.environment["OCF_RESKEY_health_timeout"] = "1"
    unit.environment["OCF_RESKEY_restart_timeout"] = "0"
    unit.environment["OCF_RESKEY_health"] = f"http://127.0.0.1:{free_port()}/health/live"
    assert unit("monitor") == RUNNING
    assert "Connection refused" in unit.said
    assert unit("monitor") == FAILED, "it did not come back in time"


def test_a_service_that_does_not_come_to_live_has_not_started(unit: Unit) -> None:
    unit.answers(503)
    unit.environment["OCF_RESKEY_health_timeout"] = "1"
    assert unit("start", timeout="6000") == FAILED
    assert "in time it did not serve" in unit.said


def test_a_service_that_ended_by_itself_has_failed(unit: Unit) -> None:
    assert unit("start") == RUNNING
    pid = unit.folder / "pid"
    os.kill(int(pid.read_text()), signal.SIGKILL)
    pid.write_text("4194305")  # above any process number: the real one may not be reaped yet
    assert unit("monitor") == FAILED
    assert unit("monitor", interval="0") == NOT_RUNNING


def test_a_unit_that_is_not_there_is_said(unit: Unit) -> None:
    unit.environment["OCF_RESKEY_unit"] = "unknown.service"
    assert unit("start") == NOT_INSTALLED
    assert "systemd has no unit unknown.service" in unit.said
    unit.environment["PATH"] = "/nowhere:/usr/bin/../nowhere"
    assert unit("validate-all") == NOT_INSTALLED
    assert "there is no systemctl" in unit.said
    unit.environment["PATH"] = f"{unit.folder / 'bin'}:/usr/bin:/bin"
