"""Takes the next point of a VM, at the host where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from everprint.cluster.backup.definition import Definition, backup_xml, checkpoint_xml, read_definition
from everprint.cluster.backup.errors import BackupError, TargetSlow, trouble_of
from everprint.cluster.backup.history import Next, next_of
from everprint.cluster.backup.point import FORMAT, Consistency, Kind, moment_after, name_of, tags_of
from everprint.cluster.backup.program_at_host import TAKE, run_at_host
from everprint.cluster.backup.repository import Repository, restic_command
from everprint.cluster.backup.whereabouts import host_of
from everprint.cluster.compilation.names import seed_of
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.topology.backup import BackupSettings
from everprint.cluster.topology.model import Topology, VirtualMachine

_AFTERWARDS_S = 60.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A point that was stored."""

    point: str
    vm: str
    host: str
    kind: Kind
    consistency: Consistency
    frozen_ms: int
    octets: int
    """What was copied from the disks."""
    added: int
    """What of it the target did not have."""
    notes: tuple[str, ...]


def settings_of(topology: Topology) -> BackupSettings:
    """The table `[backup]`. Raises BackupError."""
    if topology.backup is None:
        raise BackupError(f"{topology.file} has no table [backup], which says where backups go")
    return topology.backup


def take(topology: Topology, hosts: Hosts, vm: VirtualMachine, moment: datetime, *, full: bool) -> Taken:
    """Takes a point. Raises BackupError or HostUnreachable; then there is no half point, and the next one works."""
    settings = settings_of(topology)
    host = host_of(topology, hosts, vm)
    # The target first: one that is gone, or has another key, is no reason to make a guest stand still.
    repository = Repository(hosts, host, settings)
    contents = repository.contents(topology.name)
    points = contents.of(vm.name)
    definition = definition_of(topology, hosts, host, vm)
    coming = next_of(points, settings.incrementals, has_bitmaps=definition.has_bitmaps, full=full)
    base_checkpoint = ""
    if coming.base and not has_checkpoint(hosts, host, vm, coming.base):
        base_checkpoint = repository.read(points[-1].snapshot, "checkpoint.xml")
    moment = moment_after(moment, points[-1].name if points else "")
    order = _order(topology, vm, definition, coming, name_of(vm.name, moment))
    order |= {"base_checkpoint": base_checkpoint, "stored": [point.name for point in points]}
    order |= {"stored_images": list(contents.images)}
    return _taken(hosts, host, vm, settings, order)


def definition_of(topology: Topology, hosts: Hosts, host: str, vm: VirtualMachine) -> Definition:
    """What the host's libvirt knows of it. Raises BackupError or HostUnreachable."""
    answer = hosts.run(host, ["virsh", "--quiet", "dumpxml", "--inactive", vm.name])
    if not answer.is_well:
        raise BackupError(f"{host} does not tell what {vm.name} is: {answer.complaint}")
    return read_definition(answer.output, seed_of(vm, topology.storage_of(vm)))


def has_checkpoint(hosts: Hosts, host: str, vm: VirtualMachine, name: str) -> bool:
    """Does the host's libvirt know this moment? It does not when the VM came from another host."""
    return name in hosts.run(host, ["virsh", "--quiet", "checkpoint-list", vm.name, "--name"]).output.split()


@dataclass(frozen=True, slots=True)
class Place:
    """Where at the host a point is made, and what its name has between the VM's and the time."""

    scratch: str
    below: str
    mark: str


_BACKUPS, _MARK = "vms", ""


def copy_order(
    topology: Topology, vm: VirtualMachine, definition: Definition, coming: Next, point: str, place: Place
) -> dict[str, object]:
    """What `take` at the host is told for the copy of the disks, wherever the point goes then."""
    folder = f"{place.scratch}/{place.below}/{vm.name}/{point}"
    texts = {"domain.xml": definition.xml}
    if (file := Path(topology.file)).is_file():
        texts["topology.toml"] = file.read_text("utf-8")
    return {
        "domain": vm.name,
        "scratch": place.scratch,
        "below": place.below,
        "mark": place.mark,
        "point": point,
        "base": coming.base,
        "reason": coming.reason,
        "disks": [{"device": disk.device, "file": disk.file, "source": disk.source} for disk in definition.disks],
        "xml": {
            "full": backup_xml(definition.disks, folder, ""),
            "incremental": backup_xml(definition.disks, folder, coming.base),
            "checkpoint": checkpoint_xml(definition.disks, point) if definition.has_bitmaps else "",
        },
        "texts": texts,
        "images": list(definition.images),
        "seed": definition.seed,
        "manifest": {"format": FORMAT, "vm": vm.name, "cluster": topology.name},
    }


def _order(
    topology: Topology, vm: VirtualMachine, definition: Definition, coming: Next, point: str
) -> dict[str, object]:
    settings = settings_of(topology)
    place = Place(settings.scratch, _BACKUPS, _MARK)
    return copy_order(topology, vm, definition, coming, point, place) | {
        "freezes": True,
        "restic": restic_command(settings),
        "tags": {
            kind.value: tags_of(topology.name, point, vm.name, kind, coming.base if kind is Kind.INCREMENTAL else "")
            for kind in Kind
        },
        "within_s": settings.within_ms / 1000,
    }


def _taken(hosts: Hosts, host: str, vm: VirtualMachine, settings: BackupSettings, order: dict[str, object]) -> Taken:
    said = run_at_host(hosts, host, TAKE, order, settings.within_ms / 1000 + _AFTERWARDS_S)
    where = f"{vm.name} on {host}"
    match said.get("failed"):
        case None:
            pass
        case "repository":
            raise trouble_of(str(said["said"]), f"{where}, {settings.target}")
        case "time":
            raise TargetSlow(f"{where}: {said['said']}. The point was given up; `within` says how long one may take")
        case _:
            raise BackupError(f"{where}: {said['said']}")
    return Taken(
        point=str(said["point"]),
        vm=vm.name,
        host=host,
        kind=Kind(str(said["kind"])),
        consistency=Consistency(str(said["consistency"])),
        frozen_ms=int(str(said["frozen_ms"])),
        octets=int(str(said["octets"])),
        added=int(str(said["added"])),
        notes=tuple(map(str, notes)) if isinstance(notes := said["notes"], list) else (),
    )
