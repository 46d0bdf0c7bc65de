"""A point goes to a target and comes back from it, however the target is reached."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from everprint.cluster.backup.errors import BackupError, WrongKey
from everprint.cluster.backup.point import Kind, name_of, tags_of
from everprint.cluster.backup.repository import Repository, restic_command
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.reader import read_topology

NOON_UTC = datetime(2026, 11, 27, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml"
HOST = "alpha"
# A host's programs are this machine's, after those in the folder.
VIA = """#!/bin/sh
shift
PATH={folder}:$PATH exec "$@"
"""


def repository_at(target: str, folder: Path, further: str = "") -> Repository:
    """The target as a topology's `[backup]` names it, asked from this machine."""
    (folder / "via").write_text(VIA.format(folder=folder))
    (folder / "via").chmod(0o755)
    (folder / "password").write_text("correct horse\n")
    section = f'[backup]\ntarget = "{target}"\npassword_file = "{folder}/password"\n{further}'
    (folder / "print.toml").write_text(SAMPLE.read_text() + section)
    settings = read_topology(folder / "print.toml").backup
    assert settings is not None
    return Repository(_hosts(folder), HOST, replace(settings, scratch=str(folder / "scratch")))


def check_that_points_go_there_and_come_back(repository: Repository, folder: Path) -> None:
    """Nothing is there; then a point is, whole; and nobody reads it with another key."""
    with pytest.raises(BackupError, match="there are no backups at the target"):
        repository.contents("print")
    repository.make()
    point = folder / "point"
    point.mkdir()
    (point / "vda.qcow2").write_bytes(os.urandom(100_000))
    name = name_of("server", NOON_UTC)
    tags = [*tags_of("print", name, "server", Kind.FULL, ""), "consistency=quiesced", "octets=100000"]
    words = [word for tag in tags for word in ("--tag", tag)]
    argv = ["env", "-C", str(point), *restic_command(repository.settings), "backup", *words, "."]
    stored = _hosts(folder).run(HOST, argv)
    assert stored.is_well, stored.errors
    (found,) = repository.contents("print").of("server")
    assert (found.name, found.octets) == (name, 100_000)
    repository.bring(found.snapshot, str(folder / "back"))
    assert (folder / "back" / "vda.qcow2").read_bytes() == (point / "vda.qcow2").read_bytes()
    (folder / "password").write_text("another\n")
    with pytest.raises(WrongKey):
        repository.contents("print")
    (folder / "password").write_text("correct horse\n")


def _hosts(folder: Path) -> HostsVia:
    return HostsVia([str(folder / "via")])
