"""The journal keeps what it said it kept, all or nothing per entry, and gives every event its place."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from everprint.contract.job_life import JobState
from everprint.contract.messages import DeliveryBegun, JobReleased
from everprint.provider.job import Job
from everprint.provider.journal import Entry, JobEventFact, Journal, JournalFailed
from everprint.provider.journal.rows import read_row, write_row
from everprint.provider.journal.schema import JournalTooNew
from everprint.provider.spool import Spool, SpoolFile
from tests.provider.jobs_for_tests import NOW, a_job, jobs

Use = Callable[[Journal], Awaitable[None]]


def use_journal(folder: Path, use: Use) -> None:
    """Opens the journal, uses it, closes it."""

    async def main() -> None:
        spool = Spool(folder / "spool", 0)
        journal = Journal(folder / "journal.sqlite3", spool.folder)
        try:
            await use(journal)
        finally:
            journal.close()

    asyncio.run(main())


def fact(job: Job) -> JobEventFact:
    return JobEventFact(NOW, job.uuid, DeliveryBegun())


def document(folder: Path, job: Job, octets: bytes = b"%PDF-") -> SpoolFile:
    return SpoolFile(str(folder / "spool" / job.uuid), len(octets), None, octets)


@given(jobs)
def test_a_job_comes_back_as_it_was_written(job: Job) -> None:
    assert read_row(write_row(job)) == job


def test_what_was_written_is_there_after_a_new_start(tmp_path: Path) -> None:
    job = a_job(7)

    async def write(journal: Journal) -> None:
        await journal.write(Entry(added=(job,), facts=(fact(job),), documents=(document(tmp_path, job),)))
        await journal.write(Entry(changed=(replace(job, state=JobState.ANALYSED),)))
        await journal.write(Entry(order_done=3))

    async def read(journal: Journal) -> None:
        assert journal.jobs() == [replace(job, state=JobState.ANALYSED)]
        assert [(event.sequence, event.job_id, event.fact) for event in journal.events_after(0, 10)] == [
            (1, job.uuid, DeliveryBegun())
        ]
        assert journal.last_order() == 3

    use_journal(tmp_path, write)
    use_journal(tmp_path, read)
    kept = tmp_path / "spool" / job.uuid
    assert kept.read_bytes() == b"%PDF-"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "journal.sqlite3").stat().st_mode & 0o777 == 0o600


def test_an_entry_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        good, twin, also_good = a_job(1), a_job(1), a_job(2)
        outcome = await asyncio.gather(
            *(journal.write(Entry(added=(job,), facts=(fact(job),))) for job in (good, twin, also_good)),
            return_exceptions=True,
        )
        assert [type(one) for one in outcome] == [type(None), JournalFailed, type(None)]
        assert journal.jobs() == [good, also_good]
        assert [event.job_id for event in journal.events_after(0, 10)] == [good.uuid, also_good.uuid]

    use_journal(tmp_path, write)


@pytest.mark.parametrize(
    "broken", [a_job(2, job_name="half a pair \ud800"), a_job(2, device_job_id=2**70)], ids=["text", "number"]
)
def test_an_entry_that_no_column_can_hold_fails_alone_and_the_writer_goes_on(tmp_path: Path, broken: Job) -> None:
    async def use(journal: Journal) -> None:
        async with asyncio.timeout(10):
            with pytest.raises(JournalFailed):
                await journal.write(Entry(added=(broken,), facts=(fact(broken),)))
            await journal.write(Entry(added=(a_job(3),), facts=(fact(broken),)))
        assert [job.job_id for job in journal.jobs()] == [3]
        assert [event.sequence for event in journal.events_after(0, 10)] == [1]

    use_journal(tmp_path, use)


def test_events_have_no_gaps_though_some_fail_and_some_are_reported(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        first = a_job(1)
        await journal.write(Entry(added=(first,), facts=(fact(first),)))
        with pytest.raises(JournalFailed):
            await journal.write(Entry(added=(a_job(1),), facts=(fact(first), fact(first))))
        await journal.write(Entry(taken=1))
        await journal.write(Entry(facts=(JobEventFact(NOW, first.uuid, JobReleased()),)))

    async def read(journal: Journal) -> None:
        await journal.write(Entry(facts=(JobEventFact(NOW, None, JobReleased()),)))
        assert [event.sequence for event in journal.events_after(0, 10)] == [2, 3]
        assert journal.unreported() == 2

    use_journal(tmp_path, write)
    use_journal(tmp_path, read)


def test_what_waits_to_be_reported_is_known_before_during_and_after(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        assert journal.unreported() == 0
        job = a_job(1)
        await journal.write(Entry(added=(job,), facts=(fact(job),) * 5))
        assert journal.unreported() == 5
        await journal.write(Entry(taken=3))
        assert journal.unreported() == 2
        await journal.write(Entry(taken=5))
        assert journal.unreported() == 0

    use_journal(tmp_path, write)


def test_a_job_id_is_never_given_again(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        await journal.write(Entry(added=(a_job(41), a_job(42))))
        await journal.write(Entry(forgotten=(42, 41)))

    async def read(journal: Journal) -> None:
        assert journal.jobs() == []
        assert journal.last_job_id() == 42

    use_journal(tmp_path, write)
    use_journal(tmp_path, read)


def test_entries_reach_the_disk_in_their_order_and_share_syncs(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        job = a_job(1)
        steps = [journal.write(Entry(added=(job,), facts=(fact(job),)))]
        for attempt in range(2, 300):
            job = replace(job, attempt=attempt)
            steps.append(journal.write(Entry(changed=(job,), facts=(fact(job),))))
        await asyncio.gather(*steps)
        assert journal.jobs() == [job]
        assert [event.sequence for event in journal.events_after(0, 1000)] == list(range(1, 300))

    use_journal(tmp_path, write)


def test_a_document_that_cannot_be_stored_fails_its_job_and_leaves_nothing(tmp_path: Path) -> None:
    async def write(journal: Journal) -> None:
        good, bad = a_job(1), a_job(2)
        (tmp_path / "spool" / bad.uuid).write_bytes(b"somebody else's")
        outcome = await asyncio.gather(
            journal.write(Entry(added=(good,), documents=(document(tmp_path, good),))),
            journal.write(Entry(added=(bad,), documents=(document(tmp_path, bad),))),
            return_exceptions=True,
        )
        assert isinstance(outcome[1], JournalFailed)
        assert journal.jobs() == [good]

    use_journal(tmp_path, write)


def test_a_sync_that_failed_is_not_tried_again_and_fails_no_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the kernel may count as written what it could not write: a second try that succeeds means nothing."""
    fsync, failed = os.fsync, list[int]()

    def fail_once(descriptor: int) -> None:
        if not failed and stat.S_ISDIR(os.fstat(descriptor).st_mode):
            failed.append(descriptor)
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    async def write(journal: Journal) -> None:
        printed, moved, later = a_job(1), a_job(2), a_job(3)
        monkeypatch.setattr(os, "fsync", fail_once)
        outcome = await asyncio.gather(
            journal.write(Entry(added=(printed,), documents=(document(tmp_path, printed),))),
            journal.write(Entry(added=(moved,))),
            return_exceptions=True,
        )
        assert isinstance(outcome[0], JournalFailed) and outcome[1] is None
        await journal.write(Entry(added=(later,), documents=(document(tmp_path, later),)))
        assert journal.jobs() == [moved, later]

    use_journal(tmp_path, write)


def test_a_journal_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    async def nothing(journal: Journal) -> None: ...

    use_journal(tmp_path, nothing)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalTooNew, match="journal version 99"):
        use_journal(tmp_path, nothing)


def test_a_journal_of_before_cups_is_upgraded(tmp_path: Path) -> None:
    kept = a_job(1)

    async def write(journal: Journal) -> None:
        await journal.write(Entry(added=(kept,)))

    async def read(journal: Journal) -> None:
        assert journal.jobs() == [kept]

    use_journal(tmp_path, write)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as connection:
        connection.executescript(
            "ALTER TABLE jobs DROP COLUMN cups; ALTER TABLE jobs DROP COLUMN first_queue; "
            "ALTER TABLE jobs DROP COLUMN by_rules; ALTER TABLE jobs DROP COLUMN moving; "
            "ALTER TABLE jobs DROP COLUMN job_id_unique; DROP TABLE job_ids; DROP TABLE told; "
            "PRAGMA user_version = 2;"
        )
    use_journal(tmp_path, read)


# Writes jobs for ever and says each number once it is told that the job is on disk.
ENDLESS_WRITER = """
import asyncio, sys
from pathlib import Path
from everprint.provider.journal import Entry, Journal
from everprint.provider.spool import Spool
from tests.provider.jobs_for_tests import a_job
from tests.provider.test_journal import document, fact

async def main(folder):
    spool = Spool(folder / "spool", 0)
    journal = Journal(folder / "journal.sqlite3", spool.folder)
    async def write(number):
        job = a_job(number)
        await journal.write(Entry(added=(job,), facts=(fact(job),), documents=(document(folder, job),)))
        print(number, job.uuid, flush=True)
    number = 0
    while True:
        await asyncio.gather(*(write(number + one) for one in range(1, 17)))
        number += 16

asyncio.run(main(Path(sys.argv[1])))
"""


def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", ENDLESS_WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline().split() for _ in range(100)]
    writer.send_signal(signal.SIGKILL)
    said += [line.split() for line in writer.stdout.read().splitlines() if len(line.split()) == 2]
    writer.wait()

    async def read(journal: Journal) -> None:
        kept = {str(job.job_id): job.uuid for job in journal.jobs()}
        events = journal.events_after(0, 100_000)
        assert {number: kept.get(number) for number, _ in said} == dict(said)
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert {event.job_id for event in events} == set(kept.values())
        assert all((tmp_path / "spool" / uuid).read_bytes() == b"%PDF-" for uuid in kept.values())

    use_journal(tmp_path, read)


def test_a_disk_that_is_full_fails_the_entry_and_the_next_one_works(tmp_path: Path) -> None:
    """Files may not grow beyond a limit here: what SQLite and the spool get is what a full disk gives them."""

    async def write(journal: Journal) -> None:
        first, second, third = a_job(1), a_job(2, job_name="x" * 2_000_000), a_job(3)
        await journal.write(Entry(added=(first,)))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
        try:
            with pytest.raises(JournalFailed):
                await journal.write(Entry(added=(second,)))
            with pytest.raises(JournalFailed, match="File too large"):
                await journal.write(Entry(added=(second,), documents=(document(tmp_path, second, bytes(600_000)),)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)
        await journal.write(Entry(added=(third,)))
        assert journal.jobs() == [first, third]
        assert list((tmp_path / "spool").iterdir()) == []

    use_journal(tmp_path, write)


def test_the_last_events_that_were_told_can_be_told_once_more(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path / "spool", 0)
        journal = Journal(tmp_path / "journal.sqlite3", spool.folder, told_events_kept=3)
        try:
            for number in range(1, 7):
                await journal.write(Entry(facts=(fact(a_job(number)),)))
            assert (journal.last_told(), journal.oldest_event()) == (0, 1)
            await journal.write(Entry(taken=5))
            assert (journal.last_told(), journal.oldest_event(), journal.unreported()) == (5, 3, 1)
            assert [event.sequence for event in journal.events_after(0, 10)] == [3, 4, 5, 6]
            assert [event.sequence for event in journal.events_after(3, 2)] == [4, 5]
            await journal.write(Entry(taken=6))
            assert (journal.oldest_event(), journal.unreported()) == (4, 0)
        finally:
            journal.close()

    asyncio.run(main())
