"""Whatever is reserved over several accounts, settled, released and adjusted in any order: the books are those of a
model that a few lines of arithmetic keep. Hypothesis looks for the shortest way to make the two differ.
"""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from everprint.server.accounts.payers import Payers
from everprint.server.accounts.split import Fund, charge_for, share_out
from tests.server.world import account_with, audit_is_clean, balance_of

pytestmark = pytest.mark.usefixtures("database")

ZERO = Decimal(0)
amounts = st.integers(0, 12_000).map(lambda units: Decimal(units).scaleb(-4))
jobs = st.integers(0, 3)
people = st.integers(0, 1)


class LedgerMachine(RuleBasedStateMachine):
    """Two people: one with two purses and an overdraft, one who is not restricted and has one purse."""

    def __init__(self) -> None:
        super().__init__()
        from everprint.server.accounts.holders import set_limits

        self.balance = {account_with("1.00"): Decimal(1) for _ in range(5)}
        first, second, third, fourth, fifth = self.balance
        set_limits(second, restricted=True, overdraft=Decimal("0.5"))
        set_limits(fourth, restricted=False)
        self.floor = {first: ZERO, second: Decimal("-0.5"), third: ZERO, fourth: None, fifth: ZERO}
        self.payers = [Payers(second, (first, second, third)), Payers(fourth, (fifth, fourth))]
        self.jobs = [uuid.uuid4() for _ in range(4)]
        self.attempts = dict.fromkeys(self.jobs, 0)
        self.held: dict[uuid.UUID, dict[int, Decimal]] = {}
        self.whose: dict[uuid.UUID, Payers] = {}
        self.settled: dict[uuid.UUID, object] = {}

    def funds(self, payers: Payers, back: dict[int, Decimal]) -> list[Fund]:
        """What each can give, by the model."""
        limits = [
            None if (floor := self.floor[number]) is None else self.balance[number] + back.get(number, ZERO) - floor
            for number in payers.order
        ]
        return [Fund(number, limit) for number, limit in zip(payers.order, limits, strict=True)]

    def move(self, shares: dict[int, Decimal], sign: int) -> None:
        """Books in the model."""
        for number, share in shares.items():
            self.balance[number] += sign * share

    @rule(job=jobs, person=people, amount=amounts, what_there_is=st.booleans(), twice=st.booleans())
    def reserve(self, job: int, person: int, amount: Decimal, *, what_there_is: bool, twice: bool) -> None:
        from everprint.server.accounts import ledger

        number, payers = self.jobs[job], self.payers[person]
        self.attempts[number] += 1
        try:
            for _ in range(1 + twice):
                held = ledger.reserve(number, self.attempts[number], payers, amount, what_there_is=what_there_is)
        except ledger.AlreadySettled:
            assert number in self.settled
            return
        except ledger.LimitReached as refused:
            able = share_out(amount, self.funds(payers, self.held.get(number, {})))
            assert refused.available == sum(able.values()) < amount
            return
        shares = share_out(amount, self.funds(payers, self.held.get(number, {})))
        self.move(self.held.pop(number, {}), 1)
        self.move(shares, -1)
        assert held == sum(shares.values(), ZERO)
        self.held[number], self.whose[number] = shares, payers

    @rule(job=jobs, amount=amounts, person=people)
    def settle(self, job: int, amount: Decimal, person: int) -> None:
        from everprint.server.accounts import ledger

        number = self.jobs[job]
        result = ledger.settle(number, amount, self.payers[person])
        if number in self.settled:
            assert result == self.settled[number]
            return
        held = self.held.pop(number, {})
        payers = self.whose[number] if any(held.values()) else self.payers[person]
        if any(held.values()) and payers != self.payers[person]:
            payers = Payers(payers.account, tuple(dict.fromkeys((*held, payers.account))))
        charges = charge_for(amount, held, self.funds(payers, {}))
        self.move(held, 1)
        self.move(charges, -1)
        assert (result.account, result.charged) == (payers.account, sum(charges.values(), ZERO))
        assert result.charged + result.uncollected == amount
        self.settled[number] = result

    @rule(job=jobs)
    def release(self, job: int) -> None:
        from everprint.server.accounts import ledger

        held = self.held.pop(self.jobs[job], {})
        assert ledger.release(self.jobs[job]) == sum(held.values(), ZERO)
        self.move(held, 1)

    @precondition(lambda self: any(self.held.values()))
    @rule(account=st.integers(0, 4), amount=amounts.filter(bool))
    def adjust(self, account: int, amount: Decimal) -> None:
        from everprint.server.accounts import ledger

        number = list(self.balance)[account]
        ledger.adjust(number, amount, "credit", None, f"machine:{uuid.uuid4()}")
        self.balance[number] += amount

    @invariant()
    def balances_are_the_models(self) -> None:
        for number, balance in self.balance.items():
            assert balance_of(number) == balance
            floor = self.floor[number]
            assert floor is None or balance >= floor

    def teardown(self) -> None:
        audit_is_clean()


class TillMachine(LedgerMachine):
    """The same, with all that happens between two looks at the books booked from one till."""

    def __init__(self) -> None:
        super().__init__()
        self.till = ExitStack()
        self.open()

    def open(self) -> None:
        """A transaction and its till, which knows half of the jobs."""
        from django.db import transaction

        from everprint.server.accounts.till import one_till

        self.till.enter_context(transaction.atomic())
        self.till.enter_context(one_till(self.jobs[:2]))

    @rule()
    def next_till(self) -> None:
        self.till.close()
        super().balances_are_the_models()
        self.open()

    @invariant()
    def balances_are_the_models(self) -> None:
        from everprint.server.accounts.booking import lock

        accounts = lock(self.balance)
        assert {number: account.balance for number, account in accounts.items()} == self.balance

    def teardown(self) -> None:
        self.till.close()
        super().balances_are_the_models()
        super().teardown()


@pytest.mark.parametrize("machine", [LedgerMachine, TillMachine])
def test_the_books_are_those_of_the_model_whatever_happens(machine: type[LedgerMachine]) -> None:
    quick = settings(
        max_examples=12, stateful_step_count=15, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=quick)
