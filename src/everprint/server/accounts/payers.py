"""Who pays for a job: one account, or a person's balance together with their purses, in the order of charging."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from everprint.server import sql

# Where a person's balance stands among their purses.
MAIN_POSITION = 100


@dataclass(frozen=True, slots=True)
class Payers:
    """`account` is whose booking it is; `order` are all that are charged, one after the other, it among them."""

    account: int
    order: tuple[int, ...]


Payer = int | Payers


def as_payers(payer: Payer) -> Payers:
    """One account alone is its own order."""
    return Payers(payer, (payer,)) if isinstance(payer, int) else payer


def in_order(main: int, purses: Iterable[tuple[int, int]]) -> Payers:
    """A person's balance and purses (position, account) in the order in which they are charged."""
    ranked = sorted([*((position, 0, account) for position, account in purses), (MAIN_POSITION, 1, main)])
    return Payers(main, tuple(account for _, _, account in ranked))


def payers_of(account: int) -> Payers:
    """Who pays when that account is to be charged: a person's balance together with the purses that are open."""
    found = sql.rows(
        "SELECT purse.position, extra.id FROM accounts_account main "
        "JOIN accounts_account extra ON extra.holder_id = main.owner_id AND extra.is_active "
        "JOIN accounts_purse purse ON purse.id = extra.purse_id AND purse.is_active WHERE main.id = %s",
        (account,),
    )
    return in_order(account, [(int(position), int(number)) for position, number in found])
