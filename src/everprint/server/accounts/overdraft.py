"""The installation's overdraft: what holds for everybody who has none of their own.

It is written into each account, so that a decision about a job reads one row. Whoever makes an account, or changes
the installation's overdraft, holds the account *funding* meanwhile: no account is made with a value that is passing.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from everprint.server.accounts.booking import lock
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, Account, AccountKind
from everprint.server.accounts.money import literal
from everprint.server.database import transact


def apply_overdraft(overdraft: Decimal) -> int:
    """Gives it to every account that has no overdraft of its own; how many could not have it.

    An account that is further below zero already keeps what it has, as an overdraft of its own: no floor is moved
    above a balance.
    """

    def work() -> int:
        lock({SYSTEM_ACCOUNTS[AccountKind.FUNDING]})
        now = timezone.now()
        common = Account.objects.filter(kind=AccountKind.PERSONAL.value, overdraft_is_own=False)
        deeper = common.filter(restricted=True, balance__lt=literal(-overdraft)).update(
            overdraft_is_own=True, terms_changed_at=now
        )
        common.exclude(overdraft=literal(overdraft)).update(overdraft=overdraft, terms_changed_at=now)
        return deeper

    return transact(work)
