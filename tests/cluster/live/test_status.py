"""How a cluster stands, and emptying a host."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command
from everprint.cluster.hosts.port import Answer
from everprint.cluster.live.apply import apply
from everprint.cluster.live.drain import CannotDrain, drain, stopped_by_drain, undrain
from everprint.cluster.live.status import ClusterStatus, NoCluster, ask_status, read_status
from everprint.cluster.prediction.simulator import Event
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


def on(world: World, *words: str) -> Result:
    name, *rest = words
    argv = ["cluster", name, str(world.folder / "t.toml"), *rest, "--via", world.via]
    return CliRunner().invoke(everprint_command, argv)


def test_a_cluster_that_is_well(world: World) -> None:
    status = ask_status(TOPOLOGY, world.hosts)
    assert (status.level, status.has_quorum, status.asked) == (Level.OK, True, "alpha")
    assert [(host.name, host.state) for host in status.hosts] == [
        ("alpha", "online"),
        ("beta", "online"),
    ]
    places = {one.name: one.host for one in status.resources if one.kind == "VirtualMachine"}
    assert set(places) == {"print1", "print2"}
    assert places["print1"] != places["print2"]
    report = json.loads(on(world, "status", "--json").output)
    assert (report["status"], report["quorum"]) == ("ok", True)
    shown = on(world, "status")
    assert shown.exit_code == 0
    assert "print has a majority, says alpha" in shown.output


def test_a_host_that_is_lost_is_shown_and_the_next_is_asked(world: World) -> None:
    world.happens(Event.fails("alpha"))
    (world.folder / "alpha" / "gone").touch()
    status = ask_status(TOPOLOGY, world.hosts)
    assert (status.asked, status.level) == ("beta", Level.WARN)
    assert status.hosts[0].state == "offline"
    assert on(world, "status").exit_code == 0


def test_a_vm_that_failed_is_counted_and_one_that_is_down_is_a_failure(world: World) -> None:
    where = ask_status(TOPOLOGY, world.hosts)
    host = next(one.host for one in where.resources if one.name == "print1")
    world.happens(Event.monitor_fails("print1", host, 5000))
    status = ask_status(TOPOLOGY, world.hosts)
    (print1,) = (one for one in status.resources if one.name == "print1")
    assert (print1.failures, print1.state, status.level) == (1, "started", Level.WARN)
    assert f"on {host}: Simulated action result" in print1.last_failure
    assert "print1: " in on(world, "status").output
    world.cib.write_text(world.cib.read_text().replace('have-quorum="1"', 'have-quorum="0"'))
    assert ask_status(TOPOLOGY, world.hosts).level is Level.FAIL
    result = on(world, "status")
    assert result.exit_code == 1
    assert "has NO majority" in result.output


class CutOff:
    """Hosts of which the first is cut off from the others, and does not know it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[str] = []

    def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30.0) -> Answer:
        self.asked.append(host)
        answer = self.world.hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)
        if host == "alpha":
            answer = Answer(answer.code, answer.output.replace('with_quorum="true"', 'with_quorum="false"'), "")
        return answer


def test_who_is_cut_off_is_not_believed_while_another_has_a_majority(world: World) -> None:
    hosts = CutOff(world)
    status = ask_status(TOPOLOGY, hosts)
    assert (hosts.asked, status.asked, status.has_quorum) == (["alpha", "beta"], "beta", True)
    (world.folder / "beta" / "gone").touch()
    status = ask_status(TOPOLOGY, hosts)
    assert (status.asked, status.has_quorum, status.level) == ("alpha", False, Level.FAIL)


def test_a_cluster_that_nobody_tells_of_is_an_error(world: World) -> None:
    (world.folder / "alpha" / "gone").touch()
    (world.folder / "beta" / "running").unlink()
    with pytest.raises(NoCluster, match=r"no route to alpha(.|\n)*beta: Connection refused"):
        ask_status(TOPOLOGY, world.hosts)
    assert on(world, "status").exit_code == 1
    with pytest.raises(NoCluster, match="no XML"):
        read_status("<", "alpha", TOPOLOGY)


def test_a_monitoring_system_is_told_too(world: World) -> None:
    argv = ["monitor", "cluster", str(world.folder / "t.toml"), "--via", world.via]
    told = CliRunner().invoke(everprint_command, argv)
    assert told.exit_code == 0
    assert told.output.startswith("CLUSTER OK - 5 resources run on 2 hosts | 'hosts_away'=0;;;0; 'resources_down'=0")
    world.happens(Event.fails("beta"))
    told = CliRunner().invoke(everprint_command, argv)
    assert told.exit_code == 1
    assert "beta is offline" in told.output.splitlines()[0]


def test_a_host_is_emptied_and_taken_back(world: World) -> None:
    status = ask_status(TOPOLOGY, world.hosts)
    host = next(one.host for one in status.resources if one.name == "print1")
    seen: list[tuple[str, ...]] = []

    def engine(found: ClusterStatus) -> None:
        seen.append(found.on(host))
        moved = world.happens()
        assert all(action.what in ("migrate", "move", "stop", "start") for action in moved.actions)

    assert stopped_by_drain(TOPOLOGY, world.hosts, host) == ()
    drain(TOPOLOGY, world.hosts, host, within_s=60, tell=engine, pause_s=0.05)
    assert "print1" in seen[0]
    assert seen[-1] == ()
    drained = next(one for one in ask_status(TOPOLOGY, world.hosts).hosts if one.name == host)
    assert drained.state == "drained"
    drain(TOPOLOGY, world.hosts, host, within_s=60, tell=lambda _: None), "again: nothing to do"
    undrain(TOPOLOGY, world.hosts, host)
    world.happens()  # the other host's fence device, which may run here only, is started again
    assert ask_status(TOPOLOGY, world.hosts).level is Level.OK


def test_a_host_that_does_not_empty_is_told_in_time(world: World) -> None:
    status = ask_status(TOPOLOGY, world.hosts)
    host = next(one.host for one in status.resources if one.name == "print1")
    with pytest.raises(CannotDrain, match="print1 still there"):
        drain(TOPOLOGY, world.hosts, host, within_s=0.1, tell=lambda _: None, pause_s=0.05)


def test_a_drain_that_would_stop_something_is_refused(world: World) -> None:
    world.happens(Event.fails("alpha"))
    before = world.cib.read_text()
    result = on(world, "drain", "beta")
    assert result.exit_code == 1
    assert "print1, print2 would run nowhere" in result.output
    assert world.cib.read_text() == before
    assert on(world, "drain", "delta").exit_code == 2


def test_the_commands_say_what_they_did(world: World) -> None:
    world.happens(Event.fails("alpha"))
    world.happens(Event.joins("alpha"))
    assert on(world, "drain", "alpha").output == "alpha is empty.\n"
    assert on(world, "undrain", "alpha").output == "alpha may run things again.\n"
    assert "Nothing to do" in on(world, "diff").output
    assert json.loads(on(world, "diff", "--json").output) == []
    assert "Nothing to do" in on(world, "apply").output


@pytest.mark.parametrize("twice", [True, False])
def test_an_agents_words_are_shown_as_it_said_them(*, twice: bool) -> None:
    words = """alpha's copy is "stale" & old <1>"""
    once = escape(words, {"'": "&apos;", '"': "&quot;"})
    failure = ET.Element("failure", op_key="server_start_0", node="alpha", exitreason=once if twice else words)
    root = ET.Element("pacemaker-result")
    ET.SubElement(ET.SubElement(root, "resources"), "resource", id="server", role="Stopped")
    ET.SubElement(root, "failures").append(failure)
    (server,) = read_status(ET.tostring(root, "unicode"), "alpha", TOPOLOGY).resources
    assert server.last_failure.endswith(f"on alpha: {words}")
