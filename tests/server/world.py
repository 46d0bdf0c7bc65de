"""Makes what a server test needs: accounts, users, printers, providers. For tests that use `database`."""

from __future__ import annotations

import uuid
from decimal import Decimal


def account_with(credit: str) -> int:
    """A personal account with that balance; its id."""
    from everprint.server.people.users import create_user

    return create_user(f"user-{uuid.uuid4().hex[:8]}", credit=Decimal(credit)).account.pk


def balance_of(account: int | str) -> Decimal:
    """The cached balance of an account, by id or name."""
    from everprint.server.accounts.models import Account

    found = Account.objects.get(name=account) if isinstance(account, str) else Account.objects.get(pk=account)
    return found.balance


def audit_is_clean() -> None:
    """Fails with what the audit found."""
    from everprint.server.accounts.audit import audit

    assert audit().findings == ()
