"""Job-ids are out of the server's blocks, journaled before they are used, and none is given twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from everprint.contract.client import ServerClient
from everprint.contract.job_ids import BLOCK, FIRST_OF_OWN, JobIdBlock
from everprint.contract.servers import ContractError, ServerAway, UnknownQueue
from everprint.provider.job_ids import JobIds, NewJobId
from everprint.provider.journal import Entry, Journal, JournalFailed
from everprint.provider.server_gate import ServerGate
from everprint.provider.spool import Spool
from tests.provider.jobs_for_tests import a_job


@dataclass
class _Server:
    """Gives blocks one after the other, or fails."""

    fails_with: type[ContractError] | None = None
    last: int = 0
    asked: list[int] = field(default_factory=list)

    async def job_ids(self, highest: int) -> JobIdBlock:
        self.asked.append(highest)
        if self.fails_with is not None:
            raise self.fails_with("as the test says")
        first = max(self.last, highest) + 1
        self.last = first + BLOCK - 1
        return JobIdBlock(first, self.last)


class _Gate:
    """Has nothing against asking."""

    is_away = False


Use = Callable[[Journal, JobIds], Awaitable[None]]


def use(folder: Path, server: _Server, what: Use) -> None:
    """Opens the journal as a provider does at its start, and runs JobIds beside."""

    async def main() -> None:
        spool = Spool(folder / "spool", 0)
        journal = Journal(folder / "journal.sqlite3", spool.folder)
        job_ids = JobIds(journal, cast(ServerClient, server), cast(ServerGate, _Gate()))
        running = asyncio.create_task(job_ids.run())
        try:
            await what(journal, job_ids)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            journal.close()

    asyncio.run(main())


async def keep(journal: Journal, given: NewJobId) -> None:
    """A job with that number."""
    await journal.write(Entry(added=(a_job(given.number, job_id_unique=given.is_unique),)))


def test_the_first_job_of_a_new_provider_waits_for_the_first_block(tmp_path: Path) -> None:
    async def take(journal: Journal, job_ids: JobIds) -> None:
        given = await job_ids.take()
        assert given == NewJobId(1, is_unique=True)
        assert journal.job_id_blocks()[0] == JobIdBlock(1, BLOCK)
        await keep(journal, given)

    use(tmp_path, _Server(), take)


def test_what_was_given_is_never_given_again_after_a_start(tmp_path: Path) -> None:
    server = _Server()

    async def take_two(journal: Journal, job_ids: JobIds) -> None:
        for _ in range(2):
            await keep(journal, await job_ids.take())

    async def forget_and_take(journal: Journal, job_ids: JobIds) -> None:
        await journal.write(Entry(forgotten=(1, 2)))
        assert await job_ids.take() == NewJobId(3, is_unique=True)

    async def take_again(_: Journal, job_ids: JobIds) -> None:
        assert await job_ids.take() == NewJobId(3, is_unique=True)  # of no job that was kept

    use(tmp_path, server, take_two)
    asked = len(server.asked)
    use(tmp_path, server, forget_and_take)
    use(tmp_path, server, take_again)
    assert len(server.asked) == asked  # enough is in stock


def test_the_stock_lasts_while_the_server_is_away_and_then_jobs_are_still_numbered(tmp_path: Path) -> None:
    server = _Server()

    async def fill(journal: Journal, job_ids: JobIds) -> None:
        await keep(journal, await job_ids.take())

    async def use_up(journal: Journal, job_ids: JobIds) -> None:
        for number in range(2, BLOCK + 1):
            assert await job_ids.take() == NewJobId(number, is_unique=True)
        first_of_own = await job_ids.take()
        while first_of_own.is_unique:  # of the second block, if that came
            first_of_own = await job_ids.take()
        assert first_of_own == NewJobId(FIRST_OF_OWN, is_unique=False)
        await keep(journal, first_of_own)
        assert journal.last_job_id() < FIRST_OF_OWN

    async def go_on(_: Journal, job_ids: JobIds) -> None:
        given = [await job_ids.take() for _ in range(2)]
        assert given[0].is_unique or given[0].number == FIRST_OF_OWN + 1

    use(tmp_path, server, fill)
    server.fails_with = ServerAway
    use(tmp_path, server, use_up)
    use(tmp_path, server, go_on)


def test_a_block_that_cannot_be_journaled_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, write = _Server(), Journal.write

    def refuse_blocks(journal: Journal, entry: Entry) -> asyncio.Future[None]:
        if entry.job_ids is None:
            return write(journal, entry)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failed.set_exception(JournalFailed("the disk is full"))
        return failed

    async def take(_: Journal, job_ids: JobIds) -> None:
        assert await job_ids.take() == NewJobId(FIRST_OF_OWN, is_unique=False)

    async def take_again(_: Journal, job_ids: JobIds) -> None:
        assert await job_ids.take() == NewJobId(BLOCK + 1, is_unique=True)  # the lost one is lost

    monkeypatch.setattr(Journal, "write", refuse_blocks)
    use(tmp_path, server, take)
    monkeypatch.undo()
    use(tmp_path, server, take_again)


def test_an_older_server_leaves_the_numbers_to_the_provider(tmp_path: Path) -> None:
    server = _Server(UnknownQueue)

    async def take(journal: Journal, job_ids: JobIds) -> None:
        for number in (1, 2):
            given = await job_ids.take()
            assert given == NewJobId(number, is_unique=False)
            await keep(journal, given)

    async def take_of_a_block(_: Journal, job_ids: JobIds) -> None:
        assert await job_ids.take() == NewJobId(3, is_unique=True)

    use(tmp_path, server, take)
    server.fails_with = None  # it is upgraded
    use(tmp_path, server, take_of_a_block)
    assert server.asked[1] == 2


def test_the_numbers_of_a_journal_of_before_blocks_are_not_given_again(tmp_path: Path) -> None:
    async def write(journal: Journal, _: JobIds) -> None:
        await journal.write(Entry(added=(a_job(41), a_job(42))))
        await journal.write(Entry(forgotten=(42,)))

    use(tmp_path, _Server(UnknownQueue), write)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as connection:
        connection.executescript(
            "ALTER TABLE jobs DROP COLUMN by_rules; ALTER TABLE jobs DROP COLUMN job_id_unique; "
            "ALTER TABLE jobs DROP COLUMN moving; "
            "DROP TABLE job_ids; DROP TABLE told; DELETE FROM marks;"
            "PRAGMA user_version = 4;"
        )
    server = _Server()

    async def look(journal: Journal, job_ids: JobIds) -> None:
        assert [job.job_id_unique for job in journal.jobs()] == [False]
        assert await job_ids.take() == NewJobId(43, is_unique=True)

    use(tmp_path, server, look)
    assert server.asked[0] == 42
