"""The journal as the rest of the provider sees it: write entries, read back what is there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from everprint.contract.job_ids import FIRST_OF_OWN, JobIdBlock
from everprint.contract.messages import DecidedOffline, Event, JobFact, ProviderFact
from everprint.provider.job import Job
from everprint.provider.journal import rows
from everprint.provider.journal.entry import Entry
from everprint.provider.journal.schema import open_journal, open_read_only
from everprint.provider.journal.writer import JournalWriter

# One batch of events; the server takes several times as much.
_MOST_EVENT_OCTETS = 1 << 20

_fact = msgspec.json.Decoder(JobFact | ProviderFact)
_decided_offline = msgspec.json.Decoder(DecidedOffline)
_DECIDED_OFFLINE = b'{"type":"decided-offline",'


class Journal:
    """Open while the provider runs; one per state folder."""

    def __init__(self, path: Path, spool: Path, free_octets: int = 32 << 20, told_events_kept: int = 0) -> None:
        """Opens it, or makes it; what is free in the file beyond so much is given back to the disk. So many events
        that were told stay, to be told once more.

        Raises JournalTooNew.
        """
        connection = open_journal(path)
        self._reader = open_read_only(path)
        self.facts_written = asyncio.Event()
        self._writer = JournalWriter(connection, spool, self.facts_written.set, free_octets, told_events_kept)

    def write(self, entry: Entry) -> asyncio.Future[None]:
        """Awaited, the entry is on disk. Entries without documents reach it in the order of their calls.

        Raises JournalFailed: then nothing of the entry was written.
        """
        return self._writer.submit(entry)

    @property
    def is_alive(self) -> bool:
        """False if nothing will ever be written any more: only a new start helps then."""
        return self._writer.is_alive

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return read_jobs(self._reader)

    def kept_jobs(self) -> Iterator[rows.KeptJob]:
        """All jobs, oldest first, each to be read when somebody wants to know more of it than where it stands."""
        found: Iterable[tuple[rows.Cell, ...]] = self._reader.execute(f"{rows.SELECT} ORDER BY job_id")
        return map(rows.KeptJob, found)

    def last_job_id(self) -> int:
        """The highest job-id ever given here below FIRST_OF_OWN."""
        return self._mark("job-id")

    def last_own_job_id(self) -> int:
        """The highest ever given here from FIRST_OF_OWN on; the number before it if there was none."""
        return max(FIRST_OF_OWN - 1, self._sequence_of("jobs"))

    def job_id_blocks(self) -> list[JobIdBlock]:
        """All blocks of job-ids that the server ever gave, the lowest first."""
        found = self._reader.execute("SELECT first, last FROM job_ids ORDER BY first")
        return [JobIdBlock(first, last) for first, last in found]

    def last_order(self) -> int:
        """The sequence of the last order carried out."""
        return self._mark("order")

    def last_told(self) -> int:
        """The last event that the server took and that is kept; 0: none is."""
        (found,) = self._reader.execute("SELECT coalesce(max(sequence), 0) FROM told").fetchone()
        return int(found)

    def oldest_event(self) -> int | None:
        """The oldest event that is here, told or not."""
        (found,) = self._reader.execute(
            "SELECT coalesce((SELECT min(sequence) FROM told), (SELECT min(sequence) FROM outbox))"
        ).fetchone()
        return None if found is None else int(found)

    def events_after(self, sequence: int, most: int) -> list[Event]:
        """The next events after that one, in order: told ones, too, if it is older than they."""
        found = self._reader.execute(
            "SELECT * FROM (SELECT * FROM told WHERE sequence > ? ORDER BY sequence LIMIT ?) UNION ALL "
            "SELECT * FROM (SELECT * FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?) ORDER BY 1 LIMIT ?",
            (sequence, most, sequence, most, most),
        )
        events: list[Event] = []
        octets = 0
        for number, at, job_uuid, fact in found:
            octets += len(fact)
            if events and octets > _MOST_EVENT_OCTETS:
                break
            events.append(
                Event(sequence=number, at=datetime.fromisoformat(at), job_id=job_uuid, fact=_fact.decode(fact))
            )
        return events

    def unreported(self) -> int:
        """How many events wait to be reported."""
        # They have no gaps: counting them would read them all, and after a long absence they are many.
        (count,) = self._reader.execute(
            "SELECT coalesce((SELECT max(sequence) FROM outbox) - (SELECT min(sequence) FROM outbox) + 1, 0)"
        ).fetchone()
        return int(count)

    def has_untold(self, job_uuid: str) -> bool:
        """True if something of that job waits to be reported."""
        found = self._reader.execute("SELECT 1 FROM outbox WHERE job_uuid = ? LIMIT 1", (job_uuid,))
        return found.fetchone() is not None

    def untold_decisions(self) -> list[tuple[datetime, str, DecidedOffline]]:
        """The decisions made without the server that it has not been told of, in order: when, which job, what."""
        found = self._reader.execute(
            "SELECT at, job_uuid, fact FROM outbox WHERE substr(fact, 1, ?) = ? ORDER BY sequence",
            (len(_DECIDED_OFFLINE), _DECIDED_OFFLINE),
        )
        return [(datetime.fromisoformat(at), uuid, _decided_offline.decode(fact)) for at, uuid, fact in found]

    def close(self) -> None:
        """Writes what is queued and closes."""
        self._writer.stop()
        self._reader.close()

    def _mark(self, name: str) -> int:
        row = self._reader.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _sequence_of(self, table: str) -> int:
        row = self._reader.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        return int(row[0]) if row else 0


def read_jobs(connection: sqlite3.Connection) -> list[Job]:
    """All jobs of a journal, oldest first."""
    found: Iterable[tuple[rows.Cell, ...]] = connection.execute(f"{rows.SELECT} ORDER BY job_id")
    return [rows.read_row(row) for row in found]
