"""What was let through alone is forgotten only when the server's amounts are sure to show it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

from everprint.contract.client import ServerClient
from everprint.contract.failure_modes import Spendable, SpendablePage
from everprint.contract.messages import DecidedOffline, Event, Print
from everprint.contract.servers import ServerAway
from everprint.provider.jobs import Jobs
from everprint.provider.offline.spendable_fetch import SpendableFetch
from everprint.provider.offline.spendable_store import SpendableStore
from everprint.provider.offline.spending import Spending

COST = Decimal("0.20")
FACT = DecidedOffline(attempt=1, user_name="anna", decision=Print(cost=COST, account="anna"))


class _Finished:
    """Jobs of which none is remembered any more."""

    def by_uuid(self, _: str) -> None:
        """Finished long ago."""


class _Server:
    """Gives one answer after the other."""

    def __init__(self, *answers: Callable[[], SpendablePage]) -> None:
        self.answers = list(answers)
        self.done = asyncio.Event()

    async def spendable(self, _: str) -> SpendablePage:
        if not self.answers:
            self.done.set()
            await asyncio.sleep(3600)
        return self.answers.pop(0)()


def test_a_pass_that_broke_off_does_not_show_what_was_told_since(tmp_path: Path) -> None:
    spending = Spending(cast(Jobs, _Finished()))
    spent: list[Decimal] = []

    def first_page() -> SpendablePage:
        return SpendablePage(users=[Spendable("anna", Decimal(1))], next="1", more=True, from_start=True)

    def away() -> SpendablePage:
        spending.begin("job", "anna", COST)
        spending.reported([Event(sequence=1, at=datetime.now(UTC), job_id="job", fact=FACT)])
        raise ServerAway("it is away")

    def the_rest() -> SpendablePage:
        return SpendablePage(users=[Spendable("ben", Decimal(1))], next="2", more=False)

    def what_changed() -> SpendablePage:
        spent.append(spending.of("anna"))
        return SpendablePage(users=[Spendable("anna", Decimal("0.80"))], next="3", more=False)

    async def steps() -> None:
        store = SpendableStore(tmp_path)
        server = _Server(first_page, away, the_rest, what_changed)
        fetch = SpendableFetch(cast(ServerClient, server), store, spending, 0.01, lambda: True)
        fetching = asyncio.create_task(fetch.run())
        async with asyncio.timeout(60):
            await server.done.wait()
        fetching.cancel()
        with suppress(asyncio.CancelledError):
            await fetching
        store.close()

    asyncio.run(steps())
    assert spent == [COST]
    assert spending.of("anna") == 0
