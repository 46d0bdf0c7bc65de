"""The one place that writes the ledger: locks accounts, books a balanced transaction, moves the cached balances.

Accounts are locked in the order of their ids. The caller has a database transaction open.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import F

from everprint.server.accounts.models import (
    SYSTEM_ACCOUNTS,
    Account,
    AccountKind,
    Entry,
    Transaction,
    TransactionKind,
)
from everprint.server.accounts.money import ZERO, literal
from everprint.server.people.models import User


class NotBalanced(Exception):
    """The entries of a transaction did not sum to zero: an error in our own arithmetic."""


class NoSuchAccount(Exception):
    """An id that no account has."""


def lock(ids: Iterable[int]) -> dict[int, Account]:
    """The accounts with those ids, kept from everybody else until the transaction ends.

    Raises NoSuchAccount.
    """
    wanted = set(ids)
    found = {
        account.pk: account for account in Account.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    }
    if missing := wanted - found.keys():
        raise NoSuchAccount(f"no account has the id {min(missing)}")
    return found


def lock_system(*kinds: AccountKind) -> None:
    """Locks system accounts; their ids are the lowest, so this comes before any other account's lock."""
    lock(SYSTEM_ACCOUNTS[kind] for kind in kinds)


def book(
    kind: TransactionKind,
    key: str,
    account: int,
    movements: Mapping[int, Decimal],
    *,
    job: uuid.UUID | None = None,
    actor: User | None = None,
    comment: str = "",
) -> Transaction:
    """Writes one transaction of that account; `movements` is amount by account id, all locked by the caller.

    Raises NotBalanced.
    """
    moving = {moved: amount for moved, amount in sorted(movements.items()) if amount}
    if sum(moving.values(), ZERO) != 0:
        raise NotBalanced(f"{key}: {moving}")
    transaction = Transaction(key=key, kind=kind.value, account_id=account, job=job, actor=actor, comment=comment)
    transaction.save()
    if not moving:
        return transaction
    balances = dict(Account.objects.filter(pk__in=moving).values_list("pk", "balance"))
    Entry.objects.bulk_create(
        Entry(transaction=transaction, account_id=moved, amount=amount, balance_after=balances[moved] + amount)
        for moved, amount in moving.items()
    )
    for moved, amount in moving.items():
        Account.objects.filter(pk=moved).update(balance=F("balance") + literal(amount))
    return transaction
