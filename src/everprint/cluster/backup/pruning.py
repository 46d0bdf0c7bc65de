"""Removes what the rules of `[backup]` do not keep, and images that no kept point needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from everprint.cluster.backup.history import to_keep
from everprint.cluster.backup.point import Point
from everprint.cluster.backup.repository import Contents
from everprint.cluster.topology.backup import BackupSettings

# An image is stored before the first point that needs it, which may take so long (`within`).
_ON_THEIR_WAY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Pruning:
    """What goes."""

    points: tuple[Point, ...]
    snapshots: tuple[str, ...]
    """restic's ids, of points and images."""


def plan_pruning(contents: Contents, settings: BackupSettings, now: datetime) -> Pruning:
    """What the rules do not keep, VM by VM."""
    kept: set[str] = set()
    for vm in {point.vm for point in contents.points}:
        kept |= to_keep(contents.of(vm), settings)
    gone = tuple(point for point in contents.points if point.name not in kept)
    needed = {image for point in contents.points if point.name in kept for image in point.images}
    needed |= contents.needed_by_others
    images = [
        image.snapshot
        for digest, image in contents.images.items()
        if digest not in needed and now - image.stored > _ON_THEIR_WAY
    ]
    return Pruning(gone, (*(point.snapshot for point in gone), *images))
