"""Where the Application Server of a storm keeps everything: PostgreSQL on a machine of its own, behind a wire, or a
SQLite file on the server's own disk, whose power can go.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rig.network import Machine
from rig.postgresql import Postgresql
from rig.process import Process
from tests.faults.storm.disk_layer import Disk
from tests.faults.storm.relay import Relay

NAME = "everprint"


@dataclass(frozen=True, slots=True)
class OnPostgresql:
    """PostgreSQL, and the wire by which the server reaches it."""

    postgresql: Postgresql
    machine: Machine
    wire: Relay

    @property
    def process(self) -> Process:
        """What runs it."""
        return self.postgresql.process

    @property
    def url(self) -> str:
        """The server's setting *database*."""
        return f"postgresql://postgres@{self.wire.host}:{self.wire.port}/{NAME}"

    def ask(self, query: str) -> list[Sequence[str]]:
        """The rows of a query's answer."""
        with self.machine.inside():
            answer = self.postgresql.psql(query, NAME)
        return [line.split("|") for line in answer.splitlines()]


@dataclass(frozen=True, slots=True)
class OnSqlite:
    """A file in the server's state folder, and the disk below that."""

    file: Path
    disk: Disk

    def ask(self, query: str) -> list[Sequence[str]]:
        """The rows of a query's answer."""
        with closing(sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True)) as connection:
            return [[str(cell) for cell in row] for row in connection.execute(query)]
