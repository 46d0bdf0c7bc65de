"""What is charged for what comes out (docs/explanation/ledger.md)."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.pricing import Costs, SideCosts, price
from everprint.documents.result import NOTHING, Output, Sides

A4, A3 = "iso_a4_210x297mm", "iso_a3_297x420mm"
OFFICE = Costs(
    other=SideCosts(Decimal("0.05"), Decimal("0.04"), Decimal("0.20"), Decimal("0.18")),
    by_media={A3: SideCosts(Decimal("0.10"), Decimal("0.08"), Decimal("0.40"), Decimal("0.36"))},
)


def test_each_side_is_charged_by_its_own_colour_paper_and_duplex() -> None:
    output = Output(
        sheets=14,
        sides=(
            Sides(A4, colour=False, two_sided=False, impressions=1),
            Sides(A4, colour=False, two_sided=True, impressions=20),
            Sides(A4, colour=True, two_sided=False, impressions=1),
            Sides(A3, colour=True, two_sided=True, impressions=2),
        ),
    )
    assert price(output, OFFICE) == Decimal("0.05") + 20 * Decimal("0.04") + Decimal("0.20") + 2 * Decimal("0.36")


def test_one_colour_page_of_21_is_one_colour_page() -> None:
    output = Output(21, (Sides(A4, False, False, 20), Sides(A4, True, False, 1)))
    assert price(output, OFFICE) == Decimal("1.20")


def test_nothing_costs_nothing_and_a_printer_without_prices_is_free() -> None:
    assert price(NOTHING, OFFICE) == 0
    assert price(Output(1, (Sides(A4, True, False, 1),)), Costs()) == 0


kinds = st.builds(
    Sides,
    media=st.sampled_from([A4, A3, "na_letter_8.5x11in"]),
    colour=st.booleans(),
    two_sided=st.booleans(),
    impressions=st.integers(0, 100_000),
)


@given(st.lists(kinds, max_size=6), st.lists(kinds, max_size=6))
def test_two_outputs_cost_what_they_cost_apart(first: list[Sides], second: list[Sides]) -> None:
    together = price(Output(0, (*first, *second)), OFFICE)
    assert together == price(Output(0, tuple(first)), OFFICE) + price(Output(0, tuple(second)), OFFICE)
