"""An account's statement as its owner expects it: one line a job, however many bookings it took, newest first.

The ledger books a job as reserve, then settle or release; a person sees what the job took in the end, and, while it
is not finished, what is reserved for it. A line's balance is that of the account if the lines are booked in the order
shown: the newest line's is the balance now, and each line's amount is the difference to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from everprint.server.accounts.models import Account, ClosedJob, EveryEntry, Transaction, TransactionKind
from everprint.server.accounts.money import ZERO


class LineKind(StrEnum):
    """What a line tells."""

    ADJUSTED = "adjusted"
    QUOTA = "quota"
    TOPPED_UP = "topped-up"
    TRANSFERRED = "transferred"
    RESERVED = "reserved"  # the job is not finished: its price may still change
    CHARGED = "charged"
    REFUNDED = "refunded"  # charged, and all of it or a part given back
    RETURNED = "returned"  # the job took nothing in the end


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A job, or an adjustment (then `job` is None)."""

    at: datetime
    job: UUID | None
    amount: Decimal
    balance: Decimal
    kind: LineKind
    comment: str
    actor: str


def last_bookings(account: Account) -> QuerySet[EveryEntry]:
    """The newest entry of each job, and every adjustment, newest first: what a statement has lines for."""
    newer_of_same_job = EveryEntry.objects.filter(account=account, job=OuterRef("job"), pk__gt=OuterRef("pk"))
    return (
        EveryEntry.objects.filter(account=account)
        .filter(Q(job=None) | ~Exists(newer_of_same_job))
        .select_related("actor")
        .order_by("-pk")
    )


def statement_lines(account: Account, entries: Sequence[EveryEntry]) -> list[StatementLine]:
    """The lines of consecutive last bookings."""
    if not entries:
        return []
    jobs = [entry.job for entry in entries if entry.job]
    nets: dict[UUID, Decimal] = dict(
        EveryEntry.objects.filter(account=account, job__in=jobs)
        .order_by()
        .values_list("job")
        .annotate(net=Sum("amount"))
    )
    settled: set[UUID | None] = set(
        Transaction.objects.filter(job__in=jobs, kind=TransactionKind.SETTLE.value).values_list("job", flat=True)
    ) | set(ClosedJob.objects.filter(job__in=jobs).values_list("job", flat=True))
    refunded = set(
        Transaction.objects.filter(job__in=jobs, kind=TransactionKind.REFUND.value).values_list("job", flat=True)
    )
    lines = []
    balance = _sum_up_to(account, entries[0])
    for entry in entries:
        job = entry.job
        amount = nets[job] if job else entry.amount
        lines.append(
            StatementLine(
                at=entry.at,
                job=job,
                amount=amount,
                balance=balance,
                kind=LineKind.REFUNDED if job in refunded else _kind(entry, amount, settled),
                comment=entry.comment,
                actor=str(entry.actor or ""),
            )
        )
        balance -= amount
    return lines


_WITHOUT_JOB = {
    TransactionKind.QUOTA.value: LineKind.QUOTA,
    TransactionKind.TOP_UP.value: LineKind.TOPPED_UP,
    TransactionKind.TRANSFER.value: LineKind.TRANSFERRED,
}


def _kind(booked: EveryEntry, amount: Decimal, settled: set[UUID | None]) -> LineKind:
    job = booked.job
    if job is None:
        return _WITHOUT_JOB.get(booked.kind, LineKind.ADJUSTED)
    if amount == 0:
        return LineKind.RETURNED
    return LineKind.CHARGED if job in settled else LineKind.RESERVED


def whole_statement(account: Account, piece: int = 500) -> Iterator[StatementLine]:
    """All lines, newest first, fetched in pieces."""
    last = last_bookings(account)
    entries = list(last[:piece])
    while entries:
        yield from statement_lines(account, entries)
        entries = list(last.filter(pk__lt=entries[-1].pk)[:piece])


def _sum_up_to(account: Account, entry: EveryEntry) -> Decimal:
    """The sum of that line and all older ones: all entries except those of lines that are newer."""
    of_a_newer_line = EveryEntry.objects.filter(account=account, job=OuterRef("job"), pk__gt=entry.pk)
    entries = EveryEntry.objects.filter(account=account, pk__lte=entry.pk).filter(
        Q(job=None) | ~Exists(of_a_newer_line)
    )
    total = entries.aggregate(total=Sum("amount"))["total"]
    return total if total is not None else ZERO
