"""pgBackRest's configuration file (its *Configuration Reference*): backups, and each second between them.

PostgreSQL hands over each piece of its write-ahead log; with a backup and the log since then one can go back to any
second. The key that all is encrypted with is not in it: people put it into a file of its own that pgBackRest also
reads (*/etc/pgbackrest/conf.d*).
"""

from __future__ import annotations

from everprint.cluster.database.members import POSTGRESQL_PORT
from everprint.cluster.database.places import Places
from everprint.cluster.topology.model import DatabaseBackup

ARCHIVE_AT_LEAST_EVERY_S = 60
"""A piece of the log that is not full is handed over after this time: what may be lost with all members."""

QUEUE_MAX = "16GiB"
"""With its target away PostgreSQL keeps the log for it. Beyond this it lets it go, so that the disk does not fill and
stop everything: one cannot go back to the time from then to the next backup, and `pgbackrest verify` says so."""


def pgbackrest_configuration(stanza: str, backup: DatabaseBackup, places: Places, port: int = POSTGRESQL_PORT) -> str:
    """The file; the same on each member. `stanza` is what pgBackRest calls the database."""
    target = [f"repo1-path={backup.folder}"]
    if backup.host:
        target += [f"repo1-host={backup.host}", f"repo1-host-user={backup.user}"]
    lines = [
        "# Made by `everprint cluster database`. The key: repo1-cipher-pass, in a file below /etc/pgbackrest/conf.d.",
        "[global]",
        *target,
        "repo1-cipher-type=aes-256-cbc",
        "repo1-retention-full-type=time",
        f"repo1-retention-full={backup.keep_days}",
        "compress-type=zst",
        "start-fast=y",
        # A target that hangs must hold up nothing for long.
        "io-timeout=60",
        f"archive-push-queue-max={QUEUE_MAX}",
        "",
        f"[{stanza}]",
        f"pg1-path={places.data}",
        f"pg1-socket-path={places.socket}",
        f"pg1-port={port}",
    ]
    return "\n".join(lines) + "\n"


def archiving_parameters(stanza: str, program: str = "pgbackrest") -> dict[str, str | int]:
    """PostgreSQL's settings that hand the log over."""
    return {
        "archive_mode": "on",
        "archive_command": f"{program} --stanza={stanza} archive-push %p",
        "archive_timeout": ARCHIVE_AT_LEAST_EVERY_S,
    }


def restore_command(stanza: str, program: str = "pgbackrest") -> str:
    """How a standby that was away for long gets what the primary has no more."""
    return f'{program} --stanza={stanza} archive-get %f "%p"'
