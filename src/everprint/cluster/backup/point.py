"""A restore point: one moment of one VM, as the repository names it and as its own manifest tells it.

The tags are what a list needs, and are read without a file of the point. The manifest lies in the point, with the
digest of each file, and is what a restore is measured by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MANIFEST = "manifest.json"
MARK = "everprint-point"
IMAGE_MARK = "everprint-image"
FORMAT = 1

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}-\d{8}T\d{6}Z")
_MOMENT = "%Y%m%dT%H%M%SZ"


class Kind(StrEnum):
    """What is in it."""

    FULL = "full"
    INCREMENTAL = "incremental"
    """What was written since the point before it, which it needs."""


class Consistency(StrEnum):
    """What moment of the guest it is."""

    QUIESCED = "quiesced"
    """The guest's agent had written everything out and held the file systems still."""
    CRASH = "crash-consistent"
    """As after a power cut: the file systems and the database recover as they do then."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point as the repository's tags tell it."""

    name: str
    """The VM's name and the time; also the name of libvirt's checkpoint."""
    cluster: str
    vm: str
    taken: datetime
    kind: Kind
    base: str
    """Of an incremental point: the point that it goes on from."""
    consistency: Consistency
    octets: int
    """What was copied from the disks."""
    images: tuple[str, ...]
    """Digests (SHA-256) of the files that it only reads."""
    snapshot: str
    """restic's id."""

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {**asdict(self), "taken": self.taken.isoformat()}


@dataclass(frozen=True, slots=True)
class StoredDisk:
    """A disk in a point."""

    device: str
    """As the domain has it: *vda*."""
    file: str
    source: str
    """Where the VM had it."""
    octets: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Image:
    """A file that VMs only read: it is named by its digest, and kept once."""

    path: str
    sha256: str
    octets: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a point, file by file."""

    point: str
    vm: str
    cluster: str
    host: str
    kind: Kind
    base: str
    consistency: Consistency
    notes: tuple[str, ...]
    """What was otherwise than it should be, in words for people."""
    frozen_ms: int
    disks: tuple[StoredDisk, ...]
    images: tuple[Image, ...]
    seed: str
    """Where the VM had its seed; empty: it has none. In the point it is *seed.img*."""


class BadManifest(ValueError):
    """The text is no manifest of ours."""


def name_of(vm: str, moment: datetime) -> str:
    """What the VM's point of this moment is called."""
    return f"{vm}-{moment.astimezone(UTC):{_MOMENT}}"


def moment_of(point: str) -> datetime:
    """The moment in a point's name, which orders them."""
    return datetime.strptime(point.rpartition("-")[2], _MOMENT).replace(tzinfo=UTC)


def moment_after(now: datetime, newest: str) -> datetime:
    """A new point's moment, in whole seconds as its name has it: after the newest one's, whatever the clock does.

    `newest` is that one's name; empty: there is none. The clock may have gone back, and one point may follow another
    within a second.
    """
    moment = now.replace(microsecond=0)
    return max(moment, moment_of(newest) + timedelta(seconds=1)) if newest else moment


def tags_of(cluster: str, point: str, vm: str, kind: Kind, base: str) -> list[str]:
    """The tags that are known before it is taken."""
    return [
        MARK,
        f"cluster={cluster}",
        f"vm={vm}",
        f"point={point}",
        f"kind={kind}",
        *([f"base={base}"] * bool(base)),
    ]


def read_points(listed: str) -> list[Point]:
    """The points in what `restic snapshots --json` says, the oldest first.

    What is not ours is left out: a repository may hold other backups. Raises BadManifest if it is no such list.
    """
    try:
        snapshots = json.loads(listed or "[]") or []
    except ValueError as error:
        raise BadManifest(f"the list of snapshots is no JSON: {error}") from error
    if not isinstance(snapshots, list):
        raise BadManifest("the list of snapshots is none")
    found = [_point(one) for one in snapshots if isinstance(one, dict)]
    return sorted((point for point in found if point), key=lambda point: point.taken)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image in the repository."""

    snapshot: str
    """restic's id."""
    stored: datetime


def read_images(listed: str) -> dict[str, StoredImage]:
    """The images in what `restic snapshots --json` says, by their digests. Raises BadManifest."""
    try:
        snapshots = json.loads(listed or "[]") or []
        tagged = [
            (StoredImage(str(one["id"]), _moment(str(one["time"]))), [str(tag) for tag in one.get("tags") or ()])
            for one in snapshots
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadManifest(f"the list of snapshots is none: {error}") from error
    return {
        tag.partition("=")[2]: image
        for image, tags in tagged
        if IMAGE_MARK in tags
        for tag in tags
        if tag.startswith("sha256=")
    }


def _moment(text: str) -> datetime:
    """restic's time, which has nanoseconds: "2026-11-27T08:05:27.317159401Z"."""
    return datetime.fromisoformat(re.sub(r"\.\d+", "", text))


def _point(snapshot: Mapping[str, object]) -> Point | None:
    tags = snapshot.get("tags")
    if not isinstance(tags, list) or MARK not in tags:
        return None
    said = dict(str(tag).split("=", 1) for tag in tags if "=" in str(tag))
    name = said.get("point", "")
    try:
        if not _NAME.fullmatch(name):
            return None
        return Point(
            name=name,
            cluster=said["cluster"],
            vm=said["vm"],
            taken=moment_of(name),
            kind=Kind(said["kind"]),
            base=said.get("base", ""),
            consistency=Consistency(said["consistency"]),
            octets=int(said["octets"]),
            images=tuple(str(tag).partition("=")[2] for tag in tags if str(tag).startswith("image=")),
            snapshot=str(snapshot["id"]),
        )
    except (KeyError, ValueError):
        return None


def read_manifest(text: str) -> Manifest:
    """The manifest. Raises BadManifest."""
    try:
        said = json.loads(text)
        known = said["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise BadManifest(f"the manifest cannot be read: {error}") from error
    if not known:
        raise BadManifest(f"a manifest of format {said['format']} is of another release")
    try:
        return Manifest(
            point=str(said["point"]),
            vm=str(said["vm"]),
            cluster=str(said["cluster"]),
            host=str(said["host"]),
            kind=Kind(said["kind"]),
            base=str(said["base"]),
            consistency=Consistency(said["consistency"]),
            notes=tuple(map(str, said["notes"])),
            frozen_ms=int(said["frozen_ms"]),
            disks=tuple(StoredDisk(**disk) for disk in said["disks"]),
            images=tuple(Image(**image) for image in said["images"]),
            seed=str(said["seed"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadManifest(f"the manifest cannot be read: {error}") from error
