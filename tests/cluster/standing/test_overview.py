"""The whole picture, of hosts that are folders with Pacemaker's own tools on them, and what is printed of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from everprint.cli.main import everprint_command
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.apply import apply
from everprint.cluster.ocf import runs
from everprint.cluster.prediction.simulator import Event
from everprint.cluster.standing.host_records import read_records
from everprint.cluster.standing.layers import LayerState, ask_layers
from everprint.cluster.standing.overview import Overview, VmView, ask_overview
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level
from tests.cluster.live.world import TEXT, World, topology_of

TOPOLOGY = topology_of()


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    apply(TOPOLOGY, made.hosts, lambda _: None, form_within_s=30, pause_s=0.05)
    made.happens()
    (tmp_path / "t.toml").write_text(TEXT)
    return made


def notes(world: World, host: str) -> Path:
    """Where the agents of a host of this world note what they did."""
    return world.folder / host / "var/lib/everprint/runs"


def vm(found: Overview, name: str) -> VmView:
    return next(one for one in found.vms if one.name == name)


def test_each_vm_with_its_place_health_last_fail_over_and_evidence(world: World) -> None:
    home = vm(ask_overview(TOPOLOGY, world.hosts), "print1").host
    runs.note(notes(world, home), "print1", runs.STARTED)
    runs.note(notes(world, home), "print1", runs.FAILED, "no answer\nin time")
    runs.note(notes(world, home), "print1", runs.STOPPED)
    runs.note(notes(world, home), "print1", runs.STARTED)
    kept = world.folder / home / "var/lib/everprint/evidence/print1/20261127T112305Z"
    kept.mkdir(parents=True)
    (kept / "reason.txt").write_text("no answer\n")
    found = vm(ask_overview(TOPOLOGY, world.hosts), "print1")
    assert (found.state, found.health, found.protection, found.role) == ("started", "well", "app-ha", "print-server")
    assert found.since is not None
    assert found.last_fail_over is not None
    assert (found.last_fail_over.source, found.last_fail_over.target) == (home, home)
    assert found.last_fail_over.why == "no answer in time"
    (evidence,) = found.evidence
    assert (evidence.host, evidence.reason, evidence.at) == (home, "no answer", "20261127T112305Z")
    said = CliRunner().invoke(
        everprint_command, ["cluster", "status", str(world.folder / "t.toml"), "--via", world.via]
    )
    assert f"on {home}: no answer in time" in " ".join(said.output.split())
    assert "evidence (no answer)" in said.output


def test_a_host_that_was_lost_is_not_asked_and_its_fencing_is_told(world: World) -> None:
    world.happens(Event.fails("alpha"))
    (world.folder / "alpha" / "gone").touch()
    runs.note(notes(world, "alpha"), "print1", runs.STARTED)
    before = len(world.commands())
    found = ask_overview(TOPOLOGY, world.hosts)
    assert [line.split()[:2] for line in world.commands()[before:] if "sh -c" in line] == [["beta", "sh"]]
    assert vm(found, "print1").host == "beta"
    alpha, beta = found.hosts
    assert (alpha.status.state, beta.status.state) == ("offline", "online")
    # beta's device may run at alpha only, which is away.
    assert [one.state for one in beta.fencing] == ["stopped", "started"]
    assert [one.state for one in alpha.fencing] == ["started", "started"]
    assert found.level is Level.WARN


def test_what_agents_wait_for_is_the_vms_health() -> None:
    texts = {
        "alpha": "agent everprint-print1.starting 100 40\nagent everprint-print2.failed  40\nagent odd x\n"
        "agent everprint-old.starting 30 40\nrun print1 yesterday started\nrun print1 2026-11-27T11:00:00 started\n"
        "run print1 2026-11-27T11:00:00Z started\nwhat is this"
    }
    records = read_records(texts)
    assert records.starting == {("print1", "alpha")}
    assert records.failed == {("print2", "alpha")}
    assert [run.at for run in records.runs["print1"]] == [datetime(2026, 11, 27, 11, tzinfo=UTC)]


class Mirror:
    name = "mirror"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        return [LayerState("print1", self.name, "re-synchronising", Level.WARN, "62 % of 4 GiB to beta")]


class Broken:
    name = "replica"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        raise OSError("no route")


def test_layers_add_their_state_and_one_that_fails_hides_nothing(world: World) -> None:
    found = ask_overview(TOPOLOGY, world.hosts, [Mirror(), Broken()])
    (mirror,) = vm(found, "print1").layers
    assert (mirror.state, found.level, found.status.level) == ("re-synchronising", Level.WARN, Level.OK)
    assert [(one.layer, one.detail) for one in found.troubles] == [("replica", "no route")]
    said = found.as_json()
    assert json.loads(json.dumps(said)) == said
    assert ask_layers(TOPOLOGY, world.hosts, []) == ()


def test_notes_are_few_whole_and_keep_the_last(tmp_path: Path) -> None:
    for number in range(runs.KEPT_LINES + 5):
        runs.note(tmp_path / "notes", "print1", runs.FAILED, f"{number} " + "x" * 1000)
    lines = (tmp_path / "notes" / "print1").read_text().splitlines()
    assert len(lines) == runs.KEPT_LINES
    assert " failed 54 xxx" in lines[-1]
    assert runs.last_word(tmp_path / "notes", "print1") == runs.FAILED
    assert runs.last_word(tmp_path / "notes", "print2") == ""
    runs.note(Path("/proc/nowhere"), "print1", runs.STARTED), "what cannot be noted is left away"
