"""Takes the next point of a VM where it runs, and sends it to the other site.

What was taken and did not arrive is sent first: from the octet on that the other site has, if the point still fits
what it has; else it is forgotten and another one is taken.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from everprint.cluster.backup.history import Next
from everprint.cluster.backup.point import BadManifest, Kind, Manifest, moment_after, name_of, read_manifest
from everprint.cluster.backup.program_at_host import TAKE, program_text, run_at_host, said_by
from everprint.cluster.backup.taking import Place, copy_order, definition_of, has_checkpoint
from everprint.cluster.hosts.carrying import End, HostsByProgram, carry
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.replication.errors import OtherSiteServes, ReplicationError, TransferBroken, WrongDigest
from everprint.cluster.replication.other_site import SHELF, Shelf, look, shelf_of
from everprint.cluster.topology.model import Topology, VirtualMachine

MARK = "-replica"
_BELOW = "replicas"
_SEND = "everprint.cluster.replication.at_host.send"
_AFTERWARDS_S = 60.0
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where, and how."""

    source: str
    """The host that runs the VM."""
    target: str
    folder: str
    """Of the points, at the target."""
    scratch: str
    """At the source."""
    keep: int
    limit_mib_s: int
    compression: bool
    freezes: bool
    within_s: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A point that is whole at the target."""

    point: str
    vm: str
    source: str
    target: str
    kind: Kind
    consistency: str
    octets: int
    resumed: bool
    """It was taken by an earlier run."""
    seconds: float
    frozen_ms: int
    kept: int
    """So many points are there now."""
    notes: tuple[str, ...]


def send(topology: Topology, hosts: HostsByProgram, vm: VirtualMachine, route: Route) -> Sent:
    """Makes sure that the target has a point of now.

    Raises BackupError or HostUnreachable: then the last one there stays good.
    """
    began = time.monotonic()
    shelf = look(hosts, route.target, route.folder, vm.name)
    if shelf.serving:
        what = f"{vm.name} was started at {route.target} ({shelf.serving}), and goes on from there"
        raise OtherSiteServes(f"{what}. Go back with `failback` before anything is replicated there")
    manifest = _waiting(hosts, vm, route, shelf)
    resumed = manifest is not None
    if manifest is None:
        manifest = _take(topology, hosts, vm, route, shelf)
    try:
        after = _transfer(hosts, vm, route, shelf, manifest)
    except WrongDigest:
        _forget(hosts, vm, route)  # the copy here may be what is wrong
        raise
    _forget(hosts, vm, route)
    notes = manifest.notes + ((f"older points stay for now: {after.unpruned}",) if after.unpruned else ())
    return Sent(
        point=manifest.point,
        vm=vm.name,
        source=route.source,
        target=route.target,
        kind=manifest.kind,
        consistency=manifest.consistency.value,
        octets=sum(disk.octets for disk in manifest.disks),
        resumed=resumed,
        seconds=round(time.monotonic() - began, 2),
        frozen_ms=manifest.frozen_ms,
        kept=len(after.points),
        notes=notes,
    )


def _waiting(hosts: Hosts, vm: VirtualMachine, route: Route, shelf: Shelf) -> Manifest | None:
    """A point that was taken and not sent, if it goes on from the newest one there."""
    folder = _of_vm(vm, route)
    listed = hosts.run(route.source, ["find", folder, "-mindepth", "2", "-maxdepth", "2", "-name", "manifest.json"])
    for path in listed.output.split():
        try:
            manifest = read_manifest(hosts.run(route.source, ["cat", "--", path]).output)
        except BadManifest:
            continue  # it was being written: the next one clears it away
        newest = shelf.newest.name if shelf.newest else ""
        if manifest.point == newest:
            continue  # it arrived, and only its folder was not removed
        # Only what is on its way already: what was not begun is better taken anew, and younger.
        if manifest.base in ("", newest) and manifest.point in shelf.incoming:
            return manifest
    return None


def _take(topology: Topology, hosts: Hosts, vm: VirtualMachine, route: Route, shelf: Shelf) -> Manifest:
    definition = definition_of(topology, hosts, route.source, vm)
    newest = shelf.newest
    if newest is None:
        coming = Next("", "it is the first")
    elif not definition.has_bitmaps:
        coming = Next("", "a disk is not qcow2, which alone remembers what was written since")
    else:
        coming = Next(newest.name, "")
    base_checkpoint = ""
    if newest and coming.base and not has_checkpoint(hosts, route.source, vm, coming.base):
        base_checkpoint = hosts.run(route.target, ["cat", "--", f"{newest.folder}/checkpoint.xml"]).output
    moment = moment_after(clock_of(hosts, route.source), newest.name if newest else "")
    place = Place(route.scratch, _BELOW, MARK)
    point = name_of(f"{vm.name}{MARK}", moment)
    order = copy_order(topology, vm, definition, coming, point, place) | {
        "base_checkpoint": base_checkpoint,
        "stored": [newest.name] if newest else [],
        "stored_images": [],
        "freezes": route.freezes,
        "restic": [],
        "tags": {},
        "within_s": route.within_s,
    }
    said = run_at_host(hosts, route.source, TAKE, order, route.within_s + _AFTERWARDS_S)
    if said.get("failed"):
        raise ReplicationError(f"{vm.name} on {route.source}: {said['said']}")
    try:
        return read_manifest(json.dumps(said))
    except BadManifest as error:
        raise ReplicationError(f"{route.source}: {error}") from error


def _transfer(hosts: HostsByProgram, vm: VirtualMachine, route: Route, shelf: Shelf, manifest: Manifest) -> Shelf:
    there = shelf.incoming.get(manifest.point, {})
    folder = f"{_of_vm(vm, route)}/{manifest.point}"
    files = [(f"{folder}/{disk.file}", disk.file, disk.sha256) for disk in manifest.disks]
    files += [
        (image.path, f"image-{image.sha256}-{image.path.rpartition('/')[2]}", image.sha256)
        for image in manifest.images
        if image.sha256 not in shelf.images
    ]
    small = hosts.run(route.source, ["find", folder, "-type", "f", "-not", "-name", "*.qcow2", "-printf", "%f\\n"])
    files += [(f"{folder}/{name}", name, "") for name in small.output.split()]
    giving: dict[str, object] = {
        "files": [
            {"path": path, "name": name, "sha256": digest, "from": there.get(name, 0) if digest else 0}
            for path, name, digest in files
        ],
        "limit": route.limit_mib_s * _MIB,
        "compression": route.compression,
    }
    taking: dict[str, object] = {
        "do": "receive",
        "folder": route.folder,
        "vm": vm.name,
        "point": manifest.point,
        "keep": route.keep,
    }
    source, target = (
        End(host, ["python3", "-I", "-c", program_text(module, order)])
        for host, module, order in ((route.source, _SEND, giving), (route.target, SHELF, taking))
    )
    gave, took = carry(hosts, source, target, route.within_s)
    said = said_by(route.target, took)
    if said.get("failed") == "broken" and not gave.is_well:
        raise TransferBroken(f"{route.source}: {gave.complaint}. What came is kept; the next run goes on from there")
    return shelf_of(route.target, said, time.time())


def _forget(hosts: Hosts, vm: VirtualMachine, route: Route) -> None:
    hosts.run(route.source, ["find", _of_vm(vm, route), "-mindepth", "1", "-delete"])


def _of_vm(vm: VirtualMachine, route: Route) -> str:
    return f"{route.scratch}/{_BELOW}/{vm.name}"


def clock_of(hosts: Hosts, host: str) -> datetime:
    """What time it is there. Raises HostUnreachable."""
    said = hosts.run(host, ["date", "+%s.%N"])
    try:
        return datetime.fromtimestamp(float(said.output), UTC)
    except ValueError:
        raise HostUnreachable(host, f"it does not tell its time: {said.complaint}") from None
