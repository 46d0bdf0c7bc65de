"""What a job waits for: a queue that nobody knows yet, a document that never comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import DocumentSummary
from everprint.provider.changes import cancel
from everprint.provider.decision import Decisions
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.spool import Spool
from everprint.provider.walk import Walks
from tests.provider.jobs_for_tests import a_job


async def _findings(job: Job) -> DocumentSummary:
    raise AssertionError(f"job {job.job_id} is analysed and decided")


async def _hand_over(job: Job) -> None:
    raise AssertionError(f"job {job.job_id} is handed over")


@pytest.mark.parametrize("how_it_ends", ["the job is cancelled", "the provider stops"])
def test_what_waits_for_a_queue_lets_go_of_the_queues(tmp_path: Path, how_it_ends: str) -> None:
    async def main() -> None:
        spool = Spool(tmp_path / "spool", 0)
        journal = Journal(tmp_path / "journal.sqlite3", spool.folder)
        jobs = Jobs(journal, spool, 10)
        asked, waits, changed, removed = 0, asyncio.Event(), asyncio.Condition(), False

        def no_delivery(_: Job) -> None:
            nonlocal asked
            asked += 1
            if asked == 2:  # once at first, and once before it waits
                waits.set()

        walks = Walks(
            jobs, spool, _findings, cast(Decisions, None), no_delivery, lambda _: removed, changed,
            time_out_s=300, held_s=0, analysed=lambda _: None, hand_over=_hand_over,
            held_hours_of=lambda _: 0.0,
        )  # fmt: skip
        job = a_job(state=JobState.AUTHORISED)
        await jobs.add(job)
        walks.start(job.job_id)
        async with asyncio.timeout(60):
            await waits.wait()
            if how_it_ends == "the job is cancelled":
                await cancel(jobs, job, "anna")
                await asyncio.sleep(0.05)
                removed = True  # whoever still waited would take the lock now
                for _ in range(5):
                    async with changed:
                        changed.notify_all()
                    await asyncio.sleep(0)
            await walks.stop()
        journal.close()

    asyncio.run(main())


def test_a_document_that_never_comes_is_not_waited_for_longer_though_the_clock_was_set_back(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path / "spool", 0)
        journal = Journal(tmp_path / "journal.sqlite3", spool.folder)
        jobs = Jobs(journal, spool, 10)
        walks = Walks(
            jobs, spool, _findings, cast(Decisions, None), lambda _: None, lambda _: False, asyncio.Condition(),
            time_out_s=0.1, held_s=0, analysed=lambda _: None, hand_over=_hand_over,
            held_hours_of=lambda _: 0.0,
        )  # fmt: skip
        job = a_job(state=JobState.INCOMING, created_at=datetime.now(UTC) + timedelta(days=1))
        await jobs.add(job)
        walks.start(job.job_id)
        async with asyncio.timeout(60):
            found = await jobs.until_changed(job)
        assert found.state is JobState.ABORTED
        await walks.stop()
        journal.close()

    asyncio.run(main())
