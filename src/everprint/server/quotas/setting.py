"""Making and changing quotas, and people's own amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from everprint.server.accounts.models import Purse
from everprint.server.accounts.money import NotExact, to_units
from everprint.server.charging.models import SharedAccount
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.models import Group, User
from everprint.server.quotas.models import Quota, QuotaException
from everprint.server.quotas.periods import Period


class BadQuota(ValueError):
    """A quota that cannot be; `field` is what is wrong, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """All that can be set of a quota but whose it is."""

    amount: Decimal
    period: Period
    starts_on: date
    cap: Decimal | None = None
    resets: bool = False
    purse: Purse | None = None
    is_active: bool = True


def add_quota(whose: Group | SharedAccount, terms: QuotaTerms) -> Quota:
    """A new quota for a group's members, or a budget of a shared account. The period that is now is granted too.

    Raises BadQuota.
    """
    quota = Quota(group=whose) if isinstance(whose, Group) else Quota(shared=whose)
    return _save(quota, terms)


def change_quota(quota: Quota, terms: QuotaTerms, seen: str | None = None) -> Quota:
    """Changes it from the next grant on; what was granted stays. `seen` is the edition that the editor saw, if any.

    Raises BadQuota, EditedMeanwhile.
    """

    def work() -> Quota:
        rows = Quota.objects.select_for_update(of=("self",)).select_related("group", "shared__account", "purse")
        now = rows.get(pk=quota.pk)
        check_edition(settable(now), seen)
        return _save(now, terms)

    return transact(work)


def settable(quota: Quota) -> dict[str, object]:
    """What is stored of what can be set: the edition of a quota is made of it."""
    return {
        "amount": quota.amount,
        "period": quota.period,
        "starts_on": quota.starts_on,
        "purse": quota.purse_id,
        "cap": quota.cap,
        "resets": quota.resets,
        "is_active": quota.is_active,
    }


def set_exception(quota: Quota, user: User, amount: Decimal | None) -> None:
    """Gives somebody an amount of their own, from the next grant on; None: as everybody.

    Raises BadQuota.
    """
    if quota.group is None:
        raise BadQuota("user", "a budget of a shared account has no exceptions")
    if amount is None:
        QuotaException.objects.filter(quota=quota, user=user).delete()
        return
    _check_amount("amount", amount)
    QuotaException.objects.update_or_create(quota=quota, user=user, defaults={"amount": amount})


def _save(quota: Quota, terms: QuotaTerms) -> Quota:
    _check_amount("amount", terms.amount)
    if terms.cap is not None:
        _check_amount("cap", terms.cap)
    if terms.resets and terms.purse is None and quota.group is not None:
        raise BadQuota(
            "resets", "what is left can be taken away from a purse only: a balance holds people's own money"
        )
    if terms.resets and terms.cap is not None:
        raise BadQuota("cap", "a quota that takes away what is left needs no cap")
    if terms.resets and terms.period is Period.ONCE:
        raise BadQuota("resets", "initial credit comes once, so nothing is taken away")
    if terms.purse is not None and quota.group is None:
        raise BadQuota("purse", "a shared account has no purses")

    def work() -> Quota:
        moved = (quota.period, quota.starts_on) != (terms.period.value, terms.starts_on)
        quota.amount, quota.period, quota.starts_on = terms.amount, terms.period.value, terms.starts_on
        quota.cap, quota.resets, quota.purse, quota.is_active = terms.cap, terms.resets, terms.purse, terms.is_active
        if moved:
            quota.granted_through = None  # the old rhythm's missed periods are none of the new one's
        quota.save()
        return quota

    return transact(work)


def _check_amount(field: str, amount: Decimal) -> None:
    try:
        to_units(amount)
    except NotExact as error:
        raise BadQuota(field, str(error)) from None
    if amount < 0:
        raise BadQuota(field, f"{amount} is negative")
