"""What the ledger holds about one job, read in one statement. The ledger itself is the only record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from everprint.server import sql
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind, TransactionKind
from everprint.server.accounts.money import ZERO, from_units
from everprint.server.accounts.till import Booking, open_till

_RESERVED = SYSTEM_ACCOUNTS[AccountKind.RESERVED]
_REVENUE = SYSTEM_ACCOUNTS[AccountKind.REVENUE]
_AT_ONCE = 400  # SQLite takes so many values twice
_SYSTEM = frozenset(SYSTEM_ACCOUNTS.values())


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
    till = open_till()
    if till is None or job not in till.jobs:
        return JobBookings(job, tuple(_read([job])[job]))
    if till.bookings is None:
        till.bookings = _read(till.jobs)
    return JobBookings(job, tuple(till.bookings[job]))


def _read(jobs: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Booking]]:
    found: dict[uuid.UUID, list[Booking]] = {job: [] for job in jobs}
    bookings: dict[int, Booking] = {}
    wanted = list(found)
    for start in range(0, len(wanted), _AT_ONCE):
        some = [sql.of_uuid(job) for job in wanted[start : start + _AT_ONCE]]
        places = sql.placeholders(some)
        rows = sql.rows(
            "SELECT booked.job, booked.id, booked.key, booked.kind, booked.account_id, "  # noqa: S608 - no value
            "entry.account_id, entry.amount, entry.id "
            "FROM accounts_transaction booked LEFT JOIN accounts_entry entry ON entry.transaction_id = booked.id "
            f"WHERE booked.job IN ({places}) "
            "UNION ALL SELECT job, attempt, NULL, NULL, account_id, NULL, amount, NULL "
            f"FROM accounts_closedjob WHERE job IN ({places}) ORDER BY 2, 8",
            [*some, *some],
        )
        for job, number, key, kind, account, moved, amount, _ in rows:
            its_job = sql.to_uuid(job)
            if kind is None:  # its books are closed: they come first, whatever was booked since
                found[its_job][:0] = _closed(its_job, number, account, from_units(amount))
                continue
            if number not in bookings:
                bookings[number] = Booking(key, kind, account)
                found[its_job].append(bookings[number])
            if moved is not None:
                bookings[number].entries[moved] = from_units(amount)
    return found


def _closed(job: uuid.UUID, attempt: int, account: int, amount: Decimal) -> list[Booking]:
    """The two transactions that a row of models.ClosedJob stands for."""
    reserved = {account: -amount, _RESERVED: amount} if amount else {}
    settled = {_RESERVED: -amount, _REVENUE: amount} if amount else {}
    return [
        Booking(f"reserve:{job}:{attempt}", TransactionKind.RESERVE.value, account, reserved),
        Booking(f"settle:{job}", TransactionKind.SETTLE.value, account, settled),
    ]


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
