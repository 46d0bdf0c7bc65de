"""Brings a VM back: as new disks in a folder, in the place of its own, or only files out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everprint.cluster.backup.beside import name_beside
from everprint.cluster.backup.bringing_back import BroughtBack, Workshop
from everprint.cluster.backup.definition import with_files
from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.history import chain_of
from everprint.cluster.backup.point import Point
from everprint.cluster.backup.repository import Contents
from everprint.cluster.backup.whereabouts import must_run_nowhere
from everprint.cluster.topology.model import Topology, VirtualMachine


@dataclass(frozen=True, slots=True)
class Restored:
    """What was written, at which host."""

    host: str
    files: tuple[str, ...]
    kept: tuple[str, ...]
    """What was there before, and is kept beside."""


def restore_into(workshop: Workshop, contents: Contents, point: Point, folder: str) -> Restored:
    """Writes whole disks, the domain and what else it needs into a folder, which must not be there or be empty.

    Nothing that runs is touched. Raises BackupError.
    """
    _must_be_free(workshop, folder)
    with workshop.folder("restore") as aside:
        back = workshop.bring_back(chain_of(contents.of(point.vm), point), aside)
        images = workshop.images(back.manifest, contents.images, folder)
        disks = {source: f"{folder}/{_name(source)}" for source in back.disks}
        for source, top in back.disks.items():
            _flatten(workshop, top, disks[source])
        files = {**images, **disks}
        if back.manifest.seed:
            files[back.manifest.seed] = f"{folder}/{_name(back.manifest.seed)}"
            workshop.must("cp", "--", f"{back.folder}/seed.img", files[back.manifest.seed])
        _write(workshop, f"{folder}/domain.xml", with_files(workshop.must("cat", f"{back.folder}/domain.xml"), files))
        if workshop.run("test", "-e", f"{back.folder}/topology.toml").is_well:
            workshop.must("cp", "--", f"{back.folder}/topology.toml", f"{folder}/topology.toml")
    listed = workshop.must("find", folder, "-type", "f").split("\n")
    return Restored(workshop.host, tuple(sorted(path for path in listed if path)), ())


def restore_in_place(
    topology: Topology, vm: VirtualMachine, workshop: Workshop, contents: Contents, point: Point
) -> Restored:
    """Puts the point's disks where the VM has its own; those are kept beside. Raises BackupError if the VM runs."""
    must_run_nowhere(topology, workshop.hosts, vm)
    with workshop.folder("restore") as aside:
        back = workshop.bring_back(chain_of(contents.of(vm.name), point), aside)
        _must_be_images(workshop, back)
        written: dict[str, str] = {}
        for source, top in back.disks.items():
            if not workshop.run("test", "!", "-b", source).is_well or not source.startswith("/"):
                raise BackupError(
                    f"{source} is no file: restore with --into, and write it there by the storage's tool"
                )
            written[source] = f"{source}.restored"
            _flatten(workshop, top, written[source])
        if back.manifest.seed:
            written[back.manifest.seed] = f"{back.manifest.seed}.restored"
            workshop.must("cp", "--", f"{back.folder}/seed.img", written[back.manifest.seed])
        must_run_nowhere(topology, workshop.hosts, vm)  # what was written took its time
        kept = []
        for place, new in written.items():
            if workshop.run("test", "-e", place).is_well:
                workshop.must("chown", f"--reference={place}", "--", new)
                workshop.must("chmod", f"--reference={place}", "--", new)
                kept.append(name_beside(workshop.run, place, "restore"))
                workshop.must("mv", "-T", "--", place, kept[-1])
            workshop.must("mv", "-T", "--", new, place)
    return Restored(workshop.host, tuple(written), tuple(kept))


def restore_files(
    workshop: Workshop, contents: Contents, point: Point, paths: Sequence[str], folder: str
) -> Restored:
    """Copies files and folders out of a point's disk into a folder. Raises BackupError.

    Only ext2 to ext4 on a whole disk, as the VM image's data disks are: read by debugfs(8), without mounting it, so
    that a damaged file system harms nobody's kernel.
    """
    _must_be_free(workshop, folder)
    with workshop.folder("restore") as aside:
        back = workshop.bring_back(chain_of(contents.of(point.vm), point), aside)
        said = []
        for top in back.disks.values():
            raw = f"{aside}/disk.raw"
            workshop.must("qemu-img", "convert", "-f", "qcow2", "-O", "raw", top, raw, within_s=_within(workshop))
            # 4 and more: it is none, or cannot be mended. The journal of a guest that was not frozen is replayed so.
            if workshop.run("e2fsck", "-fy", raw, within_s=_within(workshop)).code >= 4:
                said.append(f"{_name(top)} holds no ext4 file system of its own")
                continue
            missing = [path for path in paths if not _copy_out(workshop, raw, path, folder)]
            if not missing:
                found = workshop.must("find", folder, "-type", "f").split("\n")
                return Restored(workshop.host, tuple(sorted(path for path in found if path)), ())
            said.append(f"{_name(top)} has no {', '.join(missing)}")
    raise BackupError(f"{point.name}: {'; '.join(said)}. Paths are those on the disk itself, not of its mount point")


def _copy_out(workshop: Workshop, raw: str, path: str, folder: str) -> bool:
    if '"' in path or "\n" in path or not path.startswith("/"):
        raise BackupError(f"{path!r} cannot be asked for: write an absolute path without quotes")
    found = workshop.must("debugfs", "-R", f'stat "{path}"', raw)
    if "Type: directory" in found:
        workshop.must("debugfs", "-R", f'rdump "{path}" "{folder}"', raw, within_s=_within(workshop))
        return True
    if "Type: regular" not in found:
        return False
    target = f"{folder}/{_name(path)}"
    workshop.must("debugfs", "-R", f'dump -p "{path}" "{target}"', raw, within_s=_within(workshop))
    return True


def _flatten(workshop: Workshop, top: str, target: str) -> None:
    """One disk of its own out of a chain."""
    workshop.must("qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", top, target, within_s=_within(workshop))


def _must_be_images(workshop: Workshop, back: BroughtBack) -> None:
    other = [image.path for image in back.manifest.images if workshop.digest(image.path) != image.sha256]
    if other:
        raise BackupError(
            f"{', '.join(other)} on {workshop.host} is another one than {back.manifest.point} ran with: restore with "
            "--into, which brings the right one along"
        )


def _must_be_free(workshop: Workshop, folder: str) -> None:
    workshop.must("mkdir", "-p", "-m", "711", "--", folder)  # QEMU must come by
    if workshop.must("find", folder, "-mindepth", "1", "-maxdepth", "1"):
        raise BackupError(f"{folder} on {workshop.host} is not empty: nothing is ever overwritten")


def _write(workshop: Workshop, path: str, text: str) -> None:
    answer = workshop.hosts.run(workshop.host, ["dd", f"of={path}", "status=none"], stdin=text.encode())
    if not answer.is_well:
        raise BackupError(f"{workshop.host}: {path} cannot be written: {answer.complaint}")


def _within(workshop: Workshop) -> float:
    return workshop.repository.settings.within_ms / 1000


def _name(path: str) -> str:
    return path.rpartition("/")[2]
