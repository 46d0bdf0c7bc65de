"""What is done for one job or one question costs the same however many jobs there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.provider.delivery.line import Line
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Entry, Journal
from everprint.provider.spool import Spool
from tests.complexity import lines_run
from tests.provider.jobs_for_tests import NOW, a_job

FEW, MANY = 20, 2_000


def costs_alike(cost_of: Callable[[int], int]) -> None:
    """Work beside few jobs is not less than half of what it is beside many."""
    few, many = cost_of(FEW), cost_of(MANY)
    assert many <= 2 * few + 20, f"{few} steps beside {FEW} jobs, {many} beside {MANY}"


def test_leaving_a_line_is_no_walk_along_it() -> None:
    def cost_of(waiting: int) -> int:
        async def leave_one() -> int:
            line = Line(most_at_device=1)
            for job_id in range(waiting):
                line.join(job_id)
            return lines_run(lambda: line.leave(waiting // 2))

        return asyncio.run(leave_one())

    costs_alike(cost_of)


def test_the_next_ones_turn_is_no_walk_along_the_line() -> None:
    def cost_of(waiting: int) -> int:
        async def advance() -> int:
            line = Line(most_at_device=1)
            for job_id in range(waiting):
                line.join(job_id)
            return lines_run(lambda: line.leave(0))

        return asyncio.run(advance())

    costs_alike(cost_of)


@pytest.mark.parametrize(
    "ask",
    [
        lambda jobs: list(islice(jobs.finished("quiet"), 10)),
        lambda jobs: jobs.active_count(),
        lambda jobs: jobs.active_count("quiet"),
        lambda jobs: jobs.active_count_of("anna"),
        lambda jobs: list(islice(jobs.active("quiet"), 10)),
    ],
    ids=["finished of a queue", "unfinished", "unfinished of a queue", "unfinished of a user", "first of a queue"],
)
def test_questions_about_jobs_look_at_no_others(tmp_path: Path, ask: Callable[[Jobs], object]) -> None:
    def cost_of(others: int) -> int:
        folder = tmp_path / str(others)
        folder.mkdir()

        async def ask_beside() -> int:
            spool = Spool(folder / "spool", 0)
            journal = Journal(folder / "journal.sqlite3", spool.folder)
            finished = [a_job(number, state=JobState.COMPLETED, completed_at=NOW) for number in range(1, others)]
            waiting = [a_job(number, queue=f"office-{number}") for number in range(others, 2 * others)]
            quiet = [a_job(2 * others, queue="quiet", state=JobState.COMPLETED, completed_at=NOW)]
            try:
                await journal.write(Entry(added=(*finished, *waiting, *quiet)))
                jobs = Jobs(journal, spool, 10_000)
                return lines_run(lambda: ask(jobs))
            finally:
                journal.close()

        return asyncio.run(ask_beside())

    costs_alike(cost_of)


def test_a_start_reads_no_finished_job_that_nobody_asks_for(tmp_path: Path) -> None:
    """It looks at each of them once, to know that it is there: some lines, and not the hundreds of reading it."""

    def cost_of(finished: int) -> int:
        folder = tmp_path / str(finished)
        folder.mkdir()

        async def start() -> int:
            spool = Spool(folder / "spool", 0)
            journal = Journal(folder / "journal.sqlite3", spool.folder)
            jobs = [a_job(number, state=JobState.COMPLETED, completed_at=NOW) for number in range(1, finished + 1)]
            try:
                await journal.write(Entry(added=tuple(jobs)))
                cost = lines_run(lambda: Jobs(journal, spool, 10_000))
                opened = Jobs(journal, spool, 10_000)
                assert [opened.get(job.job_id) for job in jobs] == jobs
                assert list(opened.finished("office")) == jobs[::-1]
                return cost
            finally:
                journal.close()

        return asyncio.run(start())

    assert (cost_of(MANY) - cost_of(FEW)) / (MANY - FEW) < 20
