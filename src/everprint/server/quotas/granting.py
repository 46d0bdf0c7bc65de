"""Granting what is due, each period once: safe to repeat, to break off, and to do on two servers at once.

The row of the grant and its booking are one database transaction, and the row's uniqueness is the idempotency key. A
quota's `granted_through` moves on only when everybody has the period, so what a crash left is made up for. A clock
that was set back finds periods granted already; one that was set ahead grants early, and not again on the day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from django.db.models import Exists, OuterRef
from django.utils import timezone

from everprint.server.accounts.booking import lock
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.ledger import FUNDING, adjust
from everprint.server.accounts.models import Account, TransactionKind
from everprint.server.accounts.money import ZERO, plain
from everprint.server.accounts.purses import open_purse
from everprint.server.database import transact
from everprint.server.notifications.kinds import QUOTA_RENEWED
from everprint.server.notifications.telling import tell
from everprint.server.people.models import User
from everprint.server.quotas.held import held_on
from everprint.server.quotas.models import Quota, QuotaException, QuotaGrant
from everprint.server.quotas.periods import Period, due

log = logging.getLogger(__name__)

AT_ONCE = 100


def grant_what_is_due(still_ours: Callable[[], bool] = lambda: True, today: date | None = None) -> str:
    """Grants every period that is due; in words, how many. Breaks off when the work is another server's."""
    today = timezone.localdate() if today is None else today
    granted = 0
    for quota in Quota.objects.filter(is_active=True).select_related("shared__account", "purse", "group"):
        period = Period(quota.period)
        days = due(period, quota.starts_on, quota.granted_through, today, resets=quota.resets)
        for first_day in days:
            while people := _without_grant(quota, first_day, missed=first_day != days[-1]):
                if not still_ours():
                    return f"{granted} grants, then another server took over"
                granted += transact(partial(_grant_all, quota, people, first_day))
            if quota.granted_through is None or first_day > quota.granted_through:
                quota.granted_through = first_day
                Quota.objects.filter(pk=quota.pk).update(granted_through=first_day)
    return f"{granted} grants" if granted else ""


def _without_grant(quota: Quota, first_day: date, *, missed: bool) -> list[User | None]:
    """Some of those who do not have that period yet; nobody in particular stands for a shared account."""
    grants = QuotaGrant.objects.filter(quota=quota, period_start=first_day)
    if quota.group is None:
        return [] if grants.exists() else [None]
    members = User.objects.filter(print_groups=quota.group, is_active=True)
    if quota.period == Period.ONCE:
        members = members.filter(created_at__date__gte=quota.starts_on)
    elif missed:
        members = members.filter(created_at__date__lte=first_day)  # who came later missed nothing
    return list(members.filter(~Exists(grants.filter(user=OuterRef("pk")))).order_by("pk")[:AT_ONCE])


def _grant_all(quota: Quota, people: list[User | None], first_day: date) -> int:
    return sum(_grant(quota, user, first_day) for user in people)


def _grant(quota: Quota, user: User | None, first_day: date) -> int:
    account = _account(quota, user)
    accounts = lock({FUNDING, account.pk})
    _, is_new = QuotaGrant.objects.get_or_create(
        quota=quota, user=user, period_start=first_day, defaults={"account": account, "amount": ZERO}
    )
    if not is_new:
        return 0
    there = accounts[account.pk].balance
    if quota.resets or quota.cap is not None:
        there += held_on(account.pk, user)  # it may come back, and was granted before
    amount = change_of(quota, _amount(quota, user), there)
    if amount:
        key = f"quota:{quota.pk}:{'account' if user is None else user.pk}:{first_day}"
        comment = f"{quota.period} quota of {quota.group or quota.shared}"
        adjust(account.pk, amount, comment, None, key, kind=TransactionKind.QUOTA)
        QuotaGrant.objects.filter(quota=quota, user=user, period_start=first_day).update(amount=amount)
        if user is not None and amount > ZERO:
            fields = {"name": str(user), "amount": plain(amount), "quota": str(quota.group)}
            tell([user.pk], QUOTA_RENEWED, fields)
    return 1


def change_of(quota: Quota, amount: Decimal, balance: Decimal) -> Decimal:
    """What is booked where `balance` is there, with what is held for jobs: up to the cap, or to just the amount."""
    if quota.resets:
        return amount - balance
    return amount if quota.cap is None else min(amount, max(quota.cap - balance, ZERO))


def _account(quota: Quota, user: User | None) -> Account:
    if user is None:
        assert quota.shared is not None
        return quota.shared.account
    return open_personal_account(user) if quota.purse is None else open_purse(user, quota.purse)


def _amount(quota: Quota, user: User | None) -> Decimal:
    own = QuotaException.objects.filter(quota=quota, user=user).first() if user else None
    return quota.amount if own is None else own.amount
