"""A statement has one line a job, and its balances add up, whatever order the bookings came in."""

from __future__ import annotations

import itertools
import random
import uuid
from decimal import Decimal

import pytest

from tests.server.world import account_with, balance_of

pytestmark = pytest.mark.usefixtures("database")


def lines_of(account: int) -> list:
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.statement import last_bookings, statement_lines

    found = Account.objects.get(pk=account)
    return statement_lines(found, list(last_bookings(found)))


def kinds_and_amounts(account: int) -> list[tuple[str, Decimal]]:
    return [(line.kind.value, line.amount) for line in lines_of(account)]


def test_a_reservation_is_shown_as_reserved_and_its_settlement_as_one_charge() -> None:
    from everprint.server.accounts import ledger

    account, job = account_with("10"), uuid.uuid4()
    ledger.reserve(job, 1, account, Decimal(3))
    assert kinds_and_amounts(account) == [("reserved", Decimal(-3)), ("adjusted", Decimal(10))]
    ledger.settle(job, Decimal(2))
    assert kinds_and_amounts(account) == [("charged", Decimal(-2)), ("adjusted", Decimal(10))]


def test_a_job_settled_on_exactly_its_reservation_is_charged_not_reserved() -> None:
    from everprint.server.accounts import ledger

    account, job = account_with("10"), uuid.uuid4()
    ledger.reserve(job, 1, account, Decimal(3))
    ledger.settle(job, Decimal(3))
    assert kinds_and_amounts(account)[0] == ("charged", Decimal(-3))


def test_a_released_job_is_shown_as_returned() -> None:
    from everprint.server.accounts import ledger

    account, job = account_with("10"), uuid.uuid4()
    ledger.reserve(job, 1, account, Decimal(3))
    ledger.release(job)
    assert kinds_and_amounts(account)[0] == ("returned", Decimal(0))


@pytest.mark.parametrize("seed", range(4))
def test_lines_add_up_to_the_balance_however_jobs_interleave(seed: int) -> None:
    from everprint.server.accounts import ledger
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.statement import last_bookings, statement_lines, whole_statement

    chance = random.Random(seed)
    account = account_with("100")
    jobs: list[uuid.UUID] = []
    for number in range(60):
        what = chance.choice(("reserve", "reserve", "settle", "release", "adjust"))
        if what == "reserve":
            jobs.append(uuid.uuid4())
            ledger.reserve(jobs[-1], 1, account, Decimal(chance.randint(0, 200)) / 100)
        elif what == "adjust":
            ledger.adjust(account, Decimal(chance.randint(1, 300)) / 100, "a gift", None, f"gift:{number}")
        elif jobs and what == "settle":
            ledger.settle(chance.choice(jobs), Decimal(chance.randint(0, 250)) / 100, account)
        elif jobs:
            ledger.release(chance.choice(jobs))

    found = Account.objects.get(pk=account)
    lines = list(whole_statement(found, piece=7))
    assert lines[0].balance == balance_of(account)
    for newer, older in itertools.pairwise(lines):
        assert newer.balance - newer.amount == older.balance
    assert lines[-1].balance == lines[-1].amount
    named = [line.job for line in lines if line.job]
    assert len(named) == len(set(named))

    entries = list(last_bookings(found))
    by_page = [
        line for start in range(0, len(entries), 10) for line in statement_lines(found, entries[start : start + 10])
    ]
    assert by_page == lines


def test_an_account_without_bookings_has_an_empty_statement() -> None:
    assert lines_of(account_with("0")) == []
