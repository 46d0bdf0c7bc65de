"""Reads the table `[backup]` of a topology file."""

from __future__ import annotations

import re

from everprint.cluster.topology.backup import BackupSettings
from everprint.cluster.topology.section import Section

_REMOTE = re.compile(r"sftp:[\w.-]+(@[\w.-]+)?:\S+|sftp://\S+|s3:https?://\S+/\S+|s3:[\w.-]+/\S+")
_HOUR_MS = 3_600_000


def read_backup(section: Section | None) -> BackupSettings | None:
    """The table, if the file has it."""
    if section is None:
        return None
    backup = BackupSettings(
        target=section.text("target"),
        password_file=section.path("password_file"),
        credentials_file=section.path("credentials_file", ""),
        scratch=section.path("scratch", "/var/lib/everprint-backup"),
        incrementals=section.whole("incrementals", 0, 365, 6),
        keep_last=section.whole("keep_last", 1, 1000, 3),
        keep_daily=section.whole("keep_daily", 0, 1000, 7),
        keep_weekly=section.whole("keep_weekly", 0, 1000, 4),
        keep_monthly=section.whole("keep_monthly", 0, 1000, 12),
        within_ms=section.time("within", "6 h"),
        line=section.line,
    )
    target = backup.target
    if target and not (backup.folder or _REMOTE.fullmatch(target)):
        advice = 'write a folder, "sftp:user@host:/folder" or "s3:https://server/bucket/folder"'
        section.refuse("target", f"{target} is no place for backups", advice)
    if "@" in target and ":" in target.partition("://")[2].partition("@")[0]:
        section.refuse("target", "the target names a password", "use a key, or credentials_file: the target is shown")
    if backup.credentials_file and not target.startswith("s3:"):
        section.refuse("credentials_file", "only an S3 store has credentials here", "take credentials_file away")
    if not 0 < backup.within_ms <= 48 * _HOUR_MS:
        section.refuse("within", "within is longer than two days", "at most 48 h: the next backup waits for this one")
    section.end()
    return backup
