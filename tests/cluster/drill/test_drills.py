"""Drills as they are: real services under real Corosync, Pacemaker and fencing, somebody who prints, and a failure.

Each kind once, but for a host that stands still (see test_split_brain); `make lab-test` does each three times
(EVERPRINT_DRILLS).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.lab_stage import lab_drill, lab_stage
from everprint.cluster.drill.report import Report, keep_report
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.victims import victim_of
from everprint.cluster.lab.laboratory import Laboratory
from rig.waiting import wait_for
from tests.cluster.drill.service_cluster import SERVER_URL, TEXT, VIA
from tests.cluster.namespaces import need_namespaces

IS_THOROUGH = "EVERPRINT_DRILLS" in os.environ
TIMES = int(os.environ.get("EVERPRINT_DRILLS", "1"))
LEFT_OUT = {Kind.HOST, Kind.PANIC} | (set() if IS_THOROUGH else {Kind.FREEZE})  # services have no kernel of their own
KINDS = [kind for kind in Kind if kind not in LEFT_OUT]
LONG_S = 240.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    need_namespaces(tmp_path_factory.mktemp("probe"))
    laboratory = Laboratory(tmp_path_factory.mktemp("drills") / "cluster")
    with pytest.MonkeyPatch.context() as environment:
        # What this machine's own Everprint is set to must reach no host, neither at first nor when it comes back.
        environment.setenv("EVERPRINT_SERVER_DATABASE", "sqlite:///nowhere/to-be-found")
        laboratory.up(TEXT, print)
        yield laboratory
        laboratory.down()


@pytest.fixture(scope="module")
def stage(lab: Laboratory) -> Iterator[Stage]:
    with lab_stage(lab, LONG_S, pause_s=0.3) as made:
        yield made


def ignore(_: object) -> None:
    pass


def home(lab: Laboratory, name: str = "server") -> str:
    return wait_for(
        f"{name} to run",
        lambda: next((one.host for one in lab.status().resources if one.name == name and one.state == "started"), ""),
        within_s=LONG_S,
    )


@pytest.mark.parametrize("time", range(TIMES))
@pytest.mark.parametrize("kind", KINDS)
def test_every_job_is_printed_and_paid_once_whatever_fails(
    lab: Laboratory, stage: Stage, tmp_path: Path, kind: Kind, time: int
) -> None:
    drill = lab_drill(lab, stage, LONG_S, print, ignore)
    report = drill.run(kind, victim_of(drill.topology))
    must_be_right(report)
    kept = json.loads(keep_report(report, tmp_path / "reports").read_text())
    assert (kept["kind"], kept["resource"], kept["well"]) == (kind.value, "server", True)
    if kind.takes_the_host:
        assert home(lab) != report.host


def must_be_right(report: Report) -> None:
    balance, times = report.balance, report.times
    assert report.is_right, "\n".join(report.lines())
    assert balance.accepted >= 8
    passed = [times.detected_s, times.fenced_s or times.detected_s, times.started_s, times.service_s]
    assert passed == sorted(passed)
    assert (times.fenced_s is not None) is report.kind.takes_the_host


@pytest.mark.parametrize("time", range(TIMES))
def test_a_real_hosts_power_is_cut_by_its_fence_device_with_consent(
    lab: Laboratory, stage: Stage, tmp_path: Path, time: int
) -> None:
    """Its user has a topology, a program to reach hosts, and a token; that the hosts are the lab's nobody knows."""
    before = home(lab)
    give = ["server", "token", "add", f"drill-{time}", "--user", "admin", "--permission", "view-jobs"]
    state = "EVERPRINT_SERVER_STATE_FOLDER=/srv/state/server/state"
    token = lab.run(before, ["env", state, sys.executable, "-m", "everprint", *give], timeout_s=LONG_S)
    assert token.is_well, token.complaint
    (tmp_path / "token").write_text(token.output)
    (tmp_path / "print.toml").write_text(TEXT)
    (tmp_path / "via").write_text(VIA.format(folder=lab.folder))
    (tmp_path / "via").chmod(0o755)
    asked = ["cluster", "drill", "host", "--live", tmp_path / "print.toml", "--yes", "--via", tmp_path / "via"]
    asked += ["--server", SERVER_URL, "--token-file", tmp_path / "token", "--user", stage.user, "--json"]
    asked += ["--queue", stage.queues[0], "--printer", stage.printer, "--reports", tmp_path / "reports"]
    asked += ["--timeout", "120"]
    words = [sys.executable, "-m", "everprint", *map(str, asked)]
    done = subprocess.run(lab.beside(words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = json.loads(done.stdout)
    assert (report["where"], report["host"], report["well"]) == ("live", before, True)
    assert report["detected_s"] <= report["fenced_s"] <= report["started_s"] <= report["rto_s"]
    assert report["jobs"]["lost"] == report["jobs"]["printed_twice"] == report["jobs"]["charged_twice"] == []
    assert home(lab) != before
    assert [json.loads(path.read_text()) for path in (tmp_path / "reports").iterdir()] == [report]
