"""Purses: which there are, when each is charged, and each person's account for one."""

from __future__ import annotations

from django.utils import timezone

from everprint.server.accounts.models import Account, AccountKind, Purse
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.models import User


class BadPurse(ValueError):
    """A purse that cannot be; the text says why."""


def add_purse(name: str, position: int) -> Purse:
    """A new kind of further account.

    Raises BadPurse.
    """
    return _save(Purse(), name, position, is_active=True)


def change_purse(purse: Purse, name: str, position: int, *, is_active: bool) -> Purse:
    """Changes its name, when it is charged, and whether it is.

    Raises BadPurse.
    """
    return _save(purse, name, position, is_active=is_active)


def open_purse(user: User, purse: Purse) -> Account:
    """The user's account of that purse; made once. It never falls below zero."""

    def work() -> Account:
        account, _ = Account.objects.get_or_create(
            holder=user,
            purse=purse,
            defaults={
                "name": purse_account_name(user, purse),
                "kind": AccountKind.PURSE.value,
                "overdraft_is_own": True,
            },
        )
        return account

    return transact(work)


def purse_account_name(user: User, purse: Purse) -> str:
    """What the account is called in lists and statements."""
    return f"{user.name}: {purse.name}"


def accounts_of(user: User) -> list[Account]:
    """The user's balance and purses; the order in which they are charged is payers.in_order's."""
    purses = Account.objects.filter(holder=user).select_related("purse", "holder")
    return [*Account.objects.filter(owner=user), *purses.order_by("purse__position", "pk")]


def purses_to_fill(user: User) -> list[Account]:
    """The user's account of every purse that is in use, made where it was not there yet."""
    return [open_purse(user, purse) for purse in Purse.objects.filter(is_active=True)]


def _save(purse: Purse, name: str, position: int, *, is_active: bool) -> Purse:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise BadPurse("a purse needs a name of at most 100 characters")
    if not -1000 <= position <= 1000:
        raise BadPurse(f"a purse's position is between -1000 and 1000, not {position}")

    def work() -> Purse:
        if Purse.objects.filter(name__iexact=name).exclude(pk=purse.pk).exists():
            raise BadPurse(f"there is already a purse called {name}")
        adding = purse._state.adding
        renamed = not adding and purse.name != name
        before = {} if adding else {"name": purse.name, "position": purse.position, "is_active": purse.is_active}
        purse.name, purse.position, purse.is_active = name, position, is_active
        purse.save()
        after = {"name": name, "position": position, "is_active": is_active}
        note("purse.make" if adding else "purse.change", purse, None if adding else before, after)
        _tell(purse, renamed=renamed)
        return purse

    return transact(work)


def _tell(purse: Purse, *, renamed: bool) -> None:
    """Print servers that decide alone must hear of it, and statements show its name."""
    accounts = Account.objects.filter(purse=purse)
    accounts.update(terms_changed_at=timezone.now())
    if renamed:
        for account in accounts.select_related("holder"):
            assert account.holder is not None
            account.name = purse_account_name(account.holder, purse)
            account.save(update_fields=["name"])
