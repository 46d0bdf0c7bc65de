"""What can happen to money: reserve, settle, release, adjust (docs/explanation/ledger.md).

A job may be paid from several accounts, in the order of charging (payers.py); settling and releasing give back to
each what was its own. Every function books at most once per key (a job's settlement: once per job) and answers a
repeated call with the first result. A restricted account never ends below its floor: reserve and adjust refuse,
settle books what cannot be collected as uncollected and says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from everprint.server.accounts.booking import book, lock
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, Account, AccountKind, Transaction, TransactionKind
from everprint.server.accounts.money import ZERO, to_units
from everprint.server.accounts.payers import Payer, Payers, as_payers
from everprint.server.accounts.reservations import JobBookings, bookings_of
from everprint.server.accounts.split import Fund, charge_for, share_out
from everprint.server.accounts.till import Accounts, Booking, LockedAccount
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.models import User

RESERVED = SYSTEM_ACCOUNTS[AccountKind.RESERVED]
REVENUE = SYSTEM_ACCOUNTS[AccountKind.REVENUE]
FUNDING = SYSTEM_ACCOUNTS[AccountKind.FUNDING]
UNCOLLECTED = SYSTEM_ACCOUNTS[AccountKind.UNCOLLECTED]


class LimitReached(Exception):
    """The account would fall below its floor."""

    def __init__(self, account: LockedAccount, amount: Decimal, available: Decimal) -> None:
        super().__init__(f"{account.name}: {amount} is more than the {available} that can be spent")
        self.account = account
        self.amount = amount
        self.available = available


class AccountClosed(Exception):
    """The account takes no more charges."""


class KeyReused(Exception):
    """The key already belongs to a booking of something else."""


class AlreadySettled(Exception):
    """The job was paid for; nothing can be reserved for it any more."""


class BadAmount(ValueError):
    """A reservation or a charge below zero, or an adjustment by nothing."""


class NothingToCharge(Exception):
    """There is neither a reservation nor an account to charge."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a job came to: `charged` to its account, `uncollected` beyond what the account could pay."""

    account: int
    charged: Decimal
    uncollected: Decimal


def reserve(
    job: uuid.UUID,
    attempt: int,
    payer: Payer,
    amount: Decimal,
    key: str | None = None,
    *,
    what_there_is: bool = False,
) -> Decimal:
    """Holds the amount for a job; what an earlier attempt held for it goes back first. The amount now held.

    With `what_there_is`, accounts that have less, or are closed, give what they have: the job was let through without
    us. Raises LimitReached, AccountClosed (neither of them then), AlreadySettled, KeyReused.
    """
    to_units(amount)
    if amount < 0:
        raise BadAmount(f"cannot reserve {amount}")
    payers = as_payers(payer)

    def work() -> Decimal:
        accounts = lock({RESERVED, *payers.order})
        done = bookings_of(job)
        its_key = key or f"reserve:{job}:{attempt}"
        if (first := done.by_key(its_key)) is not None:
            return _amount_reserved(first, payers)
        if key is not None:
            _refuse_reuse(key)
        if done.settlement is not None:
            raise AlreadySettled(f"job {job} was settled")
        funds = _funds(accounts, payers, done.held)
        shares = share_out(amount, funds)
        held = sum(shares.values(), ZERO)
        if not what_there_is:
            _check_can_pay(accounts[payers.account], amount, held)
        _return_reservation(accounts, done)
        movements = {account: -share for account, share in shares.items()}
        book(accounts, TransactionKind.RESERVE, its_key, payers.account, {**movements, RESERVED: held}, job=job)
        return held

    return transact(work)


def settle(job: uuid.UUID, amount: Decimal, payer: Payer | None = None) -> Settlement:
    """Turns the job's reservation into the charge for what came out; the difference goes back, last charged first.

    An excess is charged as far as the floors allow; the rest is booked as uncollected. A job without a reservation is
    charged to `payer`. The second and later calls for a job change nothing and answer what the first one did.
    Raises NothingToCharge, NoSuchAccount.
    """
    to_units(amount)
    if amount < 0:
        raise BadAmount(f"cannot charge {amount}")
    given = None if payer is None else as_payers(payer)

    def work() -> Settlement:
        accounts = lock({RESERVED, REVENUE, UNCOLLECTED, *(given.order if given else ())})
        done = bookings_of(job)
        if done.settlement is not None:
            return _first_settlement(done)
        payers = _payers_at_the_end(done, given)
        lock(payers.order, accounts)
        held = done.held
        charges = charge_for(amount, held, _funds(accounts, payers, {}))
        collected = sum(charges.values(), ZERO)
        movements = {account: held.get(account, ZERO) - charges.get(account, ZERO) for account in payers.order}
        movements |= {RESERVED: -done.open_amount, REVENUE: amount, UNCOLLECTED: collected - amount}
        book(accounts, TransactionKind.SETTLE, settle_key(job), payers.account, movements, job=job)
        return Settlement(payers.account, collected, amount - collected)

    return transact(work)


def release(job: uuid.UUID) -> Decimal:
    """Gives back what is held for the job, if anything is; how much that was."""

    def work() -> Decimal:
        accounts = lock({RESERVED})
        done = bookings_of(job)
        _return_reservation(accounts, done)
        return done.open_amount

    return transact(work)


def adjust(
    account: int,
    amount: Decimal,
    comment: str,
    actor: User | None,
    key: str,
    kind: TransactionKind = TransactionKind.ADJUST,
) -> Decimal:
    """Adds credit (or takes it, if negative), by a person or a rule and for a stated reason. The balance it left.

    Raises LimitReached, NoSuchAccount, KeyReused, BadAmount.
    """
    if not to_units(amount):
        raise BadAmount("an adjustment by nothing changes nothing")

    def work() -> Decimal:
        accounts = lock({FUNDING})
        first = Transaction.objects.filter(key=key).first()
        if first is not None:
            return _balance_left(first, account, amount, kind)
        owner = lock({account}, accounts)[account]
        if owner.kind in SYSTEM_ACCOUNTS:
            raise BadAmount(f"{owner.name} is a system account: it moves only with others")
        if amount < 0 and _within_floor(owner, -amount) != -amount:
            raise LimitReached(owner, -amount, _available(owner, owner.balance))
        movements = {account: amount, FUNDING: -amount}
        book(accounts, kind, key, account, movements, actor=actor, comment=comment)
        if kind is TransactionKind.ADJUST:
            target = Account(pk=account, name=owner.name)
            note("account.adjust", target, after={"amount": amount, "comment": comment, "balance": owner.balance})
        return owner.balance

    return transact(work)


def refund(job: uuid.UUID, amount: Decimal, comment: str, actor: User | None, key: str) -> None:
    """Gives back what was charged for the job, or a part of it: to whom was charged last first. Once for a key.

    Raises BadAmount if the accounts did not pay so much, or had it back already.
    """
    if to_units(amount) <= 0:
        raise BadAmount("a refund by nothing changes nothing")

    def work() -> None:
        accounts = lock({RESERVED, REVENUE})
        done = bookings_of(job)
        if done.by_key(key) is not None:
            return
        _refuse_reuse(key)
        paid = done.paid
        shares = share_out(amount, [Fund(number, paid[number]) for number in reversed(paid)])
        if done.settlement is None or sum(shares.values(), ZERO) != amount:
            raise BadAmount(f"{amount} is more than job {job} was charged")
        lock(shares, accounts)
        account = done.settlement.account
        movements = {**shares, REVENUE: -amount}
        book(accounts, TransactionKind.REFUND, key, account, movements, job=job, actor=actor, comment=comment)
        Account.objects.filter(pk__in=shares).update(terms_changed_at=timezone.now())

    transact(work)


def settle_key(job: uuid.UUID) -> str:
    """A job is settled once: its settlement has no other key."""
    return f"settle:{job}"


def _return_reservation(accounts: Accounts, done: JobBookings) -> None:
    held = done.held
    if held and done.account is not None and done.reservation is not None:
        key = f"release:{done.reservation.key}"
        lock(held, accounts)
        book(
            accounts, TransactionKind.RELEASE, key, done.account, {**held, RESERVED: -done.open_amount}, job=done.job
        )


def _payers_at_the_end(done: JobBookings, given: Payers | None) -> Payers:
    """Those for whom it was reserved, in that order, and after them all others of the same booking."""
    if done.open_amount and done.account is not None:
        others = given.order if given is not None and given.account == done.account else (done.account,)
        return Payers(done.account, tuple(dict.fromkeys((*done.held, *others))))
    if given is not None:
        return given
    if done.account is None:
        raise NothingToCharge(f"job {done.job} has no reservation and no account")
    return as_payers(done.account)


def _funds(accounts: Accounts, payers: Payers, returned: Mapping[int, Decimal]) -> list[Fund]:
    """What each payer can give once what is held for the job went back. A closed purse gives nothing."""
    return [
        Fund(
            number, _available(account, account.balance + returned.get(number, ZERO)) if account.restricted else None
        )
        for number in payers.order
        if (account := accounts[number]).is_active or number == payers.account
    ]


def _check_can_pay(account: LockedAccount, amount: Decimal, held: Decimal) -> None:
    if not account.is_active:
        raise AccountClosed(f"{account.name} is closed")
    if held < amount:
        raise LimitReached(account, amount, held)


def _available(account: LockedAccount, balance: Decimal) -> Decimal:
    return max(balance + account.overdraft, ZERO)


def _within_floor(account: LockedAccount, amount: Decimal) -> Decimal:
    """As much of the amount as the account can pay."""
    return min(amount, _available(account, account.balance)) if account.restricted else amount


def _amount_reserved(first: Booking, payers: Payers) -> Decimal:
    if first.kind != TransactionKind.RESERVE or first.account != payers.account:
        raise KeyReused(f"{first.key} belongs to another booking")
    return first.entries.get(RESERVED, ZERO)


def _refuse_reuse(key: str) -> None:
    if Transaction.objects.filter(key=key).exists():
        raise KeyReused(f"{key} belongs to another job's booking")


def _first_settlement(done: JobBookings) -> Settlement:
    assert done.settlement is not None
    entries = done.settlement.entries
    uncollected = -entries.get(UNCOLLECTED, ZERO)
    return Settlement(done.settlement.account, entries.get(REVENUE, ZERO) - uncollected, uncollected)


def _balance_left(first: Transaction, account: int, amount: Decimal, kind: TransactionKind) -> Decimal:
    entry = first.entries.filter(account_id=account).first()
    if first.kind != kind or entry is None or entry.amount != amount:
        raise KeyReused(f"{first.key} belongs to another booking")
    return entry.balance_after
