"""What is compiled is read by those it is for: Corosync, libvirt, Pacemaker."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.compilation.corosync import corosync_conf
from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.compilation.everything import compiled_files
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology, read_topology
from tests.cluster.topology.sample import FULL

SAMPLES = [
    path
    for path in sorted((Path(__file__).parents[3] / "deploy" / "topologies").glob("*.toml"))
    if path.stem != "hypervisor"
]
FULL_TOPOLOGY = parse_topology(FULL, "t.toml")


def read_by_corosync(conf: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Corosync's own check, as the first host would do it."""
    key = folder / "authkey"
    key.write_bytes(os.urandom(256))
    here = conf.replace("totem {", f"totem {{\n    keyfile: {key}").replace("192.0.2.11", "127.0.0.1")
    path = folder / "corosync.conf"
    path.write_text(here)
    return subprocess.run(["corosync", "-t", "-c", path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_corosync_takes_its_file(path: Path, tmp_path: Path) -> None:
    checked = read_by_corosync(corosync_conf(read_topology(path)), tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_corosync_refuses_a_file_that_is_wrong(tmp_path: Path) -> None:
    conf = corosync_conf(FULL_TOPOLOGY)
    assert read_by_corosync(conf, tmp_path).returncode == 0
    assert read_by_corosync(conf.replace("crypto_cipher: aes256", "crypto_cipher: rot13"), tmp_path).returncode != 0


def test_votes_are_counted() -> None:
    two = FULL.replace("[quorum_device]\n", "[quorum_device]\n").replace('algorithm = "lms"', 'algorithm = "ffsplit"')
    assert "votes: 1" in corosync_conf(parse_topology(two, "t"))
    assert "two_node" not in corosync_conf(parse_topology(two, "t"))
    alone = two[: two.index("[quorum_device]")] + two[two.index("[timing]") :]
    assert "two_node: 1" in corosync_conf(parse_topology(alone, "t"))
    assert "token: 1500" in corosync_conf(FULL_TOPOLOGY)
    assert "ring1_addr: 198.51.100.12" in corosync_conf(FULL_TOPOLOGY)


def valid_domain(xml: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "domain.xml"
    path.write_text(xml, "utf-8")
    return subprocess.run(["virt-xml-validate", path, "domain"], capture_output=True, text=True, check=False)


STORAGE = {
    "nfs": 'kind = "nfs"\npath = "/srv/images"\nsource = "192.0.2.5:/images"',
    "ceph": 'kind = "ceph"\nsource = "images"',
    "lvm": 'kind = "lvm"\nsource = "vg0"',
    "shared-folder": 'kind = "shared-folder"\npath = "/srv/images"',
}


@pytest.mark.parametrize("kind", STORAGE)
def test_libvirt_takes_a_domain_on_every_storage(kind: str, tmp_path: Path) -> None:
    topology = parse_topology(FULL.replace(STORAGE["nfs"], STORAGE[kind]), "t")
    checked = valid_domain(domain_xml(topology, topology.vms[0]), tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_libvirt_takes_a_domain_that_boots_from_its_disk(tmp_path: Path) -> None:
    topology = read_topology(SAMPLES[0])
    xml = domain_xml(topology, topology.vms[0])
    assert valid_domain(xml, tmp_path).returncode == 0
    assert '<boot dev="hd" />' in xml
    assert valid_domain(xml.replace("<vcpu>", "<vcpu>many"), tmp_path).returncode != 0


def test_vms_of_one_system_share_its_disk_and_write_their_own(tmp_path: Path) -> None:
    text = FULL.replace("[boot]\n", '[boot]\nsystem = "/srv/images/everprint.raw"\n')
    topology = parse_topology(text, "t")
    xml = domain_xml(topology, topology.vms[0])
    assert valid_domain(xml, tmp_path).returncode == 0
    disks = {}
    for disk in ET.fromstring(xml).iterfind("devices/disk"):
        source, target = disk.find("source"), disk.find("target")
        assert source is not None
        assert target is not None
        disks[target.get("dev")] = (source.get("file"), disk.find("readonly") is not None)
    name = topology.vms[0].name
    assert disks == {
        "vda": ("/srv/images/everprint.raw", True),
        "vdb": (f"/srv/images/{name}.qcow2", False),
        "vdc": (f"/srv/images/{name}-seed.img", True),
    }


def test_a_domain_names_no_host() -> None:
    for vm in FULL_TOPOLOGY.vms:
        xml = domain_xml(FULL_TOPOLOGY, vm)
        assert not [host.name for host in FULL_TOPOLOGY.hosts if host.name in xml]


def primitive(topology: Topology, name: str) -> ET.Element:
    found = ET.fromstring(cib_xml(topology)).find(f".//primitive[@id='{name}']")
    assert found is not None
    return found


def parameters(found: ET.Element, kind: str = "instance_attributes") -> dict[str, str]:
    return {pair.get("name", ""): pair.get("value", "") for pair in found.iterfind(f"{kind}/nvpair")}


def test_a_fence_device_is_told_what_its_agent_needs_and_no_password() -> None:
    assert parameters(primitive(FULL_TOPOLOGY, "fence-alpha-1")) == {
        "ip": "203.0.113.11",
        "ipport": "9021",
        "username": "everprint",
        "password_script": "/etc/everprint/bmc",
        "plug": "7",
        "lanplus": "1",
        "cipher": "3",
        "pcmk_host_list": "alpha",
    }


def test_a_fence_device_has_more_time_to_start_than_the_engines_own_20_seconds() -> None:
    operations = primitive(FULL_TOPOLOGY, "fence-alpha-1").iterfind("operations/op")
    assert {found.get("name"): found.get("timeout") for found in operations} == {"start": "60s", "monitor": "30s"}


def test_a_host_is_fenced_by_power_first_and_by_its_watchdog_then() -> None:
    levels = ET.fromstring(cib_xml(FULL_TOPOLOGY)).findall(".//fencing-level")
    assert [(level.get("target"), level.get("index"), level.get("devices")) for level in levels] == [
        ("alpha", "1", "fence-alpha-1"),
        ("alpha", "2", "watchdog"),
        ("beta", "1", "fence-beta-1"),
    ]


def test_only_app_ha_asks_the_application() -> None:
    server = parameters(primitive(FULL_TOPOLOGY, "server"))
    assert (server["health_timeout"], server["restart_timeout"]) == ("5", "20")
    assert (server["health"], server["start_grace"]) == ("https://192.0.2.50:9192/health/live", "60")
    assert "health" not in parameters(primitive(FULL_TOPOLOGY, "db1"))


def test_a_vm_is_damped_as_the_topology_says() -> None:
    meta = parameters(primitive(FULL_TOPOLOGY, "db1"), "meta_attributes")
    assert (meta["migration-threshold"], meta["failure-timeout"], meta["allow-migrate"]) == ("5", "300s", "true")
    assert parameters(primitive(FULL_TOPOLOGY, "print1"), "meta_attributes")["allow-migrate"] == "false"


def test_what_is_compiled_is_the_same_each_time() -> None:
    assert compiled_files(FULL_TOPOLOGY) == compiled_files(parse_topology(FULL, "t.toml"))
    assert set(compiled_files(FULL_TOPOLOGY)) >= {"corosync.conf", "cib.xml", "domains/server.xml"}
