"""Requests that share a commit: each succeeds or fails for itself, and nobody is answered before it is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from everprint.server.providers.contract.group_writer import GroupWriter

pytestmark = pytest.mark.usefixtures("database")


class Wrong(Exception):
    pass


@pytest.fixture
def writer(database: object) -> Iterator[GroupWriter]:
    from everprint.server.providers.contract.group_writer import GroupWriter

    writer = GroupWriter()
    yield writer
    writer.stop()


def together(writer: GroupWriter, *works: Callable[[], object]) -> list[object]:
    """What the works return or raise, when all of them are in one group."""
    begin, begun = threading.Event(), threading.Event()

    async def main() -> list[object]:
        gate = asyncio.ensure_future(writer.run(lambda: begun.set() or begin.wait(10)))  # all others come meanwhile
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.ensure_future(writer.run(work)) for work in works]
        await asyncio.sleep(0.05)
        begin.set()
        await gate
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    return asyncio.run(main())


def new_group(name: str) -> Callable[[], str]:
    def work() -> str:
        from everprint.server.people.models import Group

        Group.objects.create(name=name)
        return name

    return work


def names() -> set[str]:
    from everprint.server.people.models import Group

    return set(Group.objects.values_list("name", flat=True))


def test_those_that_wait_are_committed_together(writer: GroupWriter) -> None:
    from django.db import connection

    seen: list[tuple[bool, int]] = []

    def look(number: int) -> Callable[[], None]:
        return lambda: seen.append((connection.in_atomic_block, number))

    together(writer, *(look(number) for number in range(5)))
    assert seen == [(True, number) for number in range(5)]


def test_one_that_fails_takes_no_other_with_it(writer: GroupWriter) -> None:
    def half() -> None:
        from everprint.server.database import transact

        def work() -> None:
            new_group("half")()
            raise Wrong

        transact(work)

    def twice() -> None:
        new_group("first")()  # the database says no: the name is taken

    results = together(writer, new_group("first"), half, twice, new_group("last"))
    assert results[0] == "first"
    assert isinstance(results[1], Wrong)
    assert type(results[2]).__name__ == "IntegrityError"
    assert results[3] == "last"
    assert names() == {"first", "last"}


def test_if_the_commit_fails_each_is_done_again_alone(writer: GroupWriter) -> None:
    from django.db import OperationalError, connection

    times = 0
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def poison() -> None:
        nonlocal times
        times += 1
        if connection.in_atomic_block:
            connection.set_rollback(True)
            raise OperationalError("database is locked") from busy

    results = together(writer, new_group("first"), poison, new_group("last"))
    assert results == ["first", None, "last"]
    assert times == 2
    assert names() == {"first", "last"}


def test_nobody_is_answered_before_the_commit(writer: GroupWriter) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            name = await writer.run(new_group(f"group {number}"))
            assert name in await loop.run_in_executor(None, _names_elsewhere)

    asyncio.run(main())


def _names_elsewhere() -> set[str]:
    from django.db import connection

    try:
        return names()
    finally:
        connection.close()


def test_more_than_can_wait_are_told_to_come_again(database: object) -> None:
    from everprint.server.providers.contract.group_writer import GroupWriter
    from everprint.server.providers.contract.worker import Overloaded

    writer, begin, begun = GroupWriter(most_waiting=2), threading.Event(), threading.Event()

    async def main() -> list[object]:
        first = asyncio.ensure_future(writer.run(lambda: begun.set() or begin.wait(10)))
        await asyncio.to_thread(begun.wait, 10)
        more = [asyncio.ensure_future(writer.run(lambda: True)) for _ in range(3)]
        await asyncio.sleep(0.05)
        begin.set()
        await first
        return list(await asyncio.gather(*more, return_exceptions=True))

    results = asyncio.run(main())
    writer.stop()
    assert results[:2] == [True, True]
    assert isinstance(results[2], Overloaded)
