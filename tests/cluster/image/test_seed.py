"""The seed as a disk: what another program finds on it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from everprint.cluster.image.guest import take_role
from everprint.cluster.image.seed import Seed, write_seed

SEED = Seed(
    "app",
    {"roles": ["server"], "administrator": {"password": "only for this test 1"}},
    "10.0.0.5/24",
    "10.0.0.1",
    ("10.0.0.2",),
    ("ssh-ed25519 AAAA me",),
)


def read(disk: Path, file: str) -> str:
    return subprocess.run(["mtype", "-i", disk, f"::/{file}"], capture_output=True, text=True, check=True).stdout


def test_it_is_a_volume_that_nocloud_looks_for(tmp_path: Path) -> None:
    disk = tmp_path / "seed"
    write_seed(SEED, disk)
    said = subprocess.run(["blkid", "-p", disk], capture_output=True, text=True, check=True).stdout
    assert 'TYPE="vfat"' in said
    assert 'LABEL="cidata"' in said.replace("CIDATA", "cidata")


def test_the_guest_reads_what_was_written(tmp_path: Path) -> None:
    disk = tmp_path / "seed"
    write_seed(SEED, disk)
    assert take_role.parse(read(disk, "meta-data"), "meta-data")["local-hostname"] == "app"
    network = take_role.parse(read(disk, "network-config"), "network-config")
    assert take_role.links(network, {"eth0": ""}) == [("eth0", ["10.0.0.5/24"], "10.0.0.1", ["10.0.0.2"])]
    user = take_role.parse(read(disk, "user-data"), "user-data")
    assert user == {"everprint": SEED.everprint, "ssh_authorized_keys": ["ssh-ed25519 AAAA me"]}


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    disk = tmp_path / "seed"
    disk.write_bytes(b"older")
    disk.chmod(0o644)
    write_seed(SEED, disk)
    assert disk.stat().st_mode & 0o777 == 0o600


def test_without_an_address_it_asks_by_dhcp() -> None:
    network = json.loads(Seed("app", {}).files()["network-config"])
    assert network["ethernets"]["eth0"] == {"dhcp4": True}
