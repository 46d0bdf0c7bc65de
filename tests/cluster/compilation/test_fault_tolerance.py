"""A fault-tolerant VM in the engine's configuration, and what keeps a topology from having one."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.check.room import loads_of, place
from everprint.cluster.check.topology import check_topology
from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.compilation.everything import compiled_files
from everprint.cluster.fault_tolerance.definition import read_definition
from everprint.cluster.live.desired import host_files
from everprint.cluster.topology import fault_tolerance, mirror
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.topology.sample import FULL, line_of

NAME = "server"
"""Of the VM in the sample that is made fault-tolerant here."""


def spoilt(*changes: tuple[str, str]) -> str:
    """The sample with a VM that has a twin, then changed."""
    head, mark, rest = FULL.partition(f'[[vms]]\nname = "{NAME}"')
    vm, more, others = rest.partition("\n[[")
    lines = [line for line in vm.splitlines() if not line.startswith(("protection", "cores", "prefers", "not_with"))]
    vm = "\n".join([*lines, 'protection = "fault-tolerant"', "cores = 1", 'prefers = "beta"'])
    text = head + mark + vm + "\n" + more + others
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def topology(*changes: tuple[str, str]) -> Topology:
    return parse_topology(spoilt(*changes), "t.toml")


def test_it_is_a_promotable_pair_which_pacemaker_takes(tmp_path: Path) -> None:
    xml = cib_xml(topology(('name = "print1"\n', f'name = "print1"\nnot_with = ["{NAME}"]\n')))
    file = tmp_path / "cib.xml"
    file.write_text(xml)
    # Of the warnings (nobody has joined yet) there is an end code of its own.
    verified = subprocess.run(["crm_verify", "-x", file], capture_output=True, text=True, check=False)
    assert "Errors" not in verified.stderr, verified.stderr
    pair = ET.fromstring(xml).find(f".//clone[@id='{NAME}-pair']")
    assert pair is not None
    meta = {each.get("name"): each.get("value") for each in pair.iterfind("meta_attributes/nvpair")}
    assert (meta["promotable"], meta["clone-max"], meta["promoted-max"], meta["notify"]) == ("true", "2", "1", "true")
    monitors = [op for op in pair.iterfind(".//op") if op.get("name") == "monitor"]
    assert {op.get("role") for op in monitors} == {"Promoted", "Unpromoted"}
    assert len({op.get("interval") for op in monitors}) == 2
    # Longer than the service may take where processors are short: three times 5 s.
    assert {op.get("role"): op.get("timeout") for op in monitors} == {"Promoted": "105s", "Unpromoted": "60s"}
    # Constraints name the pair: one of a half would be ignored.
    constraints = ET.fromstring(xml).find(".//constraints")
    assert constraints is not None
    named = {each.get(key) for each in constraints for key in ("rsc", "with-rsc")}
    assert f"{NAME}-pair" in named
    assert NAME not in named


def test_its_agent_reads_where_it_can_be(tmp_path: Path) -> None:
    made = topology()
    files = compiled_files(made)
    assert f"domains/{NAME}.xml" not in files
    file = tmp_path / "vm.json"
    file.write_text(files[f"domains/{NAME}.json"])
    definition = read_definition(file)
    vm = next(vm for vm in made.vms if vm.name == NAME)
    assert definition.machine.memory_mib == vm.memory_mib
    # Emulated or not: numpy, which the image has, starts on no lesser one.
    assert definition.machine.processor == "Westmere"
    # Memory and disk take the second link.
    assert definition.hosts["alpha"] == "198.51.100.11"
    assert definition.home == "beta"
    assert definition.disks["a"] != definition.disks["b"]
    assert f"/etc/everprint/cluster/domains/{NAME}.json" in {one.path for one in host_files(made)}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cores = 1\n", "cores = 2\n", "has 2 cores"),
        ('storage = "images" # server', 'storage = "scratch" # server', "fewer than two hosts reach scratch"),
        ('kind = "nfs"\npath = "/srv/images"\nsource = "192.0.2.5:/images"', 'kind = "ceph"\nsource = "x"',
         "its disk is on ceph"),
    ],
)  # fmt: skip
def test_what_cannot_have_a_twin_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(BadTopology) as refused:
        topology((old, new))
    assert said in str(refused.value)


def test_a_local_disk_needs_a_home() -> None:
    local = (
        'kind = "nfs"\npath = "/srv/images"\nsource = "192.0.2.5:/images"',
        'kind = "local"\npath = "/srv/images"',
    )
    topology(local)
    with pytest.raises(BadTopology, match="which host has the disk of server"):
        topology(local, ('cores = 1\nprefers = "beta"', "cores = 1"))


@pytest.mark.parametrize("apart", [-1, 0, 3, 4])
def test_a_mirror_never_has_one_of_its_ports(monkeypatch: pytest.MonkeyPatch, apart: int) -> None:
    mirrored = (
        "\n[[vms]]\n" + f'name = "{NAME}"',
        '\n[[storage]]\nname = "pair"\nkind = "mirrored"\npath = "/srv/pair"\nhosts = ["alpha", "beta"]\n'
        f'\n[[vms]]\nname = "{NAME}"',
    )
    moved = ('name = "print1"', 'name = "print1" # mirrored')
    stored = ('cores = 1\ndisk = "20 GiB"\nstorage = "images"\n', 'cores = 1\ndisk = "20 GiB"\nstorage = "pair"\n')
    monkeypatch.setattr(fault_tolerance, "_SLOTS", 1)
    monkeypatch.setattr(mirror, "_PORTS", 1)
    monkeypatch.setattr(mirror, "_FIRST_PORT", fault_tolerance._FIRST_PORT + apart)
    text = spoilt(mirrored, moved, stored)
    if apart in (-1, 4):
        parse_topology(text, "t.toml")
        return
    with pytest.raises(BadTopology) as refused:
        parse_topology(text, "t.toml")
    line = line_of(text, f'[[vms]]\nname = "{NAME}"')
    said = f"t.toml:{line}: {NAME} and the mirror of print1 would have the same port ({20_000 + apart}); give one"
    assert said in str(refused.value)


def test_its_twin_needs_room_on_another_host_while_all_are_there() -> None:
    made = topology()
    assert "twin-not-backed-up" in {finding.code for finding in check_topology(made)}
    placed = place(loads_of(made, ""), made.hosts)
    assert isinstance(placed, dict)
    assert placed[NAME] != placed[f"{NAME}-twin"]
    assert f"{NAME}-twin" not in {load.name for load in loads_of(made, "alpha")}
    large = tuple(replace(vm, memory_mib=9 * 1024) if vm.name == NAME else vm for vm in made.vms)
    assert place(loads_of(replace(made, vms=large), ""), made.hosts) == f"{NAME}-twin"
