"""Whatever concurrent reserve, settle, release and adjust do to each other, the books stay right.

Hypothesis draws what four threads do, from so few jobs, accounts and keys that they collide all the time; the
threads run against the real database with real commits. The interleaving is the machine's; what must hold, holds
for every one of them.
"""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.world import account_with, audit_is_clean

pytestmark = pytest.mark.usefixtures("database")

ACCOUNTS, JOBS = 3, 4
amounts = st.integers(0, 30_000).map(lambda units: Decimal(units).scaleb(-4))
some = amounts.filter(bool)


@dataclass(frozen=True)
class Reserve:
    job: int
    attempt: int
    account: int
    amount: Decimal


@dataclass(frozen=True)
class Settle:
    job: int
    amount: Decimal
    account: int


@dataclass(frozen=True)
class Release:
    job: int


@dataclass(frozen=True)
class Adjust:
    account: int
    amount: Decimal
    key: int


Deed = Reserve | Settle | Release | Adjust

jobs, accounts = st.integers(0, JOBS - 1), st.integers(0, ACCOUNTS - 1)
deeds = st.one_of(
    st.builds(Reserve, jobs, st.integers(1, 2), accounts, amounts),
    st.builds(Settle, jobs, amounts, accounts),
    st.builds(Release, jobs),
    st.builds(Adjust, accounts, st.one_of(some, some.map(lambda amount: -amount)), st.integers(0, 3)),
)


class World:
    """Fresh accounts and jobs for one example: a restricted one, one with an overdraft, one that may owe."""

    def __init__(self) -> None:
        from everprint.server.accounts.holders import set_limits

        self.name = uuid.uuid4().hex
        self.accounts = [account_with("2.00") for _ in range(ACCOUNTS)]
        self.jobs = [uuid.uuid4() for _ in range(JOBS)]
        set_limits(self.accounts[1], restricted=True, overdraft=Decimal("0.7500"))
        set_limits(self.accounts[2], restricted=False)
        self.results: defaultdict[Hashable, set[object]] = defaultdict(set)
        self.surprises: list[BaseException] = []

    def do(self, deeds: list[Deed]) -> None:
        """What one thread does; every deed twice, as a client does whose answer got lost."""
        from django.db import connection

        from everprint.server.accounts.ledger import AlreadySettled, KeyReused, LimitReached

        try:
            for deed in deeds:
                for _ in range(2):
                    try:
                        key, result = self._do(deed)
                    except (AlreadySettled, KeyReused, LimitReached):
                        continue
                    self.results[key].add(result)
        except BaseException as error:
            self.surprises.append(error)
        finally:
            connection.close()

    def _do(self, deed: Deed) -> tuple[Hashable, object]:
        from everprint.server.accounts import ledger

        match deed:
            case Reserve(job, attempt, account, amount):
                held = ledger.reserve(self.jobs[job], attempt, self.accounts[account], amount)
                return ("reserve", job, attempt, account), held
            case Settle(job, amount, account):
                return ("settle", job), ledger.settle(self.jobs[job], amount, self.accounts[account])
            case Release(job):
                ledger.release(self.jobs[job])
                return "release", None
            case Adjust(account, amount, key):
                key_of_it = f"{self.name}:{key}"
                return ("adjust", key), ledger.adjust(self.accounts[account], amount, "storm", None, key_of_it)

    def check(self) -> None:
        """What must hold after any storm."""
        from django.db.models import Sum

        from everprint.server.accounts.models import Account, Entry, Transaction
        from everprint.server.accounts.reservations import bookings_of

        assert self.surprises == []
        audit_is_clean()  # sums of entries are balances, transactions sum to zero, no floor is broken
        for key, results in self.results.items():
            assert len(results) == 1, f"{key} was answered in different ways: {results}"
        for account in Account.objects.filter(pk__in=self.accounts, restricted=True):
            lowest = min(Entry.objects.filter(account=account).values_list("balance_after", flat=True))
            assert account.floor is not None
            assert lowest >= account.floor, "not even between two bookings"
        for number, job in enumerate(self.jobs):
            assert Transaction.objects.filter(job=job, kind="settle").count() <= 1
            done = bookings_of(job)
            assert done.open_amount >= 0
            if ("settle", number) in self.results:
                assert done.open_amount == 0, "nothing stays reserved for a job that was settled"
        held = sum((bookings_of(job).open_amount for job in self.jobs), Decimal(0))
        entries = Entry.objects.filter(account__kind="reserved", transaction__job__in=self.jobs)
        assert (entries.aggregate(total=Sum("amount"))["total"] or 0) == held


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(storm=st.lists(st.lists(deeds, min_size=1, max_size=8), min_size=4, max_size=4))
def test_the_books_are_right_after_any_storm(storm: list[list[Deed]]) -> None:
    world = World()
    threads = [threading.Thread(target=world.do, args=(deeds,)) for deeds in storm]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    world.check()
