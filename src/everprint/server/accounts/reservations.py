"""What the ledger holds about one job, read in two statements. The ledger itself is the only record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind, Entry, Transaction, TransactionKind
from everprint.server.accounts.money import ZERO

_RESERVED = SYSTEM_ACCOUNTS[AccountKind.RESERVED]


@dataclass(frozen=True, slots=True)
class JobBookings:
    """All transactions of a job, oldest first."""

    job: uuid.UUID
    transactions: tuple[Transaction, ...]
    amounts: dict[int, dict[int, Decimal]]  # transaction id -> account id -> amount

    def by_key(self, key: str) -> Transaction | None:
        """The transaction with that key."""
        return next((booked for booked in self.transactions if booked.key == key), None)

    def entries(self, transaction: Transaction) -> dict[int, Decimal]:
        """Amount by account."""
        return self.amounts.get(transaction.pk, {})

    @property
    def reservation(self) -> Transaction | None:
        """The newest reservation, open or not."""
        return self._newest(TransactionKind.RESERVE)

    @property
    def settlement(self) -> Transaction | None:
        """The settlement, if the job was settled."""
        return self._newest(TransactionKind.SETTLE)

    @property
    def open_amount(self) -> Decimal:
        """What is held for the job now."""
        return sum((entries.get(_RESERVED, ZERO) for entries in self.amounts.values()), ZERO)

    @property
    def account(self) -> int | None:
        """Whose money it was last."""
        return self.transactions[-1].account_id if self.transactions else None

    def _newest(self, kind: TransactionKind) -> Transaction | None:
        return next((booked for booked in reversed(self.transactions) if booked.kind == kind), None)


def bookings_of(job: uuid.UUID) -> JobBookings:
    """The job's bookings; stable while the caller holds the lock on the account *reserved*."""
    transactions = tuple(Transaction.objects.filter(job=job).order_by("pk"))
    amounts: dict[int, dict[int, Decimal]] = {}
    if transactions:
        found = Entry.objects.filter(transaction__in=[booked.pk for booked in transactions])
        for transaction, account, amount in found.values_list("transaction_id", "account_id", "amount"):
            amounts.setdefault(transaction, {})[account] = amount
    return JobBookings(job, transactions, amounts)
