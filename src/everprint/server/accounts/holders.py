"""Accounts and whose they are: opening them and setting their limits."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from everprint.server.accounts.booking import lock
from everprint.server.accounts.ledger import BadAmount, adjust
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, Account, AccountKind
from everprint.server.accounts.money import ZERO, to_units
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.people.models import User


class BelowFloor(Exception):
    """The account's balance is lower than the floor it was to get."""


def open_personal_account(user: User, credit: Decimal = ZERO) -> Account:
    """The user's own account, with the credit it starts with. Made once; asked again, it is the same."""

    def work() -> Account:
        account = Account.objects.filter(owner=user).first()
        if account is None:
            lock({SYSTEM_ACCOUNTS[AccountKind.FUNDING]})  # the installation's overdraft does not change meanwhile
            account, _ = Account.objects.get_or_create(
                owner=user,
                defaults={
                    "name": user.name,
                    "kind": AccountKind.PERSONAL.value,
                    "overdraft": read_settings().overdraft,
                },
            )
        if credit:
            adjust(account.pk, credit, "initial credit", None, f"initial-credit:{account.pk}")
            account.refresh_from_db()
        return account

    return transact(work)


def set_limits(account: int, *, restricted: bool, overdraft: Decimal | None = ZERO) -> None:
    """Whether the account has a floor, and how far below zero it is; None: as far as the installation says.

    Raises BelowFloor if the balance is already lower: credit it first, or give it a larger overdraft.
    """
    if overdraft is not None:
        to_units(overdraft)
        if overdraft < 0:
            raise ValueError(f"an overdraft is not negative: {overdraft}")

    def work() -> None:
        lock({SYSTEM_ACCOUNTS[AccountKind.FUNDING]})
        depth = read_settings().overdraft if overdraft is None else overdraft
        found = lock({account})[account]
        if restricted and found.balance < -depth:
            raise BelowFloor(f"{found.name}: the balance is {found.balance}, below the floor {-depth}")
        Account.objects.filter(pk=account).update(
            restricted=restricted,
            overdraft=depth,
            overdraft_is_own=overdraft is not None,
            terms_changed_at=timezone.now(),
        )

    transact(work)


def set_offline_credit(account: int, amount: Decimal | None) -> None:
    """What may be printed on the account while the server is away for a print server; None: as the installation says.

    Raises BadAmount, NotExact.
    """
    if amount is not None:
        to_units(amount)
        if amount < 0:
            raise BadAmount(f"an offline credit is not negative: {amount}")

    def work() -> None:
        found = Account.objects.get(pk=account)
        before = {"offline_credit": found.offline_credit}
        Account.objects.filter(pk=account).update(offline_credit=amount, terms_changed_at=timezone.now())
        note("account.offline-credit", found, before, {"offline_credit": amount})

    transact(work)


def tell_print_servers(owners: Iterable[User]) -> None:
    """Those that decide alone must hear of what changed about these people, though their account did not."""
    Account.objects.filter(owner__in=owners).update(terms_changed_at=timezone.now())


def new_key(purpose: str) -> str:
    """A fresh idempotency key, for a form or a command that keeps it while it tries again."""
    return f"{purpose}:{uuid.uuid4()}"
