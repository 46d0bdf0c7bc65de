"""How one amount is taken from several accounts, in the order of charging. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from everprint.server.accounts.money import ZERO


@dataclass(frozen=True, slots=True)
class Fund:
    """An account and what it can give; None: without a limit."""

    account: int
    available: Decimal | None


def share_out(amount: Decimal, funds: Iterable[Fund]) -> dict[int, Decimal]:
    """What each fund gives, in their order; together less than the amount if they have less."""
    shares: dict[int, Decimal] = {}
    left = amount
    for fund in funds:
        share = left if fund.available is None else min(left, fund.available)
        if share > 0:
            shares[fund.account] = shares.get(fund.account, ZERO) + share
            left -= share
    return shares


def charge_for(amount: Decimal, held: Mapping[int, Decimal], funds: Iterable[Fund]) -> dict[int, Decimal]:
    """What each account pays in the end: what was held for it first, in the same order; what exceeds that from the
    funds, as far as they go."""
    charges = share_out(amount, [Fund(account, of_it) for account, of_it in held.items()])
    excess = amount - sum(held.values(), ZERO)
    if excess > 0:
        for account, share in share_out(excess, funds).items():
            charges[account] = charges.get(account, ZERO) + share
    return charges
