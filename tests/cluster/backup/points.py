"""Points for tests that need no repository."""

from __future__ import annotations

from datetime import UTC, datetime

from everprint.cluster.backup.point import Consistency, Kind, Point, name_of
from everprint.cluster.topology.backup import BackupSettings

SETTINGS = BackupSettings(
    target="/mnt/backup",
    password_file="/etc/everprint/backup-password",
    credentials_file="",
    scratch="/var/lib/everprint-backup",
    incrementals=3,
    keep_last=1,
    keep_daily=2,
    keep_weekly=2,
    keep_monthly=2,
    within_ms=60_000,
    line=1,
)


def point(day: str, *, on: Point | None = None, vm: str = "server", image: str = "") -> Point:
    """A point of noon of this day, or of a moment written as `2026-11-27T08:00`; `on` is its base."""
    moment = datetime.fromisoformat(day if "T" in day else f"{day}T12:00").replace(tzinfo=UTC)
    return Point(
        name=name_of(vm, moment),
        cluster="print",
        vm=vm,
        taken=moment,
        kind=Kind.INCREMENTAL if on else Kind.FULL,
        base=on.name if on else "",
        consistency=Consistency.QUIESCED,
        octets=1000,
        images=(image,) if image else (),
        snapshot=f"id-{day}-{vm}",
    )
