"""What the ledger holds about one job, read in one statement. The ledger itself is the only record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from everprint.server import sql
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind, TransactionKind
from everprint.server.accounts.money import ZERO, from_units

_RESERVED = SYSTEM_ACCOUNTS[AccountKind.RESERVED]
_SYSTEM = frozenset(SYSTEM_ACCOUNTS.values())


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction of the job, with its entries: amount by account id, in the order in which they were written."""

    key: str
    kind: str
    account: int
    entries: dict[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobBookings:
    """All transactions of a job, oldest first."""

    job: uuid.UUID
    bookings: tuple[Booking, ...]

    def by_key(self, key: str) -> Booking | None:
        """The transaction with that key."""
        return next((booked for booked in self.bookings if booked.key == key), None)

    @property
    def reservation(self) -> Booking | None:
        """The newest reservation, open or not."""
        return self._newest(TransactionKind.RESERVE)

    @property
    def settlement(self) -> Booking | None:
        """The settlement, if the job was settled."""
        return self._newest(TransactionKind.SETTLE)

    @property
    def open_amount(self) -> Decimal:
        """What is held for the job now."""
        return sum((booked.entries.get(_RESERVED, ZERO) for booked in self.bookings), ZERO)

    @property
    def held(self) -> dict[int, Decimal]:
        """What is held for the job now, by account, in the order in which they are charged."""
        newest = self.reservation
        if newest is None or not self.open_amount:
            return {}
        return {account: -amount for account, amount in newest.entries.items() if account != _RESERVED}

    @property
    def paid(self) -> dict[int, Decimal]:
        """What each account has paid for the job and not got back, in the order in which they were charged."""
        sums: dict[int, Decimal] = {}
        for booked in self.bookings:
            for account, amount in booked.entries.items():
                if account not in _SYSTEM:
                    sums[account] = sums.get(account, ZERO) - amount
        return {account: amount for account, amount in sums.items() if amount > 0}

    @property
    def account(self) -> int | None:
        """Whose money it was last."""
        return self.bookings[-1].account if self.bookings else None

    def _newest(self, kind: TransactionKind) -> Booking | None:
        return next((booked for booked in reversed(self.bookings) if booked.kind == kind), None)


def bookings_of(job: uuid.UUID) -> JobBookings:
    """The job's bookings; stable while the caller holds the lock on the account *reserved*."""
    found = sql.rows(
        "SELECT booked.id, booked.key, booked.kind, booked.account_id, entry.account_id, entry.amount "
        "FROM accounts_transaction booked LEFT JOIN accounts_entry entry ON entry.transaction_id = booked.id "
        "WHERE booked.job = %s ORDER BY booked.id, entry.id",
        (sql.of_uuid(job),),
    )
    bookings: dict[int, Booking] = {}
    for number, key, kind, account, moved, amount in found:
        booking = bookings.setdefault(number, Booking(key, kind, account))
        if moved is not None:
            booking.entries[moved] = from_units(amount)
    return JobBookings(job, tuple(bookings.values()))


def shares_of(job: uuid.UUID) -> list[tuple[str, Decimal]]:
    """What each account pays for the job, or holds for it now: name and amount, if there are several."""
    found = sql.rows(
        "SELECT account.name, -sum(entry.amount) FROM accounts_entry entry "  # noqa: S608 - no value in it
        "JOIN accounts_transaction booked ON booked.id = entry.transaction_id "
        "JOIN accounts_account account ON account.id = entry.account_id "
        f"WHERE booked.job = %s AND account.id NOT IN ({sql.placeholders(list(SYSTEM_ACCOUNTS))}) "
        "GROUP BY account.id, account.name HAVING sum(entry.amount) <> 0 ORDER BY min(entry.id)",
        (sql.of_uuid(job), *SYSTEM_ACCOUNTS.values()),
    )
    return [(name, from_units(int(amount))) for name, amount in found] if len(found) > 1 else []
