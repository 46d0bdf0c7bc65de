"""Fills a print server's journal as years or a long absence of its server would, while it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.lives import DOCUMENT, ONE_SIDE, described, offline_life
from everprint.contract.job_life import JobState
from everprint.documents.ticket import Ticket
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.journal import rows
from everprint.provider.journal.schema import open_journal

_encode = msgspec.json.Encoder().encode


def add_finished_jobs(journal: Path, number: int, queue: str, user: str) -> None:
    """Jobs that were printed and told of."""
    with closing(open_journal(journal)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        (last,) = connection.execute("SELECT coalesce(max(job_id), 0) FROM jobs").fetchone()
        made = (rows.write_row(_finished(last + count, queue, user)) for count in range(1, number + 1))
        connection.executemany(rows.insert_jobs(1), made)
        connection.execute("COMMIT")


def add_offline_jobs(journal: Path, number: int, queue: str, user: str) -> None:
    """The events of jobs that were printed while the server was away, and that it was not told of."""
    with closing(open_journal(journal)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO outbox (at, job_uuid, fact) VALUES (?, ?, ?)", _offline_events(number, queue, user)
        )
        connection.execute("COMMIT")


def _offline_events(number: int, queue: str, user: str) -> Iterator[tuple[str, str, bytes]]:
    for _ in range(number):
        job = described(queue, user)
        for fact in offline_life(job):
            yield datetime.now(UTC).isoformat(), job.job_id, _encode(fact)


def _finished(job_id: int, queue: str, user: str) -> Job:
    now = datetime.now(UTC)
    return Job(
        job_id=job_id,
        uuid=new_job_uuid(),
        queue=queue,
        owner=Owner(user, False, "127.0.0.1"),
        job_name="Minutes",
        attributes=(),
        ticket=Ticket(),
        created_at=now,
        state=JobState.COMPLETED,
        document=Document("application/pdf", 30_000),
        findings=DOCUMENT,
        device_uri="ipp://127.0.0.1:9/ipp/print",
        device_job_id=job_id,
        processing_at=now,
        completed_at=now,
        output=ONE_SIDE,
    )
