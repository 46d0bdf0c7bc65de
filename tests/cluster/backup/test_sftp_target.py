"""Points on a machine that is reached by SSH: a real sshd, by restic's own SFTP, as `[backup] target` names it."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.cluster.backup.repository import Repository
from rig.ports import free_port
from rig.waiting import wait_for
from tests.cluster.backup.target import check_that_points_go_there_and_come_back, repository_at

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
    (tmp_path / "ssh").write_text(SSH.format(folder=tmp_path))
    (tmp_path / "ssh").chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # systemd makes it, where sshd is a service
    log = (tmp_path / "sshd.log").open("wb")
    sshd = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", tmp_path / "sshd_config", "-p", str(port)], stderr=log
    )
    try:
        wait_for("sshd to listen", lambda: b"listening" in (tmp_path / "sshd.log").read_bytes(), within_s=30)
        yield repository_at(f"sftp://{getpass.getuser()}@127.0.0.1:{port}/{tmp_path}/target", tmp_path)
    finally:
        sshd.terminate()
        sshd.wait(30)
        log.close()


def test_points_go_to_and_come_from_a_machine_behind_ssh(repository: Repository, tmp_path: Path) -> None:
    check_that_points_go_there_and_come_back(repository, tmp_path)
