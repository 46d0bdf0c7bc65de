"""Proves the ledger, account by account and transaction by transaction; `everprint server audit` shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from everprint.server.accounts.models import (
    SYSTEM_ACCOUNTS,
    Account,
    AccountKind,
    ClosedJob,
    Entry,
    EveryEntry,
    Transaction,
    TransactionKind,
)
from everprint.server.accounts.money import ZERO, MoneyField, literal

_IS_SETTLEMENT = Q(transaction__kind=TransactionKind.SETTLE.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    what: str  # "balance", "transaction", "floor", "reservation", "split" or "closed"
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class AuditResult:
    """How much was checked, and what was wrong."""

    accounts: int
    transactions: int
    findings: tuple[Finding, ...]


def audit() -> AuditResult:
    """Checks every account and transaction; each kind of check is one statement, so it sees one moment."""
    return AuditResult(
        accounts=Account.objects.count(),
        transactions=Transaction.objects.count() + 2 * ClosedJob.objects.count(),
        findings=(
            *_wrong_balances(),
            *_unbalanced_transactions(),
            *_below_floor(),
            *_left_reserved(),
            *_given_too_much_back(),
            *_booked_after_closing(),
        ),
    )


def _wrong_balances() -> list[Finding]:
    entries = EveryEntry.objects.filter(account=OuterRef("pk")).order_by().values("account")
    sums = entries.annotate(total=Sum("amount")).values("total")
    total = Coalesce(Subquery(sums, output_field=MoneyField()), literal(ZERO))
    wrong = Account.objects.annotate(total=total).exclude(balance=F("total"))
    return [
        Finding("balance", account.name, f"the balance is {account.balance}, the sum of its entries {account.total}")
        for account in wrong
    ]


def _unbalanced_transactions() -> list[Finding]:
    wrong = Transaction.objects.annotate(total=Sum("entries__amount")).exclude(Q(total=ZERO) | Q(total=None))
    return [Finding("transaction", booked.key, f"its entries sum to {booked.total}, not to zero") for booked in wrong]


def _below_floor() -> list[Finding]:
    wrong = Account.objects.filter(restricted=True, balance__lt=literal(ZERO) - F("overdraft"))
    return [
        Finding("floor", account.name, f"the balance is {account.balance}, the floor {account.floor}")
        for account in wrong
    ]


def _left_reserved() -> list[Finding]:
    """A job that was settled has nothing reserved, and no job has less than nothing."""
    sums = (
        Entry.objects.filter(account_id=SYSTEM_ACCOUNTS[AccountKind.RESERVED], transaction__job__isnull=False)
        .order_by()
        .values("transaction__job")
        .annotate(total=Sum("amount"), settled=Max("transaction__key", filter=_IS_SETTLEMENT))
        .exclude(total=ZERO)
        .exclude(settled=None, total__gt=literal(ZERO))
    )
    return [Finding("reservation", f"job {row['transaction__job']}", f"{row['total']} is reserved") for row in sums]


def _given_too_much_back() -> list[Finding]:
    """No account got more back from a job than it gave for it, however many paid, its books closed or not."""
    closed = ClosedJob.objects.filter(job=OuterRef("transaction__job"), account=OuterRef("account"))
    sums = (
        Entry.objects.filter(transaction__job__isnull=False)
        .exclude(account_id__in=SYSTEM_ACCOUNTS.values())
        .order_by()
        .values("transaction__job", "account", "account__name")
        .annotate(booked=Sum("amount"))
        .filter(booked__gt=literal(ZERO))
        .annotate(paid=Coalesce(Subquery(closed.values("amount"), output_field=MoneyField()), literal(ZERO)))
        .filter(booked__gt=F("paid"))
    )
    return [
        Finding(
            "split",
            row["account__name"],
            f"job {row['transaction__job']} gave it {row['booked'] - row['paid']} more than it took",
        )
        for row in sums
    ]


def _booked_after_closing() -> list[Finding]:
    """A job whose books are closed paid what it was to pay: nothing is reserved or charged for it any more. What its
    row says is of one amount for one account, so both its transactions sum to zero."""
    again = Transaction.objects.filter(
        Exists(ClosedJob.objects.filter(job=OuterRef("job"))),
        kind__in=(TransactionKind.RESERVE.value, TransactionKind.SETTLE.value, TransactionKind.RELEASE.value),
    )
    wrong = ClosedJob.objects.filter(Q(amount__lt=literal(ZERO)) | Q(account__in=SYSTEM_ACCOUNTS.values()))
    return [
        *(Finding("closed", f"job {one.job}", f"{one.key} was booked though its books are closed") for one in again),
        *(Finding("closed", f"job {row.job}", f"{row.amount} of {row.account} is no charge") for row in wrong),
    ]
