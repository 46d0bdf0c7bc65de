"""The database: that it answers, is this release's, and keeps what it acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import Error, connection
from django.utils import timezone

from everprint.monitor.health import Level as HealthLevel
from everprint.server import sql
from everprint.server.doctor.finding import Finding, advise, ok, problem
from everprint.server.doctor.mounts import filesystem_of
from everprint.server.health.checks import check_database
from everprint.server.schedule.lease import database_now

OLDEST_POSTGRESQL = 14
LARGEST_CLOCK_GAP = timedelta(seconds=2)

# SQLite's locks and WAL do not hold between machines (sqlite.org: "Use of WAL over a network file system").
_NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
# PostgreSQL's settings without which a power failure loses what was acknowledged (manual, "Reliability").
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def examine_database() -> Iterator[Finding]:
    """If it does not answer, that is all there is to say."""
    result = check_database()
    if result.level is HealthLevel.FAIL:
        yield problem("database", result.message, "see that it runs and what the setting *database* says")
        return
    yield ok("database", f"{connection.vendor} {result.message}")
    try:
        yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()
    except Error as error:
        yield problem("database", f"went away while it was examined ({type(error).__name__})", "try again")


def _sqlite() -> Iterator[Finding]:
    path = Path(str(connection.settings_dict["NAME"]))
    kind = filesystem_of(path)
    if kind in _NETWORK_FILESYSTEMS:
        yield problem(
            "database-place",
            f"{path} is on a network file system ({kind}), where SQLite cannot lock and may lose the database",
            "keep it on a local disk, or use PostgreSQL",
        )
    else:
        yield ok("database-place", f"{path} is on a local file system")
    if path.stat().st_mode & 0o077:
        yield problem("database-file", f"others than its owner may use {path}", f"chmod 600 {path}")


def _postgresql() -> Iterator[Finding]:
    ((version,),) = sql.rows("SELECT current_setting('server_version_num')::int / 10000", ())
    if int(str(version)) < OLDEST_POSTGRESQL:
        yield problem("postgresql-version", f"PostgreSQL {version} gets no more repairs", "upgrade it to 14 or newer")
    else:
        yield ok("postgresql-version", f"PostgreSQL {version}")
    ((standby,),) = sql.rows("SELECT pg_is_in_recovery()", ())
    if standby:
        yield problem(
            "postgresql-role",
            "this is a standby, where nothing can be written",
            "name all hosts in the setting *database*, with target_session_attrs=read-write",
        )
    off = [name for name in _DURABLE if sql.rows("SELECT current_setting(%s)", (name,)) == [("off",)]]
    if off:
        yield problem(
            "postgresql-durability",
            f"{', '.join(off)} is off: a power failure loses jobs and money that were acknowledged",
            "switch it on in postgresql.conf",
        )
    else:
        yield ok("postgresql-durability", "what is acknowledged is on disk")
    yield _clock()


def _clock() -> Finding:
    gap = abs(timezone.now() - database_now())
    if gap > LARGEST_CLOCK_GAP:
        return advise(
            "clock",
            f"this machine's clock and the database's are {gap.total_seconds():.0f} s apart",
            "let both follow the same time servers (chrony, systemd-timesyncd)",
        )
    return ok("clock", "agrees with the database's")
