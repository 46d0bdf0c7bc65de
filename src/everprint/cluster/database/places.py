"""Where a member of the database layer has what its programs need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are on a member."""

    data: str
    """PostgreSQL's data folder; Patroni makes it."""
    programs: str
    """The folder with *postgres*, *pg_ctl* and *pg_rewind*."""
    socket: str
    """The folder of PostgreSQL's Unix socket."""
    passfile: str
    """Where Patroni keeps the replication password for libpq."""


DEBIAN = Places(
    data="/var/lib/postgresql/everprint",
    programs="/usr/lib/postgresql/15/bin",
    socket="/var/run/postgresql",
    passfile="/var/lib/postgresql/.patroni-pgpass",
)
