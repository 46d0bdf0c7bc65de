"""The one place that writes the ledger: locks accounts, books a balanced transaction, moves the cached balances.

Accounts are locked in the order of their ids, the system's first: all that concerns a reservation holds the account
*reserved* before it looks at the job's bookings. The caller has a database transaction open.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from everprint.server import sql
from everprint.server.accounts.models import TransactionKind
from everprint.server.accounts.money import ZERO, from_units, to_units
from everprint.server.accounts.till import Accounts, Booking, LockedAccount, open_till, write_balances
from everprint.server.people.models import User


class NotBalanced(Exception):
    """The entries of a transaction did not sum to zero: an error in our own arithmetic."""


class NoSuchAccount(Exception):
    """An id that no account has."""


_COLUMNS = "id, name, kind, restricted, overdraft, is_active, balance"


def lock(ids: Iterable[int], accounts: Accounts | None = None) -> Accounts:
    """The accounts with those ids, kept from everybody else; added to those that are locked already.

    Raises NoSuchAccount.
    """
    accounts = {} if accounts is None else accounts
    till = open_till()
    known = accounts if till is None else till.accounts
    asked = set(ids) - accounts.keys()
    _lock_rows(sorted(asked - known.keys()), known)
    for number in asked:
        accounts[number] = known[number]
    return accounts


def _lock_rows(wanted: Sequence[int], accounts: Accounts) -> None:
    if not wanted:
        return
    where = f"WHERE id IN ({sql.placeholders(wanted)}) ORDER BY id{sql.for_update()}"
    found = sql.rows(f"SELECT {_COLUMNS} FROM accounts_account {where}", wanted)  # noqa: S608 - no value in it
    for number, name, kind, restricted, overdraft, is_active, balance in found:
        accounts[number] = LockedAccount(
            number, name, kind, bool(restricted), from_units(overdraft), bool(is_active), from_units(balance)
        )
    for number in wanted:
        if number not in accounts:
            raise NoSuchAccount(f"no account has the id {number}")


def book(
    accounts: Accounts,
    kind: TransactionKind,
    key: str,
    account: int,
    movements: Mapping[int, Decimal],
    *,
    job: uuid.UUID | None = None,
    actor: User | None = None,
    comment: str = "",
) -> None:
    """Writes one transaction of that account; `movements` is amount by account id, all of them in `accounts`.

    The entries are written in the order of the movements: the order in which a job's payers are charged.
    Raises NotBalanced.
    """
    moving = {moved: amount for moved, amount in movements.items() if amount}
    if sum(moving.values(), ZERO) != 0:
        raise NotBalanced(f"{key}: {moving}")
    with connection.cursor() as cursor:
        transaction = sql.insert(
            cursor,
            "INSERT INTO accounts_transaction (key, kind, account_id, job, actor_id, comment, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                key,
                kind.value,
                account,
                None if job is None else sql.of_uuid(job),
                None if actor is None else actor.pk,
                comment,
                sql.of_moment(timezone.now()),
            ),
        )
        entries: list[int] = []
        for moved, amount in moving.items():
            accounts[moved].balance += amount
            entries += (transaction, moved, to_units(amount), to_units(accounts[moved].balance))
        if entries:
            places = ", ".join(["(%s, %s, %s, %s)"] * len(moving))
            cursor.execute(
                "INSERT INTO accounts_entry (transaction_id, account_id, amount, balance_after) "  # noqa: S608
                f"VALUES {places}",
                entries,
            )
    till = open_till()
    if till is None:
        write_balances(moving)
    else:
        till.note(job, Booking(key, kind.value, account, moving))
