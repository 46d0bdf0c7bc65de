"""Credit from one person to another, where the installation allows it. Only what somebody has: no overdraft moves."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from everprint.server.accounts.booking import book, lock
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.ledger import RESERVED, KeyReused
from everprint.server.accounts.models import Account, Transaction, TransactionKind
from everprint.server.accounts.money import NotExact, literal, to_units
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.people.models import User


class BadTransfer(ValueError):
    """A transfer that cannot be; `field` is what is wrong, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def transfer(giver: User, taker: User | None, amount: Decimal, comment: str, key: str) -> Decimal:
    """Moves credit from one person's balance to another's, once for a key. The giver's balance then.

    Raises BadTransfer, KeyReused.
    """
    if not read_settings().transfers:
        raise BadTransfer("amount", "credit cannot be given to others here")
    if taker is None or not taker.is_active or taker.pk == giver.pk:
        raise BadTransfer("user", "there is no other user of that name to whom credit can be given")
    try:
        to_units(amount)
    except NotExact as error:
        raise BadTransfer("amount", str(error)) from None
    if amount <= 0:
        raise BadTransfer("amount", "give more than nothing")
    source, target = open_personal_account(giver), open_personal_account(taker)
    words = f"from {giver.name} to {taker.name}: {comment}".removesuffix(": ")[:500]

    def work() -> Decimal:
        # Whatever moves several people's money holds this account first, as reservations do.
        accounts = lock({RESERVED, source.pk, target.pk})
        first = Transaction.objects.filter(key=key).first()
        if first is not None:
            entry = first.entries.filter(account=source, amount=literal(-amount)).first()
            is_same = first.kind == TransactionKind.TRANSFER and first.entries.filter(account=target).exists()
            if entry is None or not is_same:
                raise KeyReused(f"{key} belongs to another booking")
            return entry.balance_after
        if amount > accounts[source.pk].balance:
            raise BadTransfer("amount", f"at most {max(accounts[source.pk].balance, Decimal(0)):.2f} can be given")
        movements = {source.pk: -amount, target.pk: amount}
        book(accounts, TransactionKind.TRANSFER, key, source.pk, movements, actor=giver, comment=words)
        # The booking is the giver's: print servers must hear of the taker's balance, too.
        Account.objects.filter(pk=target.pk).update(terms_changed_at=timezone.now())
        return accounts[source.pk].balance

    return transact(work)
