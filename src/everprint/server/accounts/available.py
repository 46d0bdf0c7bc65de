"""How much can be spent now, account by account, without locking any: to find out whether asking the ledger is worth
it. What really is spent, the ledger decides."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from everprint.server import sql
from everprint.server.accounts.money import ZERO, from_units

_AT_ONCE = 500
# A person's purses are charged beside the balance (payers.py).
_IN_PURSES = (
    "(SELECT coalesce(sum(extra.balance), 0) FROM accounts_account extra JOIN accounts_purse purse "
    "ON purse.id = extra.purse_id AND purse.is_active WHERE extra.holder_id = main.owner_id AND extra.is_active)"
)


def available_to(accounts: Iterable[int]) -> dict[int, Decimal | None]:
    """What can be spent on each of the accounts; None for one without a floor, and nothing on one that is closed."""
    wanted = sorted(set(accounts))
    found: dict[int, Decimal | None] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = sql.rows(
            "SELECT main.id, main.is_active, main.restricted, main.balance + main.overdraft, "  # noqa: S608 - no value
            f"{_IN_PURSES} FROM accounts_account main WHERE main.id IN ({sql.placeholders(some)})",
            some,
        )
        found |= {row[0]: _available(*row[1:]) for row in rows}
    return found


def _available(is_active: bool, restricted: bool, above_floor: int, in_purses: int) -> Decimal | None:
    if not is_active:
        return ZERO
    if not restricted:
        return None
    return max(from_units(int(above_floor)), ZERO) + from_units(int(in_purses))
