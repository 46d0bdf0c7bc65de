"""Brings a point back into a folder of a host: from the target, digest by digest, as a chain that can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from everprint.cluster.backup.errors import BackupError, Damaged
from everprint.cluster.backup.point import MANIFEST, BadManifest, Manifest, Point, StoredImage, read_manifest
from everprint.cluster.backup.repository import Repository, run_in_time
from everprint.cluster.hosts.port import Answer, Hosts

_LOOK_S = 600.0
_PRIVATELY = 'umask 077 && exec "$@"'


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A point as files of a host."""

    folder: str
    """Of the point itself: its manifest, domain.xml, seed.img."""
    manifest: Manifest
    disks: dict[str, str]
    """Where the VM had a disk, to the file that it can be opened by. It needs those of the chain beside it."""


class Workshop:
    """A host where points are brought back, and what is done there."""

    def __init__(self, hosts: Hosts, repository: Repository) -> None:
        self.host = repository.host
        self.repository = repository
        self.hosts = hosts

    def run(self, *argv: str, within_s: float = _LOOK_S) -> Answer:
        """Runs it there; what it writes only root reads. Raises HostUnreachable."""
        return run_in_time(self.hosts, self.host, ("sh", "-c", _PRIVATELY, "sh", *argv), within_s)

    def must(self, *argv: str, within_s: float = _LOOK_S) -> str:
        """What it says. Raises BackupError if it fails."""
        answer = self.run(*argv, within_s=within_s)
        if not answer.is_well:
            raise BackupError(f"{self.host}: {argv[0]} fails: {answer.complaint}")
        return answer.output

    @contextmanager
    def folder(self, name: str) -> Iterator[str]:
        """A folder below the scratch folder, removed afterwards with all that is in it."""
        parent = f"{self.repository.settings.scratch}/{name}"
        self.must("mkdir", "-p", parent)
        made = self.must("mktemp", "-d", f"{parent}/XXXXXXXX").strip()
        try:
            yield made
        finally:
            self.run("rm", "-rf", "--", made)

    def bring_back(self, chain: Sequence[Point], folder: str) -> BroughtBack:
        """Brings back the last point of the chain and what it needs. Raises Damaged with the point and the file."""
        manifests = [self._bring(point, f"{folder}/{point.name}") for point in chain]
        for before, after in pairwise(manifests):
            behind = {disk.device: f"{folder}/{before.point}/{disk.file}" for disk in before.disks}
            for disk in after.disks:
                if disk.device not in behind:
                    raise Damaged(f"{after.point}: {disk.device} has nothing behind it in {before.point}")
                # The pieces are put together by name only: no octet of theirs is changed.
                argv = ("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", behind[disk.device])
                self.must(*argv, f"{folder}/{after.point}/{disk.file}")
        last = manifests[-1]
        where = f"{folder}/{last.point}"
        return BroughtBack(where, last, {disk.source: f"{where}/{disk.file}" for disk in last.disks})

    def _bring(self, point: Point, folder: str) -> Manifest:
        try:
            self.repository.bring(point.snapshot, folder)
        except Damaged as error:
            raise Damaged(f"{point.name}: {error}") from error
        try:
            manifest = read_manifest(self.must("cat", f"{folder}/{MANIFEST}"))
        except BadManifest as error:
            raise Damaged(f"{point.name}: {error}") from error
        if manifest.point != point.name:
            raise Damaged(f"{point.name}: its manifest is that of {manifest.point}")
        for disk in manifest.disks:
            path = f"{folder}/{disk.file}"
            if self.digest(path) != disk.sha256:
                raise Damaged(f"{point.name}: {disk.file} is not what was stored: its digest differs")
            checked = self.run("qemu-img", "check", "-q", "-f", "qcow2", path)
            if checked.code not in (0, 3):  # 3: room that is not used, which harms nothing
                raise Damaged(f"{point.name}: {disk.file}: qemu-img check: {checked.complaint}")
        return manifest

    def digest(self, path: str) -> str:
        """The file's SHA-256; empty if it cannot be read."""
        answer = self.run("sha256sum", "--", path)
        return answer.output.split(" ", 1)[0].removeprefix("\\") if answer.is_well else ""

    def images(self, manifest: Manifest, stored: dict[str, StoredImage], folder: str) -> dict[str, str]:
        """Where each file is that the VM only reads: in its place if it is the same there, else brought back.

        Raises BackupError.
        """
        found = {}
        for image in manifest.images:
            if self.digest(image.path) == image.sha256:
                found[image.path] = image.path
                continue
            kept = stored.get(image.sha256)
            if kept is None:
                raise Damaged(f"{manifest.point} needs {image.path} (sha256 {image.sha256}), which is nowhere")
            where = f"{folder}/{image.sha256[:16]}"
            self.repository.bring(kept.snapshot, where)
            path = f"{where}/{image.path.rpartition('/')[2]}"
            if self.digest(path) != image.sha256:
                raise Damaged(f"{manifest.point}: {image.path} is not what was stored: its digest differs")
            found[image.path] = path
        return found
