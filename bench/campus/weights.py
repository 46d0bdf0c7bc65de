"""What the database weighs, by table: heap, indexes and what is stored beside them."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

# All that grows by a job. The sums of reports grow by days, users and printers.
OF_JOBS = (
    "jobs_job",
    "jobs_jobstep",
    "jobs_decision",
    "accounts_closedjob",
    "accounts_transaction",
    "accounts_entry",
    "reports_usagesum",
)
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one table, in octets."""

    table: str
    heap: int
    indexes: int

    @property
    def whole(self) -> int:
        """All of it."""
        return self.heap + self.indexes


def weights(connection: psycopg.Connection) -> list[Weight]:
    """Of the tables that grow by jobs."""
    return [_weight(connection, table) for table in OF_JOBS]


def _weight(connection: psycopg.Connection, table: str) -> Weight:
    row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", (table, table)).fetchone()
    assert row is not None
    return Weight(table, int(row[0]), int(row[1]))


def megabytes_per_10_000(before: Weight, after: Weight, jobs: int) -> tuple[float, float]:
    """Megabytes that 10,000 of the jobs added: the heap's and the indexes'."""
    scale = 10_000 / jobs / MEGABYTE
    return (after.heap - before.heap) * scale, (after.indexes - before.indexes) * scale
