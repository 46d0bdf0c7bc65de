"""Closes the books of jobs: what a job's reservation and settlement say in two transactions and four entries is then
said by one row. Scheduled work, some jobs in a transaction, a week after they were settled.

Nothing is lost: only a job whose two transactions follow from one row (`closed_form`) is closed, and triggers let a
booking leave only when that row says the same (migration 0006). Nothing is weaker: a job is closed once (its key is
the row's), and what is booked once stays booked once, for whoever asks reads the row too (reservations.py); a trigger
refuses further reservations, settlements and releases of a closed job. The audit proves both kinds of books.

Servers of the release before do not read the row: they would book a late repetition again. So the first time the
database is told to take no such servers any more, a day after it was migrated.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.booking import lock
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, AccountKind, ClosedThrough, TransactionKind
from everprint.server.database import transact
from everprint.server.migrating.compatibility import UPGRADE_TAKES, needs_servers_with

CLOSED_AFTER = timedelta(days=7)
AT_ONCE = 100  # jobs wait meanwhile for their turn at the account *reserved*
MOST_A_RUN = 10_000  # the other scheduled work waits for this one
_READ_SINCE = ("accounts", "0006_closed_jobs")
READS_IT = 64  # the version of the first server that knows it
_ATTEMPTS = frozenset(str(number) for number in range(1, 1_001))
_FARTHEST = 2**31 - 1
_RESERVED = SYSTEM_ACCOUNTS[AccountKind.RESERVED]
_REVENUE = SYSTEM_ACCOUNTS[AccountKind.REVENUE]


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """An entry as it stands in the ledger; amounts in its units."""

    id: int
    amount: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A transaction as it stands in the ledger, with its entries by account."""

    id: int
    key: str
    kind: str
    account: int
    at: object  # as the database gave it
    is_plain: bool  # nobody did it by hand, and there is no comment
    entries: dict[int, BookedEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closed:
    """What two transactions said, as a row of models.ClosedJob."""

    reservation: Booked
    settlement: Booked
    entry: BookedEntry
    attempt: int

    def row(self, job: uuid.UUID) -> tuple[sql.Value, ...]:
        """The row's values."""
        reservation, settlement = self.reservation, self.settlement
        return (
            sql.of_uuid(job), reservation.account, self.entry.id, reservation.id, reservation.at, settlement.at,
            -self.entry.amount, self.entry.balance_after, settlement.id - reservation.id, self.attempt,
        )  # type: ignore[return-value] # moments go back as they came  # fmt: skip


def closed_form(job: uuid.UUID, books: Sequence[Booked]) -> Closed | None:
    """The one row that says all that these bookings of the job say; None if one row cannot."""
    if len(books) != 2:
        return None
    reservation, settlement = books
    start, _, attempt = reservation.key.rpartition(":")
    paid = reservation.entries.get(reservation.account, BookedEntry(0, 0, 0))
    moves_reserved = {account: entry.amount for account, entry in reservation.entries.items()}
    moves_settled = {account: entry.amount for account, entry in settlement.entries.items()}
    amount = -paid.amount
    is_so = (
        (reservation.kind, settlement.kind) == (TransactionKind.RESERVE.value, TransactionKind.SETTLE.value)
        and reservation.is_plain
        and settlement.is_plain
        and reservation.account == settlement.account
        and (start, settlement.key) == (f"reserve:{job}", f"settle:{job}")
        and attempt in _ATTEMPTS
        and 0 < settlement.id - reservation.id <= _FARTHEST
        and amount >= 0
        and moves_reserved == ({reservation.account: -amount, _RESERVED: amount} if amount else {})
        and moves_settled == ({_RESERVED: -amount, _REVENUE: amount} if amount else {})
    )
    return Closed(reservation, settlement, paid, int(attempt)) if is_so else None


def close_books(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Closes the books of all jobs that were settled long enough ago, a few at a time; in words, how many."""
    if not needs_servers_with(*_READ_SINCE, READS_IT, since=UPGRADE_TAKES):
        return ""
    before = (timezone.now() if now is None else now) - CLOSED_AFTER
    closed, looked_at = 0, 0
    while looked_at < MOST_A_RUN and still_ours():
        some, through = transact(lambda: _close_some(before))
        closed, looked_at = closed + some, looked_at + through
        if not through:
            break
    return f"books of {closed} jobs closed" if closed else ""


def _close_some(before: datetime) -> tuple[int, int]:
    """How many were closed, and how many were looked at."""
    ClosedThrough.objects.get_or_create(pk=1)
    mark = ClosedThrough.objects.select_for_update().get(pk=1)
    settled = [
        (number, sql.to_uuid(job))
        for number, job, at in sql.rows(
            "SELECT id, job, at FROM accounts_transaction WHERE id > %s AND kind = %s ORDER BY id LIMIT %s",
            (mark.through, TransactionKind.SETTLE.value, AT_ONCE),
        )
        if (moment := sql.to_moment(at)) is not None and moment < before
    ]
    if not settled:
        return 0, 0
    lock({_RESERVED})  # so nothing is booked of these jobs meanwhile
    forms = {job: closed_form(job, books) for job, books in _books_of([job for _, job in settled]).items()}
    _replace({job: form for job, form in forms.items() if form is not None})
    ClosedThrough.objects.filter(pk=1).update(through=settled[-1][0])
    return sum(form is not None for form in forms.values()), len(settled)


def _books_of(jobs: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Booked]]:
    found: dict[uuid.UUID, list[Booked]] = {job: [] for job in jobs}
    by_id: dict[int, Booked] = {}
    rows = sql.rows(
        "SELECT booked.job, booked.id, booked.key, booked.kind, booked.account_id, booked.at, booked.actor_id, "  # noqa: S608
        "booked.comment, entry.account_id, entry.id, entry.amount, entry.balance_after "
        "FROM accounts_transaction booked LEFT JOIN accounts_entry entry ON entry.transaction_id = booked.id "
        f"WHERE booked.job IN ({sql.placeholders(jobs)}) ORDER BY booked.id, entry.id",
        [sql.of_uuid(job) for job in jobs],
    )
    for job, number, key, kind, account, at, actor, comment, moved, entry, amount, balance in rows:
        if number not in by_id:
            by_id[number] = Booked(number, key, kind, account, at, actor is None and not comment)
            found[sql.to_uuid(job)].append(by_id[number])
        if moved is not None:
            by_id[number].entries[moved] = BookedEntry(entry, amount, balance)
    return found


def _replace(forms: Mapping[uuid.UUID, Closed]) -> None:
    if not forms:
        return
    transactions = [booked.id for form in forms.values() for booked in (form.reservation, form.settlement)]
    places = sql.placeholders(transactions)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO accounts_closedjob (job, account_id, entry, reservation, reserved_at, settled_at, amount, "
            "balance_after, settled_after, attempt) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [form.row(job) for job, form in forms.items()],
        )
        cursor.execute(f"DELETE FROM accounts_entry WHERE transaction_id IN ({places})", transactions)  # noqa: S608
        cursor.execute(f"DELETE FROM accounts_transaction WHERE id IN ({places})", transactions)  # noqa: S608
