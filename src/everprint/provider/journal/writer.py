"""The one writer of the journal: a thread that commits whatever has come together since its last commit.

So sixteen clients that print at once share one sync of the journal instead of paying for sixteen, and the event loop
never waits for a disk. Documents are made sure of by threads of their own, each as soon as it came; an entry joins
the queue for the journal when its documents are on disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from everprint.contract.job_ids import FIRST_OF_OWN
from everprint.provider.journal import rows
from everprint.provider.journal.entry import Entry
from everprint.provider.spool import SpoolFull

log = logging.getLogger(__name__)

_MOST_ENTRIES = 256
# Syncs in parallel share the file system's own journal commit: eight are 2.5 times as fast as one (ext4, measured).
_SYNC_THREADS = 8
_MOST_ROWS = 32
# A mebibyte: that takes milliseconds, and the next entry waits no longer.
_PAGES_GIVEN_BACK = 256

_encode = msgspec.json.Encoder().encode


class JournalFailed(Exception):
    """The step could not be written: it did not happen, and nothing may be done because of it."""


class JournalWriter:
    """Takes entries from the event loop, writes them in their order, and answers when they are on disk."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        spool: Path,
        on_facts: Callable[[], None],
        free_octets: int,
        told_events_kept: int,
    ) -> None:
        """`on_facts` is called in the event loop after a commit that wrote events. What is free in the file beyond
        `free_octets` is given back to the disk, a piece at a time; `told_events_kept` that were told stay."""
        (page_octets,) = connection.execute("PRAGMA page_size").fetchone()
        self._free_pages = free_octets // page_octets
        self._connection = connection
        self._told_events_kept = told_events_kept
        self._spool = os.open(spool, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._on_facts = on_facts
        self._loop = asyncio.get_running_loop()
        self._entries: queue.SimpleQueue[tuple[Entry, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._keepers = ThreadPoolExecutor(_SYNC_THREADS, "spool-sync")
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        self._sequence: int = row[0] if row else 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def submit(self, entry: Entry) -> asyncio.Future[None]:
        """Queues an entry. The future is done when it is on disk, or has failed with JournalFailed.

        Entries without documents keep their order; one with documents comes when they are on disk.
        """
        future: asyncio.Future[None] = self._loop.create_future()
        if entry.documents:
            self._keepers.submit(self._keep_documents, entry, future)
        else:
            self._entries.put((entry, future))
        return future

    @property
    def is_alive(self) -> bool:
        """True while its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Writes what is queued, then ends."""
        self._keepers.shutdown()
        self._entries.put(None)
        self._thread.join()
        os.close(self._spool)
        self._connection.close()

    def _keep_documents(self, entry: Entry, future: asyncio.Future[None]) -> None:
        for document in entry.documents:
            try:
                document.keep()
            except (SpoolFull, OSError) as error:
                self._loop.call_soon_threadsafe(self._answer, [future], [JournalFailed(str(error))], False)
                return
        self._entries.put((entry, future))

    def _run(self) -> None:
        while True:
            batch = self._next_batch()
            if not batch:
                return
            outcome = self._write_batch([entry for entry, _ in batch])
            with_facts = any(entry.facts for entry, _ in batch)
            self._loop.call_soon_threadsafe(self._answer, [future for _, future in batch], outcome, with_facts)
            self._give_back()

    def _give_back(self) -> None:
        """Shortens the file if much of it is free: after the answers, for nobody waits for it."""
        try:
            (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
            if free > self._free_pages:
                piece = min(free - self._free_pages, _PAGES_GIVEN_BACK)
                # As a script: it gives back one page at each step, and execute() takes only the first.
                self._connection.executescript(f"PRAGMA incremental_vacuum({piece});")
        except sqlite3.Error as error:
            log.warning("journal cannot be shortened reason=%s", error)

    def _next_batch(self) -> list[tuple[Entry, asyncio.Future[None]]]:
        """At least one entry, and all others that already wait; empty at the end."""
        first = self._entries.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < _MOST_ENTRIES and not self._entries.empty():
            item = self._entries.get()
            if item is None:
                self._entries.put(None)
                break
            batch.append(item)
        return batch

    def _answer(
        self, futures: Sequence[asyncio.Future[None]], outcome: Sequence[JournalFailed | None], with_facts: bool
    ) -> None:
        for future, failure in zip(futures, outcome, strict=True):
            if future.cancelled():
                continue
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
        if with_facts:
            self._on_facts()

    def _write_batch(self, entries: Sequence[Entry]) -> Sequence[JournalFailed | None]:
        # A sync that failed is never tried again: the kernel may count what it could not write as written by then.
        unnamed = self._sync_folder(entries)
        if unnamed is not None:
            log.error("spool cannot be synced error=%s", unnamed)
        writable = [entry for entry in entries if unnamed is None or not entry.documents]
        outcome = dict(zip(map(id, writable), self._write_together(writable), strict=True))
        return [outcome.get(id(entry), unnamed) for entry in entries]

    def _write_together(self, entries: Sequence[Entry]) -> Sequence[JournalFailed | None]:
        failure = self._commit(entries) if entries else None
        if failure is None:
            return [None] * len(entries)
        log.error("journal cannot be written entries=%d error=%s", len(entries), failure)
        # One that cannot be written must not fail its neighbours. SQLite writes all pages of each anew.
        return [self._commit([entry]) for entry in entries]

    def _sync_folder(self, entries: Sequence[Entry]) -> JournalFailed | None:
        """Makes sure that the names of new documents are on disk, too."""
        if any(entry.documents for entry in entries):
            try:
                os.fsync(self._spool)
            except OSError as error:
                return JournalFailed(f"the spool cannot be synced: {error.strerror}")
        return None

    def _commit(self, entries: Sequence[Entry]) -> JournalFailed | None:
        sequence = self._sequence
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._write(entries)
            self._connection.execute("COMMIT")
        except Exception as error:
            self._sequence = sequence
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return JournalFailed(f"the journal cannot be written: {error}")
        return None

    def _write(self, entries: Sequence[Entry]) -> None:
        """Every statement lets go of the interpreter's lock and must wait for it again: so few, of many rows each."""
        # A job is added before it changes, and an entry does one or the other: order is kept.
        added = [job for entry in entries for job in entry.added]
        self._write_rows(rows.insert_jobs, [rows.write_row(job) for job in added])
        own = (job.job_id for entry in entries if not entry.taken_over for job in entry.added)
        if given := max((number for number in own if number < FIRST_OF_OWN), default=0):
            self._mark("job-id", given)
        self._write_rows(rows.change_jobs, [rows.write_row(job) for entry in entries for job in entry.changed])
        events: list[tuple[rows.Cell, ...]] = []
        for fact in (fact for entry in entries for fact in entry.facts):
            self._sequence += 1
            events.append((self._sequence, fact.at.isoformat(), fact.job_uuid, _encode(fact.fact)))
        self._write_rows(rows.insert_events, events)
        for entry in entries:
            self._tidy(entry)

    def _write_rows(self, statement: Callable[[int], str], values: Sequence[tuple[rows.Cell, ...]]) -> None:
        """In pieces of a power of two, so that there are few different statements to prepare."""
        start = 0
        while start < len(values):
            count = min(_MOST_ROWS, 1 << (len(values) - start).bit_length() - 1)
            piece = values[start : start + count]
            self._connection.execute(statement(count), [cell for row in piece for cell in row])
            start += count

    def _tidy(self, entry: Entry) -> None:
        execute = self._connection.execute
        for job_id in entry.forgotten:
            execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))
        if entry.taken is not None:
            execute("INSERT OR IGNORE INTO told SELECT * FROM outbox WHERE sequence <= ?", (entry.taken,))
            execute("DELETE FROM outbox WHERE sequence <= ?", (entry.taken,))
            execute(
                "DELETE FROM told WHERE sequence <= (SELECT max(sequence) FROM told) - ?", (self._told_events_kept,)
            )
        if entry.order_done is not None:
            self._mark("order", entry.order_done)
        if entry.job_ids is not None:
            execute("INSERT INTO job_ids (first, last) VALUES (?, ?)", (entry.job_ids.first, entry.job_ids.last))

    def _mark(self, name: str, value: int) -> None:
        """Notes how far something came; it never goes back."""
        self._connection.execute(
            "INSERT INTO marks (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (name, value),
        )
