"""What a domain's XML says about its disks, and QEMU's command for a copy that nothing hears."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from everprint.cluster.backup.definition import Disk, backup_xml, checkpoint_xml, read_definition, with_files
from everprint.cluster.backup.errors import (
    BackupError,
    Damaged,
    NotLetIn,
    TargetFull,
    TargetGone,
    WrongKey,
    trouble_of,
)
from everprint.cluster.backup.trial import audit_of, readiness_url, trial_command
from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.topology.sample import FULL

WITH_SYSTEM = FULL.replace(
    'arguments = "root=/dev/vda ro"', 'arguments = "root=/dev/vda ro"\nsystem = "/srv/images/everprint.raw"'
)
SEED = "/srv/images/server-seed.img"
DISKS = (Disk("vdb", "/srv/images/server.qcow2", "qcow2"),)


def topology(text: str = WITH_SYSTEM) -> Topology:
    return parse_topology(text, "t.toml")


def test_the_disk_that_a_vm_writes_is_told_from_what_it_only_reads() -> None:
    read = topology()
    found = read_definition(domain_xml(read, read.vms[0]), SEED)
    assert found.disks == DISKS
    assert found.images == ("/srv/images/everprint.raw", "/srv/images/vmlinux", "/srv/images/initrd")
    assert found.seed == SEED
    assert found.has_bitmaps


def test_volumes_and_pools_have_no_memory_of_what_was_written() -> None:
    for kind, source in (("lvm", "vg0"), ("ceph", "pool")):
        text = FULL.replace(
            'kind = "nfs"\npath = "/srv/images"\nsource = "192.0.2.5:/images"',
            f'kind = "{kind}"\nsource = "{source}"',
        )
        read = topology(text)
        found = read_definition(domain_xml(read, read.vms[0]), "")
        assert not found.has_bitmaps
        assert found.disks[0].source.endswith(f"{source}/server")
        back = read_definition(with_files(found.xml, {found.disks[0].source: "/back/server.qcow2"}), "")
        assert back.disks == (Disk("vda", "/back/server.qcow2", "qcow2"),)


def test_a_domain_without_a_disk_of_its_own_is_refused() -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        read_definition("<domain><devices/></domain>", "")
    with pytest.raises(BackupError, match="no XML"):
        read_definition("<domain>", "")


@pytest.mark.parametrize("base", ["", "server-20261127T020000Z"])
def test_what_libvirt_is_asked_is_valid_by_its_own_schemas(base: str, tmp_path: Path) -> None:
    asked = {
        "domainbackup": backup_xml(DISKS, "/scratch", base),
        "domaincheckpoint": checkpoint_xml(DISKS, "server-20261127T030000Z"),
    }
    assert ("<incremental>" in asked["domainbackup"]) == bool(base)
    for schema, text in asked.items():
        path = tmp_path / f"{schema}.xml"
        path.write_text(text)
        checked = subprocess.run(["virt-xml-validate", path, schema], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def test_a_copy_runs_on_its_own_files_and_reaches_nobody() -> None:
    read = topology()
    vm = read.vms[0]
    files = {
        "/srv/images/server.qcow2": "/aside/a,b.qcow2",
        SEED: "/aside/seed.img",
        "/srv/images/initrd": "/aside/i",
    }
    argv = trial_command(read, vm, with_files(domain_xml(read, vm), files))
    words = " ".join(argv)
    assert "file=/srv/images/everprint.raw,format=raw,if=none,id=d0,readonly=on" in words
    assert "file=/aside/a,,b.qcow2,format=qcow2,if=none,id=d1 " in words
    assert "file=/aside/seed.img,format=raw,if=none,id=d2,readonly=on" in words
    assert "/srv/images/server.qcow2" not in words
    assert argv[argv.index("-initrd") + 1] == "/aside/i"
    network = argv[argv.index("-netdev") + 1]
    assert network.startswith("user,id=n0,restrict=on,net=192.0.2.0/24,host=192.0.2.1,")
    assert network.endswith(",hostfwd=tcp:127.0.0.1:{port}-192.0.2.50:9192")
    assert f"mac={vm.mac}" in words
    assert readiness_url(vm) == "https://127.0.0.1:{port}/health/ready"
    assert "audit" in audit_of(vm)


def test_a_database_is_asked_by_its_agent_only() -> None:
    read = topology()
    database = read.vms[2]
    assert (readiness_url(database), audit_of(database)) == ("", [])
    assert "hostfwd" not in " ".join(trial_command(read, database, domain_xml(read, database)))


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("Fatal: wrong password or no key found", WrongKey, "the one that they were made with"),
        ("Is there a repository at the following location?\n/mnt", TargetGone, "is it mounted"),
        (
            "Fatal: unable to open config file: Stat: Access Denied.\n"
            "Is there a repository at the following location",
            NotLetIn,
            "keys that it knows (restic: Fatal: unable to open config file: Stat: Access Denied.)",
        ),
        ("Save(<data/1>) returned error: write /mnt/x: no space left on device", TargetFull, "backup prune"),
        (
            "ignoring error for /vda.qcow2: ciphertext verification failed\nFatal: There were 1 errors",
            Damaged,
            "/vda.qcow2",
        ),
        ("Fatal: something new", BackupError, "something new"),
        ("", BackupError, "it said nothing"),
    ],
)
def test_what_restic_says_is_said_in_our_words(said: str, kind: type[BackupError], words: str) -> None:
    error = trouble_of(said, "/mnt from alpha")
    assert type(error) is kind
    assert words in str(error)
    assert str(error).startswith("/mnt from alpha: ")
