"""Proves the ledger, account by account and transaction by transaction; `everprint server audit` shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from everprint.server.accounts.models import (
    SYSTEM_ACCOUNTS,
    Account,
    AccountKind,
    Entry,
    Transaction,
    TransactionKind,
)
from everprint.server.accounts.money import ZERO, MoneyField, literal

_IS_SETTLEMENT = Q(transaction__kind=TransactionKind.SETTLE.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    what: str  # "balance", "transaction", "floor", "reservation" or "split"
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
        transactions=Transaction.objects.count(),
        findings=(
            *_wrong_balances(),
            *_unbalanced_transactions(),
            *_below_floor(),
            *_left_reserved(),
            *_given_too_much_back(),
        ),
    )


def _wrong_balances() -> list[Finding]:
    sums = Entry.objects.filter(account=OuterRef("pk")).order_by().values("account").annotate(total=Sum("amount"))
    total = Coalesce(Subquery(sums.values("total"), output_field=MoneyField()), literal(ZERO))
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
    """No account got more back from a job than it gave for it, however many paid."""
    sums = (
        Entry.objects.filter(transaction__job__isnull=False)
        .exclude(account_id__in=SYSTEM_ACCOUNTS.values())
        .order_by()
        .values("transaction__job", "account", "account__name")
        .annotate(total=Sum("amount"))
        .filter(total__gt=literal(ZERO))
    )
    return [
        Finding(
            "split", row["account__name"], f"job {row['transaction__job']} gave it {row['total']} more than it took"
        )
        for row in sums
    ]
