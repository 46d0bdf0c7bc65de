"""Mirrored storage in the topology: what is refused, what is found, what the hosts are given."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.check.topology import check_topology
from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.live.apply import apply
from everprint.cluster.live.changes import Change, Kind, plan_changes
from everprint.cluster.topology import mirror
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.live.world import TEXT, World, topology_of

SAMPLE = (Path(__file__).parents[3] / "deploy" / "topologies" / "mirrored.toml").read_text("utf-8")
PAIR = 'hosts = ["alpha", "beta"]'
BACKUP = '[backup]\ntarget = "/srv/backup"\npassword_file = "/etc/everprint/password"\n'
OF_TWO_HOSTS = TEXT.replace('kind = "shared-folder"', f'kind = "mirrored"\n{PAIR}')


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PAIR, "", "pair is mirrored between unnamed hosts; name two"),
        (PAIR, 'hosts = ["alpha"]', "pair is mirrored between 1 hosts"),
        (PAIR, 'hosts = ["alpha", "gamma"]', "there is no host gamma"),
        ('lost_after = "3 s"', 'lost_after = "500 ms"', "lost_after cannot be that; write 1 s to 60 s"),
        ('path = "/srv/everprint"', "", "mirrored needs a path"),
        ('path = "/srv/everprint"', 'path = "/srv/everprint"\nsource = "x"', "mirrored has no source"),
        ('protection = "app-ha"\npriority', 'protection = "app-ha"\nprefers = "gamma"\npriority', "no host gamma"),
    ],
)
def test_a_mirror_that_cannot_be_is_refused(old: str, new: str, said: str) -> None:
    assert old in SAMPLE
    with pytest.raises(BadTopology, match=said):
        parse_topology(SAMPLE.replace(old, new, 1), "t.toml")


def test_two_mirrors_never_have_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "_PORTS", 1)
    with pytest.raises(BadTopology, match=r"the mirrors of server and print1 would have one port \(20000\)"):
        parse_topology(SAMPLE, "t.toml")


def test_what_a_mirror_is_not_is_found() -> None:
    codes = {finding.code for finding in check_topology(parse_topology(f"{SAMPLE}\n{BACKUP}", "t.toml"))}
    assert codes == {"backup-of-mirrored"}
    apart = SAMPLE.replace('address = "192.0.2.12"', 'address = "192.0.2.12"\nsite = "north"')
    assert "mirror-across-sites" in {finding.code for finding in check_topology(parse_topology(apart, "t.toml"))}


def test_the_engine_is_given_the_vm_and_who_takes_its_copy() -> None:
    root = ET.fromstring(cib_xml(parse_topology(SAMPLE, "t.toml")))
    (machine,) = root.iterfind(".//primitive[@id='print1']")
    (target,) = root.iterfind(".//primitive[@id='print1-copy']")
    assert (machine.get("type"), target.get("type")) == ("MirroredMachine", "MirrorTarget")
    assert {op.get("name") for op in machine.iterfind("operations/op")} == {"start", "stop", "monitor"}

    def parameters(primitive: ET.Element) -> dict[str, str]:
        pairs = primitive.iterfind("instance_attributes/nvpair")
        return {pair.get("name", ""): pair.get("value", "") for pair in pairs}

    assert parameters(machine)["copies"] == "alpha=198.51.100.11 beta=198.51.100.12"
    assert parameters(machine)["disk"] == "/srv/everprint/print1.qcow2"
    assert parameters(machine)["lost_after"] == "3000"
    assert not any(name.startswith("migrat") for name in parameters(machine))
    assert parameters(target)["port"] == parameters(machine)["port"]
    assert parameters(target)["size"] == "20480"


def test_apply_gives_the_hosts_certificates_of_one_authority(tmp_path: Path) -> None:
    world, topology = World(tmp_path), topology_of(OF_TWO_HOSTS)
    changes = plan_changes(topology, world.hosts)
    assert Kind.CERTIFY in [change.kind for change in changes]
    told: list[Change] = []
    run(world, topology, told)
    assert plan_changes(topology, world.hosts) == []
    folder = {host: world.folder / host / "etc/pki/qemu/everprint" for host in ("alpha", "beta")}
    authority = (folder["alpha"] / "ca-cert.pem").read_bytes()
    assert authority == (folder["beta"] / "ca-cert.pem").read_bytes()
    for host, where in folder.items():
        for role, purpose in (("server", "sslserver"), ("client", "sslclient")):
            verify = ["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", where / "ca-cert.pem"]
            checked = subprocess.run(
                [*verify, *(["-verify_hostname", host] if role == "server" else []), where / f"{role}-cert.pem"],
                capture_output=True,
                text=True,
                check=False,
            )
            assert checked.returncode == 0, checked.stderr
            assert (where / f"{role}-key.pem").stat().st_mode & 0o077 == 0
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(where / f"{role}-cert.pem", where / f"{role}-key.pem")
    # One is lost: all are made anew, for the key that signed them is kept nowhere.
    (folder["beta"] / "client-key.pem").unlink()
    assert [change.kind for change in plan_changes(topology, world.hosts)] == [Kind.CERTIFY]
    run(world, topology, told)
    assert (folder["alpha"] / "ca-cert.pem").read_bytes() != authority
    assert plan_changes(topology, world.hosts) == []


def run(world: World, topology: Topology, told: list[Change]) -> None:
    apply(topology, world.hosts, told.append, form_within_s=30, pause_s=0.05)
