"""How much disk the journal takes: for a job that nobody was told of yet, and when it was."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DecidedOffline,
    DeliveryBegun,
    DocumentSent,
    DocumentSummary,
    JobAnalysed,
    JobFact,
    JobFinished,
    JobReceived,
    PageRun,
    Print,
)
from everprint.contract.pricing import Costs, SideCosts
from everprint.documents.result import Confidence, Output, Sides
from everprint.documents.ticket import Ticket
from everprint.provider.job import Job
from everprint.provider.journal import Entry, JobEventFact, Journal
from everprint.provider.spool import Spool
from tests.provider.jobs_for_tests import NOW, a_job

A4 = "iso_a4_210x297mm"
OUTPUT = Output(sheets=12, sides=(Sides(A4, False, True, 20), Sides(A4, True, True, 3)))
RUNS = [
    PageRun(first=first, last=last, width_mm=210.0, height_mm=297.0, media=A4, colour=colour)
    for first, last, colour in ((1, 4, False), (5, 7, True), (8, 23, False))
]
DOCUMENT = DocumentSummary(
    language="PDF", confidence=Confidence.EXACT, pages=23, output=OUTPUT, page_runs=RUNS, ticket=Ticket()
)
PRICES = SideCosts(*[Decimal("0.0500")] * 4)
KEPT = 64 << 10
JOBS = 300


def use_journal(folder: Path, use: Callable[[Journal], Awaitable[None]]) -> None:
    async def main() -> None:
        spool = Spool(folder / "spool", 0)
        journal = Journal(folder / "journal.sqlite3", spool.folder, KEPT)
        try:
            await use(journal)
        finally:
            journal.close()

    asyncio.run(main())


def octets(folder: Path) -> int:
    """Of the file, with all that was written in it and not beside it."""
    connection = sqlite3.connect(folder / "journal.sqlite3")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return (folder / "journal.sqlite3").stat().st_size


def reports_of(job: Job) -> tuple[JobEventFact, ...]:
    """All that is told of a job that was let through without the server."""
    decision = Print(cost=Decimal("1.15"), account="anna.schmidt", costs=Costs(PRICES, {"iso_a3_297x420mm": PRICES}))
    facts: list[JobFact] = [
        JobReceived(job=job.description()),
        JobAnalysed(document=DOCUMENT),
        DecidedOffline(attempt=1, user_name="anna.schmidt", decision=decision),
        DeliveryBegun(),
        DocumentSent(device_job_id=job.job_id),
        JobFinished(state=JobState.COMPLETED, output=OUTPUT),
    ]
    return tuple(JobEventFact(NOW, job.uuid, fact) for fact in facts)


async def report(journal: Journal) -> None:
    jobs = [a_job(number, job_name="Annual report (final).pdf", findings=DOCUMENT) for number in range(1, JOBS + 1)]
    await asyncio.gather(*(journal.write(Entry(facts=reports_of(job))) for job in jobs))


async def tell(journal: Journal) -> None:
    await journal.write(Entry(taken=10**9))
    for _ in range(50):  # each gives something back
        await journal.write(Entry(order_done=1))


def test_the_reports_of_a_job_take_what_the_guide_says(tmp_path: Path) -> None:
    """docs/how-to/print-while-the-server-is-away.md: about 3 kB for each."""
    use_journal(tmp_path, lambda journal: asyncio.sleep(0))
    empty = octets(tmp_path)
    use_journal(tmp_path, report)
    assert 2_500 < (octets(tmp_path) - empty) / JOBS < 3_500


def test_what_is_not_needed_any_more_is_given_back_to_the_disk(tmp_path: Path) -> None:
    use_journal(tmp_path, report)
    full = octets(tmp_path)
    assert full > 6 * KEPT
    use_journal(tmp_path, tell)
    assert octets(tmp_path) < 3 * KEPT
    use_journal(tmp_path, report)
    assert octets(tmp_path) == full, "it grows again as needed"


def test_a_journal_of_an_older_release_learns_to_give_back(tmp_path: Path) -> None:
    use_journal(tmp_path, report)
    connection = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    connection.execute("PRAGMA auto_vacuum = NONE")
    connection.execute("VACUUM")
    assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    connection.close()
    use_journal(tmp_path, tell)
    assert octets(tmp_path) < 3 * KEPT
