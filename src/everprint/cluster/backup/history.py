"""What follows from the points that there are: what the next one is, what one needs, which are kept.

Invariant: a point is kept or removed with all that it needs; there is never one whose base is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.point import Kind, Point
from everprint.cluster.topology.backup import BackupSettings


@dataclass(frozen=True, slots=True)
class Next:
    """How the next point of a VM is taken."""

    base: str
    """The point that it goes on from; empty: it is a full one."""
    reason: str
    """Of a full one: why, in words for people."""


def next_of(points: Sequence[Point], incrementals: int, *, has_bitmaps: bool, full: bool) -> Next:
    """How the VM's next point is taken; `points` are that VM's, the oldest first."""
    if full:
        return Next("", "it was asked for")
    if not points:
        return Next("", "it is the first")
    if not has_bitmaps:
        return Next("", "a disk is not qcow2, which alone remembers what was written since")
    try:
        chain = chain_of(points, points[-1])
    except BackupError:
        return Next("", "the last point is not whole")
    if len(chain) > incrementals:
        return Next("", f"{incrementals} incremental ones followed the last")
    return Next(points[-1].name, "")


def chain_of(points: Iterable[Point], point: Point) -> list[Point]:
    """The full point and each that goes on from it, up to this one. Raises BackupError if one is not there."""
    by_name = {one.name: one for one in points}
    chain = [point]
    while chain[0].kind is not Kind.FULL:
        base = by_name.get(chain[0].base)
        if base is None or base in chain or base.vm != point.vm:
            missing = chain[0].base or "the one before it"
            raise BackupError(f"{point.name} cannot be brought back: it needs {missing}, which is not there")
        chain.insert(0, base)
    return chain


def to_keep(points: Sequence[Point], settings: BackupSettings) -> set[str]:
    """Names of those points of one VM that the rules keep, with all that they need.

    The last of each day, week (ISO 8601) and month, in UTC, for as many of them as have points at all: a VM that was
    off for a year keeps what it had.
    """
    newest_first = sorted(points, key=lambda point: point.taken, reverse=True)
    chosen = {point.name: point for point in newest_first[: settings.keep_last]}
    rules: tuple[tuple[int, Callable[[datetime], str]], ...] = (
        (settings.keep_daily, lambda taken: taken.strftime("%Y-%m-%d")),
        (settings.keep_weekly, lambda taken: taken.strftime("%G-%V")),
        (settings.keep_monthly, lambda taken: taken.strftime("%Y-%m")),
    )
    for count, period in rules:
        last: dict[str, Point] = {}
        for point in newest_first:
            last.setdefault(period(point.taken), point)
        chosen |= {point.name: point for point in list(last.values())[:count]}
    kept = set()
    for point in chosen.values():
        try:
            kept |= {one.name for one in chain_of(points, point)}
        except BackupError:
            kept.add(point.name)  # nothing is gained by removing the rest of it, and a person may know better
    return kept
