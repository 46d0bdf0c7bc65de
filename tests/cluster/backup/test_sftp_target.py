"""Points on a machine that is reached by SSH: a real sshd, by restic's own SFTP, as `[backup] target` names it."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from everprint.cluster.backup.errors import BackupError, WrongKey
from everprint.cluster.backup.point import Kind, name_of, tags_of
from everprint.cluster.backup.repository import Repository, restic_command
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.reader import read_topology
from rig.ports import free_port
from rig.waiting import wait_for

NOON_UTC = datetime(2026, 11, 27, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml"
SSHD = """
ListenAddress 127.0.0.1
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""
# As root's own key and known hosts are on a host: here they are in a folder.
SSH = """#!/bin/sh
exec /usr/bin/ssh -F none -i {folder}/key -o UserKnownHostsFile={folder}/known -o BatchMode=yes "$@"
"""
VIA = """#!/bin/sh
shift
PATH={folder}:$PATH exec "$@"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    if not shutil.which("sshd", path="/usr/sbin"):
        pytest.skip("openssh-server is not installed")
    port = free_port()
    for name in ("key", "host-key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    public = (tmp_path / "host-key.pub").read_text().split()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
    (tmp_path / "sshd_config").write_text(SSHD.format(folder=tmp_path))
    for name, text in (("ssh", SSH), ("via", VIA)):
        (tmp_path / name).write_text(text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    (tmp_path / "password").write_text("correct horse\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # systemd makes it, where sshd is a service
    log = (tmp_path / "sshd.log").open("wb")
    sshd = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", tmp_path / "sshd_config", "-p", str(port)], stderr=log
    )
    try:
        wait_for("sshd to listen", lambda: b"listening" in (tmp_path / "sshd.log").read_bytes(), within_s=30)
        text = SAMPLE.read_text() + (
            f'[backup]\ntarget = "sftp://{getpass.getuser()}@127.0.0.1:{port}/{tmp_path}/target"\n'
            f'password_file = "{tmp_path}/password"\n'
        )
        (tmp_path / "print.toml").write_text(text)
        settings = read_topology(tmp_path / "print.toml").backup
        assert settings is not None
        settings = replace(settings, scratch=str(tmp_path / "scratch"))
        yield Repository(HostsVia([str(tmp_path / "via")]), "alpha", settings)
    finally:
        sshd.terminate()
        sshd.wait(30)
        log.close()


def test_points_go_to_and_come_from_a_machine_behind_ssh(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there are no backups at the target"):
        repository.contents("print")
    repository.make()
    point = tmp_path / "point"
    point.mkdir()
    (point / "vda.qcow2").write_bytes(os.urandom(100_000))
    name = name_of("server", NOON_UTC)
    tags = [*tags_of("print", name, "server", Kind.FULL, ""), "consistency=quiesced", "octets=100000"]
    words = [word for tag in tags for word in ("--tag", tag)]
    hosts = HostsVia([str(tmp_path / "via")])
    stored = hosts.run(
        "alpha", ["env", "-C", str(point), *restic_command(repository.settings), "backup", *words, "."]
    )
    assert stored.is_well, stored.errors
    (found,) = repository.contents("print").of("server")
    assert (found.name, found.octets) == (name, 100_000)
    repository.bring(found.snapshot, str(tmp_path / "back"))
    assert (tmp_path / "back" / "vda.qcow2").read_bytes() == (point / "vda.qcow2").read_bytes()
    (tmp_path / "password").write_text("another\n")
    with pytest.raises(WrongKey):
        repository.contents("print")
