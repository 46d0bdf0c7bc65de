"""The points of VMs as the other site's hosts have them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from everprint.cluster.backup.point import Consistency, Kind
from everprint.cluster.backup.program_at_host import run_at_host
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.replication.errors import (
    OtherSiteFull,
    OtherSiteServes,
    ReplicationError,
    TransferBroken,
    WrongDigest,
)

SHELF = "everprint.cluster.replication.at_host.shelf"
_LOOK_S = 60.0


@dataclass(frozen=True, slots=True)
class ReplicaPoint:
    """A whole point at the other site."""

    name: str
    taken: datetime
    """By the clock of the host that it was taken at; what was on the disk by then is in it."""
    kind: Kind
    consistency: Consistency
    octets: int
    notes: tuple[str, ...]
    folder: str
    disks: tuple[tuple[str, str, str], ...]
    """Of each disk: where the VM had it, its file here, its digest; none for one that was put together of two."""
    images: tuple[tuple[str, str], ...]
    """Files that the VM only reads: where it had them, and their digests."""
    seed: str

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "name": self.name,
            "taken": self.taken.isoformat(),
            "kind": self.kind.value,
            "consistency": self.consistency.value,
            "octets": self.octets,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one host of the other site has of one VM."""

    host: str
    points: tuple[ReplicaPoint, ...]
    """The oldest first."""
    incoming: dict[str, dict[str, int]]
    """Of points that are not whole: how many octets of each file are there."""
    images: dict[str, str]
    """Where a file of that digest is."""
    serving: str
    """Since when the VM runs there as the real one, and from which point; empty: it does not."""
    free: int
    """Octets of room."""
    ahead_s: float
    """How much its clock is ahead of this machine's."""
    unsure_s: float
    """By how much that may be wrong: half of the time that asking took."""
    unpruned: str
    """Why older points could not go; empty: they could."""

    @property
    def newest(self) -> ReplicaPoint | None:
        """The last whole point."""
        return self.points[-1] if self.points else None


def look(hosts: Hosts, host: str, folder: str, vm: str) -> Shelf:
    """What the host has of the VM. Raises ReplicationError or HostUnreachable."""
    asked = time.time()
    order: dict[str, object] = {"do": "look", "folder": folder, "vm": vm}
    said = run_at_host(hosts, host, SHELF, order, _LOOK_S)
    answered = time.time()
    return shelf_of(host, said, (asked + answered) / 2, (answered - asked) / 2)


def shelf_of(host: str, said: dict[str, object], moment: float, unsure_s: float = 0.0) -> Shelf:
    """What the host said of its shelf at that moment of this machine's clock. Raises ReplicationError."""
    trouble = str(said.get("said", ""))
    match said.get("failed"):
        case None:
            pass
        case "broken":
            raise TransferBroken(f"{host}: {trouble}")
        case "full":
            raise OtherSiteFull(f"{host}: {trouble}. Make room there, or keep fewer points; the last one stays good")
        case "digest":
            raise WrongDigest(f"{host}: {trouble}")
        case "serving":
            raise OtherSiteServes(f"{host}: {trouble}. Go back with `failback` before anything is replicated there")
        case _:
            raise ReplicationError(f"{host}: {trouble}")
    points, incoming, images = said["points"], said["incoming"], said["images"]
    assert isinstance(points, list)
    assert isinstance(incoming, dict)
    assert isinstance(images, dict)
    return Shelf(
        host=host,
        points=tuple(map(_point, points)),
        incoming=incoming,
        images=images,
        serving=str(said["serving"]),
        free=int(str(said["free"])),
        ahead_s=float(str(said["clock"])) - moment,
        unsure_s=unsure_s,
        unpruned=str(said.get("unpruned", "")),
    )


def _point(said: dict[str, object]) -> ReplicaPoint:
    disks, images, notes = said["disks"], said["images"], said["notes"]
    assert isinstance(disks, list)
    assert isinstance(images, list)
    assert isinstance(notes, list)
    folder = str(said["folder"])
    return ReplicaPoint(
        name=str(said["point"]),
        taken=datetime.fromtimestamp(float(str(said["moment"])), UTC),
        kind=Kind(str(said["kind"])),
        consistency=Consistency(str(said["consistency"])),
        octets=sum(int(disk["octets"]) for disk in disks),
        notes=tuple(map(str, notes)),
        folder=folder,
        disks=tuple((disk["source"], f"{folder}/{disk['file']}", disk["sha256"]) for disk in disks),
        images=tuple((image["path"], image["sha256"]) for image in images),
        seed=str(said["seed"]),
    )
