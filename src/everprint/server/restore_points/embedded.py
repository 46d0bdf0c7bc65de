"""Restore points of the embedded database: made while the server runs, proven by a copy that is restored aside."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from everprint.server.backup import back_up, damage_of
from everprint.server.configuration import ServerSettings
from everprint.server.restore_points.keeping import keep_by_period
from everprint.server.restore_points.proof import NotProven, Proof, prove
from everprint.server.restore_points.restic import FILE, Damaged, NoRestorePoint, Repository, RestorePoint


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of all restore points, and of the one that was restored aside."""

    sound: tuple[RestorePoint, ...]
    damaged: tuple[RestorePoint, ...]
    packs: tuple[str, ...]
    """restic's files that are damaged."""
    point: RestorePoint | None
    """Which was restored aside; None if none could be."""
    proof: Proof | None


def repository_of(settings: ServerSettings) -> Repository:
    """Where the settings say that restore points are.

    Raises NoRestorePoint if they say nothing.
    """
    if not settings.restore_points:
        raise NoRestorePoint(
            "the setting restore_points is empty: docs/how-to/back-up-and-restore.md says what to write"
        )
    key_file = Path(settings.restore_points_key_file or settings.state_path / "restore-points.key")
    if not key_file.is_file():
        raise NoRestorePoint(f"{key_file} is not there: it must hold the key that restore points are encrypted with")
    return Repository(settings.restore_points, key_file, settings.state_path / "restore-points.cache")


def make_restore_point(database: Path, repository: Repository, settings: ServerSettings) -> None:
    """The database of this moment, checked, and what is too old goes. The server may run.

    Raises NoRestorePoint, CannotBackUp.
    """
    with tempfile.TemporaryDirectory(prefix="restore-point-", dir=settings.state_path) as folder:
        copy = Path(folder) / FILE
        back_up(database, copy)
        with copy.open("rb") as file:
            repository.keep(file)
    repository.forget(keep_by_period(settings.restore_points_keep))


def choose(points: Sequence[RestorePoint], *, name: str | None, moment: datetime | None) -> RestorePoint:
    """The one of that name, or the newest that is not after the moment.

    Raises NoRestorePoint.
    """
    if not points:
        raise NoRestorePoint("there is no restore point: `everprint server restore-point make` makes one")
    if name is not None:
        found = [point for point in points if point.name == name]
    else:
        found = [point for point in points if moment is None or point.time <= moment]
    if not found:
        oldest = f"the oldest is {points[0].name} of {points[0].time.isoformat(sep=' ', timespec='seconds')}"
        raise NoRestorePoint(f"there is no restore point {name or f'as old as {moment}'}; {oldest}")
    return found[-1]


def verify(repository: Repository, *, name: str | None = None, scratch: Path | None = None) -> Verified:
    """Reads all that is kept; restores one restore point (the newest sound one) aside and audits it.

    Raises NoRestorePoint if nothing can be read, NotProven if the copy is not what a server can go on with.
    """
    points = repository.points()
    packs = repository.damaged_packs()
    damaged = tuple(point for point in points if packs and not _is_whole(repository, point, scratch))
    sound = tuple(point for point in points if point not in damaged)
    if name is None and not sound:
        return Verified(sound, damaged, packs, None, None)
    chosen = choose(points if name else sound, name=name, moment=None)
    with tempfile.TemporaryDirectory(prefix="everprint-copy-", dir=scratch) as folder:
        copy = Path(folder) / FILE
        repository.bring(chosen, copy)
        if (trouble := damage_of(copy)) is not None:
            raise NotProven(f"the database of {chosen.name} is damaged: {trouble}")
        proof = prove(f"sqlite://{copy}", Path(folder))
    return Verified(sound, damaged, packs, chosen, proof)


def _is_whole(repository: Repository, point: RestorePoint, scratch: Path | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="everprint-copy-", dir=scratch) as folder:
        try:
            repository.bring(point, Path(folder) / FILE)
        except Damaged:
            return False
    return True
