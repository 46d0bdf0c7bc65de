"""A cluster becomes what its topology says, whatever was there before and wherever it was interrupted."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.hosts.port import Answer, Hosts, HostUnreachable
from everprint.cluster.live.apply import apply, destroy
from everprint.cluster.live.changes import Change, Kind, plan_changes
from everprint.cluster.live.merge import Unreadable, merged
from everprint.cluster.live.observed import HostRefuses
from tests.cluster.live.world import TEXT, VM, World, topology_of


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def ignore(_: object) -> None:
    pass


def run(world: World, text: str = TEXT, hosts: Hosts | None = None) -> int:
    return apply(topology_of(text), hosts or world.hosts, ignore, form_within_s=30, pause_s=0.05)


def steps(changes: Sequence[Change]) -> list[tuple[Kind, str]]:
    return [(change.kind, change.where) for change in changes]


def test_empty_hosts_become_a_cluster_and_a_second_time_there_is_nothing_to_do(world: World) -> None:
    changes = plan_changes(topology_of(), world.hosts)
    kinds = [change.kind for change in changes]
    assert kinds == sorted(kinds, key=[Kind.WRITE, Kind.KEY, Kind.START, Kind.CONFIGURE].index)
    assert run(world) == len(changes)
    assert run(world) == 0
    keys = {data for name, data in world.files().items() if name.endswith("authkey")}
    assert [len(key) for key in keys] == [256], "one secret, the same on all"
    assert (world.folder / "alpha/etc/corosync/authkey").stat().st_mode & 0o777 == 0o400
    agent = world.folder / "beta/usr/lib/ocf/resource.d/everprint/VirtualMachine"
    assert agent.stat().st_mode & 0o111
    assert set(world.happens().placed) >= {"print1", "print2", "fence-alpha-1"}
    verified = subprocess.run(["crm_verify", "-V", "-x", world.cib], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


class Dies(Hosts):
    """Reaches the hosts for so many commands, and then is killed."""

    def __init__(self, hosts: Hosts, commands: int) -> None:
        self._hosts, self._left = hosts, commands

    def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)


def test_interrupted_anywhere_it_goes_on_to_the_same_end(world: World) -> None:
    interrupted = 0
    # Asking takes the first eight; each time it comes a step or two farther than before.
    for commands in (9, 12, 10, 14, 12, 13):
        try:
            run(world, hosts=Dies(world.hosts, commands))
        except KeyboardInterrupt:
            interrupted += 1
    assert interrupted == 6, "it was interrupted several times"
    run(world)
    assert run(world) == 0
    assert not [name for name in world.files() if name.endswith("everprint-new")]


def test_a_corosync_that_was_not_told_of_its_new_file_is_told_later(world: World) -> None:
    run(world)
    changed = TEXT.replace("modes = [1]\n", 'modes = [1]\n[timing]\ntoken = "2 s"\n')
    assert steps(plan_changes(topology_of(changed), world.hosts)) == [
        (Kind.WRITE, "alpha"),
        (Kind.WRITE, "beta"),
        (Kind.RELOAD, "cluster"),
    ]

    class DiesBeforeReload(Dies):
        def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30) -> Answer:
            if argv[0] == "corosync-cfgtool":
                raise KeyboardInterrupt
            return self._hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)

    with pytest.raises(KeyboardInterrupt):
        run(world, changed, DiesBeforeReload(world.hosts, 0))
    assert steps(plan_changes(topology_of(changed), world.hosts)) == [(Kind.RELOAD, "cluster")]
    assert run(world, changed) == 1


def test_a_diff_shows_what_would_change_and_changes_nothing(world: World) -> None:
    run(world)
    before = world.files(), world.cib.read_text()
    changed = TEXT.replace('memory = "1 GiB"', 'memory = "2 GiB"', 1)
    changes = plan_changes(topology_of(changed), world.hosts)
    domain = "/etc/everprint/cluster/domains/print1.xml"
    assert [(change.kind, change.subject) for change in changes[:2]] == [(Kind.WRITE, domain)] * 2
    assert changes[2].kind is Kind.CONFIGURE
    assert '-  <memory unit="MiB">1024</memory>\n+  <memory unit="MiB">2048</memory>' in changes[0].diff
    assert 'name="memory" value="2048"' in changes[2].diff
    assert (world.files(), world.cib.read_text()) == before


def test_what_the_topology_no_longer_has_is_taken_away_and_what_others_added_stays(world: World) -> None:
    run(world)
    root = ET.fromstring(world.cib.read_text())
    resources, nodes = root.find("configuration/resources"), root.find("configuration/nodes")
    assert resources is not None
    assert nodes is not None
    foreign = {"id": "theirs", "class": "ocf", "provider": "heartbeat", "type": "Dummy"}
    ET.SubElement(resources, "primitive", foreign)
    drained = ET.SubElement(nodes[0], "instance_attributes", {"id": "nodes-1"})
    ET.SubElement(drained, "nvpair", {"id": "nodes-1-standby", "name": "standby", "value": "on"})
    world.cib.write_text(ET.tostring(root, encoding="unicode"))
    assert run(world) == 0, "what others added is no difference"
    without = TEXT[: TEXT.index('\n[[vms]]\nname = "print2"')]
    run(world, without)
    assert run(world, without) == 0
    after = ET.fromstring(world.cib.read_text())
    names = {one.get("id") for one in after.iterfind("configuration/resources/primitive")}
    assert "theirs" in names
    assert "print1" in names
    assert "print2" not in names
    assert after.find(".//nodes/node[@uname='alpha']/instance_attributes/nvpair[@name='standby']") is not None
    assert after.find(".//nvpair[@name='dc-version']") is not None
    assert not [name for name in world.files() if name.endswith("print2.xml")]


def test_a_new_vm_comes_in_beside_those_that_run(world: World) -> None:
    run(world)
    placed = world.happens().placed
    more = TEXT + VM.format("print3", 53) + 'reports_to = "https://p"\n'
    run(world, more)
    after = world.happens().placed
    assert after["print3"]
    assert {name: after[name] for name in placed} == placed, "what runs stays where it is"


def test_a_host_on_which_a_part_of_the_engine_does_not_run_is_started(world: World) -> None:
    run(world)
    (world.folder / "beta" / "half").touch()
    assert steps(plan_changes(topology_of(), world.hosts)) == [(Kind.START, "beta")]
    assert run(world) == 1


def test_a_host_that_is_gone_stops_it_with_a_reason_and_later_it_goes_on(world: World) -> None:
    (world.folder / "beta" / "gone").touch()
    with pytest.raises(HostUnreachable, match="beta cannot be reached: no route to beta"):
        run(world)
    (world.folder / "beta" / "gone").unlink()
    assert run(world) > 1


class Meanwhile(Hosts):
    """An agent notes something just before the configuration is replaced, once."""

    def __init__(self, hosts: Hosts, note: Sequence[str]) -> None:
        self._hosts, self._note = hosts, list(note)

    def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30) -> Answer:
        if self._note and any("cibadmin --replace" in word for word in argv):
            assert self._hosts.run(host, self._note).is_well
            self._note = []
        return self._hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)


def test_what_an_agent_notes_meanwhile_is_not_taken_back(world: World) -> None:
    run(world)
    word = ["crm_attribute", "--type", "crm_config", "--name", "everprint-mirror-print1"]
    assert world.hosts.run("alpha", [*word, "--update", "1:alpha,beta:now"]).is_well
    more = TEXT + VM.format("print3", 53) + 'reports_to = "https://p"\n'
    assert run(world, more, Meanwhile(world.hosts, [*word, "--update", "2:alpha:now"])) > 0
    assert world.hosts.run("alpha", [*word, "--query", "--quiet"]).output.strip() == "2:alpha:now"
    assert "print3" in world.cib.read_text()


@pytest.mark.parametrize(
    ("record", "is_refused"),
    [("b@beta", True), ("b@beta a@alpha", True), ("a@alpha b@beta", False), ("nonsense", True)],
)
def test_a_vm_that_had_a_twin_is_not_started_from_an_old_disk(world: World, record: str, *, is_refused: bool) -> None:
    run(world)
    word = ["crm_attribute", "--type", "crm_config", "--name", "everprint-ft-print1", "--update", record]
    assert world.hosts.run("alpha", word).is_well
    if is_refused:
        with pytest.raises(HostRefuses, match="print1"):
            run(world)
    else:
        assert run(world) == 0


def test_a_host_that_does_not_join_is_named(world: World) -> None:
    world.cib.write_text(world.cib.read_text().replace('crmd="online"', 'crmd="offline"', 1))
    with pytest.raises(HostRefuses, match=r"did not join the cluster, not within 0\.2 s"):
        apply(topology_of(), world.hosts, ignore, form_within_s=0.2, pause_s=0.05)


def test_destroy_stops_all_and_leaves_no_file_of_ours(world: World) -> None:
    run(world)
    world.happens()
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)

    with pytest.raises(HostRefuses, match="did not stop within"):
        destroy(topology_of(), world.hosts, tell, stop_within_s=0.1, pause_s=0.05)
    assert "stop-all-resources" not in world.cib.read_text(), "a cluster that goes on starts its VMs again"
    stop_all = ["crm_attribute", "--type", "crm_config", "--name", "stop-all-resources", "--update", "true"]
    assert world.hosts.run("alpha", stop_all).is_well
    world.happens()
    destroy(topology_of(), world.hosts, tell, stop_within_s=30, pause_s=0.05)
    assert world.files() == {}
    destroy(topology_of(), world.hosts, tell, pause_s=0.05)
    assert told[0] == "stop all VMs and services"


def test_a_configuration_that_is_none_is_refused() -> None:
    for text in ("no XML", "<cib/>"):
        with pytest.raises(Unreadable):
            merged(text, topology_of())


def test_a_configuration_without_us_is_as_before() -> None:
    before = (
        '<configuration><crm_config/><nodes/><resources><primitive id="x"/></resources><constraints/></configuration>'
    )
    ours = merged(before, topology_of())
    gone = ET.fromstring(merged(ours, None))
    assert [one.get("id") for one in gone.iterfind("resources/*")] == ["x"]
    assert list(gone.iterfind("constraints/*")) == []
    assert gone.find("fencing-topology") is None
