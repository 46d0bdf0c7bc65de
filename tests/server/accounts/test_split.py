"""One amount from several accounts, in the order of charging: pure arithmetic."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from everprint.server.accounts.split import Fund, charge_for, share_out

amounts = st.integers(0, 50_000).map(lambda units: Decimal(units).scaleb(-4))
funds = st.lists(st.one_of(st.none(), amounts), max_size=4).map(
    lambda several: [Fund(number, available) for number, available in enumerate(several)]
)


def test_the_first_gives_what_it_has_before_the_next_gives_anything() -> None:
    purse, balance = Fund(7, Decimal("0.30")), Fund(1, None)
    assert share_out(Decimal("0.20"), [purse, balance]) == {7: Decimal("0.20")}
    assert share_out(Decimal("0.50"), [purse, balance]) == {7: Decimal("0.30"), 1: Decimal("0.20")}


def test_a_job_that_comes_to_less_gives_back_to_the_last_first() -> None:
    held = {7: Decimal("0.30"), 1: Decimal("0.20")}
    assert charge_for(Decimal("0.40"), held, []) == {7: Decimal("0.30"), 1: Decimal("0.10")}
    assert charge_for(Decimal("0.25"), held, []) == {7: Decimal("0.25")}
    assert charge_for(Decimal("0.60"), held, [Fund(7, Decimal(0)), Fund(1, Decimal(5))]) == {
        7: Decimal("0.30"),
        1: Decimal("0.30"),
    }


@given(amount=amounts, several=funds)
def test_nobody_gives_more_than_they_have_and_nothing_is_lost(amount: Decimal, several: list[Fund]) -> None:
    shares = share_out(amount, several)
    assert all(share > 0 for share in shares.values())
    limits = {fund.account: fund.available for fund in several}
    assert all((limit := limits[number]) is None or share <= limit for number, share in shares.items())
    together = sum((limit for limit in limits.values() if limit is not None), Decimal(0))
    assert sum(shares.values()) == (amount if None in limits.values() else min(amount, together))


@given(amount=amounts, reserved=amounts, several=funds)
def test_what_was_held_pays_before_anything_else(amount: Decimal, reserved: Decimal, several: list[Fund]) -> None:
    held = share_out(reserved, several)
    charges = charge_for(amount, held, [])
    assert sum(charges.values()) == min(amount, sum(held.values()))
    assert all(charges[number] <= held[number] for number in charges)
