"""What the topology alone tells: each finding is found where it is so, and not where it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.cluster.check.finding import Finding
from everprint.cluster.check.room import Load, loads_of, place
from everprint.cluster.check.topology import check_topology
from everprint.cluster.prediction.outlook import if_hosts_fail
from everprint.cluster.topology.reader import parse_topology, read_topology
from everprint.monitor.health import Level
from tests.cluster.story import SCENARIOS
from tests.cluster.topology.sample import FULL

SAMPLES = Path(__file__).parents[3] / "deploy" / "topologies"
MODES = (SAMPLES / "mode-1-and-2.toml").read_text("utf-8")
TWO = (SAMPLES / "two-hosts.toml").read_text("utf-8")
DATABASES = (SAMPLES / "mode-2.toml").read_text("utf-8")
LAYER = (SAMPLES / "database.toml").read_text("utf-8")
BACKUP = LAYER[LAYER.index("[database.backup]") : LAYER.index("[[hosts]]")]
WATCHDOG = '[[hosts.fencing]]\nagent = "watchdog"\n\n'
IPMI_OF_ALPHA = TWO[TWO.index("[[hosts.fencing]]") : TWO.index('[[hosts.fencing]]\nagent = "watchdog"')]
QUORUM_DEVICE = TWO[TWO.index("[quorum_device]") : TWO.index("[[hosts]]")]


def findings(text: str) -> dict[str, Finding]:
    return {finding.code: finding for finding in check_topology(parse_topology(text, "t.toml"))}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_nothing_is_found_in_the_samples(path: Path) -> None:
    assert check_topology(read_topology(path)) == []


def without(text: str, *pieces: str) -> str:
    for piece in pieces:
        assert piece in text
        text = text.replace(piece, "")
    return text


TROUBLES = [
    (without(TWO, IPMI_OF_ALPHA, WATCHDOG), "no-fencing", Level.FAIL, "alpha has no fence device"),
    (without(TWO, WATCHDOG), "one-fencing-level", Level.WARN, "in one way only"),
    (without(TWO, IPMI_OF_ALPHA), "one-fencing-level", Level.WARN, "alpha can be fenced in one way only"),
    (without(TWO, QUORUM_DEVICE), "even-votes", Level.FAIL, "2 hosts have an even number of votes"),
    (TWO.replace('second_address = "198.51.100.11"\n', "").replace('second_address = "198.51.100.12"\n', ""),
     "one-link", Level.WARN, "over one network only"),
    (TWO.replace('site = "office"\n', 'site = "main"\n').replace('name = "beta"', 'name = "beta"\nsite = "b"'),
     "quorum-device-at-a-site", Level.WARN, "one of the sites"),
    (MODES.replace('name = "beta"', 'name = "beta"\nsite = "b"'),
     "two-sites-without-quorum-device", Level.FAIL, "at two sites (b, main)"),
    (TWO + '\n[timing]\ntoken = "600 ms"\n', "short-token", Level.WARN, "after 600 ms"),
    (TWO.replace('kind = "nfs"\nsource = "192.0.2.5:/images"', 'kind = "local"'),
     "storage-not-shared", Level.FAIL, "local to one host"),
    (TWO.replace('kind = "nfs"', 'kind = "nfs"\nhosts = ["beta"]'),
     "storage-on-one-host", Level.FAIL, "only beta reaches images"),
    (TWO.replace("192.0.2.5:/images", "192.0.2.12:/images"),
     "storage-served-by-a-host", Level.FAIL, "served by beta"),
    (without(DATABASES, 'not_with = ["db2"]\n'), "standby-beside-primary", Level.FAIL, "whose standby it is"),
    (LAYER.replace('storage = "disk-of-gamma"', 'storage = "disk-of-alpha"'),
     "database-members-together", Level.FAIL, "db1 and db3, members"),
    (LAYER.replace('storage = "disk-of-gamma"', 'storage = "images"'),
     "database-members-together", Level.FAIL, "may both run on beta"),
    (LAYER.replace("certificates =", "# certificates ="), "database-not-encrypted", Level.WARN, "is not encrypted"),
    (LAYER.replace("[database]", "[database]\nwatchdog = false"),
     "database-without-watchdog", Level.WARN, "is not stopped"),
    (without(LAYER, BACKUP), "database-not-backed-up", Level.WARN, "has no backup"),
    (LAYER.replace('host = "192.0.2.5"', 'host = "192.0.2.62"'),
     "database-backup-on-member", Level.FAIL, "goes to db2"),
    (TWO.replace('protection = "app-ha"', 'protection = "none"', 1), "no-protection", Level.WARN, "server has no"),
    (TWO.replace('protection = "app-ha"', 'protection = "ha"', 1),
     "application-not-watched", Level.WARN, "application-server in server lives"),
    (without(TWO, TWO[TWO.index('[[vms]]\nname = "print2"') :]), "one-print-server", Level.WARN, "one print server"),
    (TWO.replace('memory = "64 GiB"', 'memory = "6 GiB"'), "no-room", Level.FAIL, "4096 MiB are there on 1 of 2"),
    (TWO.replace('memory = "64 GiB"', 'memory = "3 GiB"'), "no-room", Level.FAIL, "even with every host up"),
    (TWO.replace("cores = 16", "cores = 1"), "no-room", Level.FAIL, "or processors"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "level", "said"), TROUBLES, ids=[f"{row[1]}-{row[3]}" for row in TROUBLES])
def test_a_trouble_is_found(text: str, code: str, level: Level, said: str) -> None:
    found = findings(text)
    assert code in found
    assert found[code].level is level
    assert said in found[code].what
    assert found[code].why
    assert found[code].advice
    assert 1 <= found[code].line <= text.count("\n")


def test_one_host_is_no_cluster() -> None:
    beta = TWO[TWO.index('[[hosts]]\nname = "beta"') : TWO.index("[[networks]]")]
    assert findings(without(TWO, beta, QUORUM_DEVICE))["one-host"].level is Level.FAIL


def test_the_worst_is_told_first() -> None:
    levels = [finding.level for finding in check_topology(parse_topology(FULL, "t.toml"))]
    assert levels == sorted(levels, key=lambda level: level is not Level.FAIL)
    assert Level.WARN in levels


def test_a_hypervisor_is_not_told_how_to_do_its_work() -> None:
    text = (SAMPLES / "hypervisor.toml").read_text("utf-8").replace('"app-ha"', '"none"')
    assert findings(text) == {}


CAPABLE = [folder for folder in SCENARIOS if folder.name != "without-fencing"]


@pytest.mark.parametrize("folder", CAPABLE, ids=[folder.name for folder in CAPABLE])
def test_the_arithmetic_says_of_one_lost_host_what_the_engine_says(folder: Path) -> None:
    topology = read_topology(folder / "topology.toml")
    for lost in topology.hosts:
        loads = loads_of(topology, lost.name)
        placed = place(loads, [host for host in topology.hosts if host is not lost])
        mine = {load.name for load in loads}
        homeless = set(if_hosts_fail(topology, (lost.name,)).homeless) & mine
        assert isinstance(placed, str) == bool(homeless), (lost.name, placed, homeless)


@settings(max_examples=60)
@given(
    memory=st.lists(st.integers(1, 8), min_size=1, max_size=6),
    rooms=st.lists(st.integers(1, 12), min_size=1, max_size=3),
)
def test_what_is_placed_fits_and_what_fits_is_placed(memory: list[int], rooms: list[int]) -> None:
    template = parse_topology(FULL, "t").hosts[0]
    hosts = [
        replace(template, name=f"h{number}", memory_mib=room, reserved_mib=0, cores=100)
        for number, room in enumerate(rooms)
    ]
    names = frozenset(host.name for host in hosts)
    loads = [
        Load(f"v{number}", mib, 1, names, frozenset(), 1) for number, mib in enumerate(sorted(memory, reverse=True))
    ]
    placed = place(loads, hosts)
    if isinstance(placed, str):
        assert not _some_way(sorted(memory, reverse=True), rooms)
    else:
        for host in hosts:
            assert sum(load.memory_mib for load in loads if placed[load.name] == host.name) <= host.memory_mib


def _some_way(memory: list[int], rooms: list[int]) -> bool:
    """Tries everything, the slow way."""
    if not memory:
        return True
    return any(
        _some_way(memory[1:], [*rooms[:at], room - memory[0], *rooms[at + 1 :]])
        for at, room in enumerate(rooms)
        if room >= memory[0]
    )
