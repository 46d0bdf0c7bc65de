"""What one transaction of the database knows of the ledger, when it books for many jobs: accounts that it locked are
read once, the jobs' bookings in one statement, and each balance is written once, at the end.

Invariant: between opening and closing nobody else changes those accounts (they are locked), and we ourselves only by
booking; so what is remembered is what would be read. Whatever fails in between, the whole transaction is rolled back:
never open a till around a savepoint that may be.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from everprint.server import sql
from everprint.server.accounts.money import ZERO, to_units


@dataclass(slots=True)
class LockedAccount:
    """An account that is ours until the transaction ends; `balance` follows what we book."""

    id: int
    name: str
    kind: str
    restricted: bool
    overdraft: Decimal
    is_active: bool
    balance: Decimal


Accounts = dict[int, LockedAccount]


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction of a job, with its entries: amount by account id, in the order in which they were written."""

    key: str
    kind: str
    account: int
    entries: dict[int, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Till:
    """`bookings` of each of the jobs, oldest first; None until the first is asked for."""

    jobs: frozenset[uuid.UUID]
    accounts: Accounts = field(default_factory=dict)
    bookings: dict[uuid.UUID, list[Booking]] | None = None
    moved: dict[int, Decimal] = field(default_factory=dict)

    def note(self, job: uuid.UUID | None, booking: Booking) -> None:
        """Remembers what was booked; its balances are written when the till is closed."""
        for account, amount in booking.entries.items():
            self.moved[account] = self.moved.get(account, ZERO) + amount
        if job is not None and self.bookings is not None and job in self.bookings:
            self.bookings[job].append(booking)


_open: ContextVar[Till | None] = ContextVar("till", default=None)


def open_till() -> Till | None:
    """The till of this transaction, if there is one."""
    return _open.get()


@contextmanager
def one_till(jobs: Iterable[uuid.UUID]) -> Iterator[None]:
    """All that is booked in the block is booked from one till, for these jobs mostly; within one transaction."""
    assert connection.in_atomic_block, "a till lives in a transaction"
    till = Till(frozenset(jobs))
    token = _open.set(till)
    try:
        yield
        write_balances(till.moved)
    finally:
        _open.reset(token)


def write_balances(moved: dict[int, Decimal]) -> None:
    """Moves the cached balances of accounts, all in one statement."""
    changes = {account: to_units(amount) for account, amount in moved.items() if amount}
    if not changes:
        return
    cases = " ".join(["WHEN %s THEN %s"] * len(changes))
    values = [value for change in changes.items() for value in change]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE accounts_account SET balance = balance + CASE id {cases} END "  # noqa: S608 - no value in it
            f"WHERE id IN ({sql.placeholders(list(changes))})",
            [*values, *changes],
        )
