"""What is charged for what comes out (docs/explanation/ledger.md)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.pricing import Costs, SideCosts, for_person, price
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


ONE = SideCosts(*[Decimal(1)] * 4)


def sides(media: str = A4, *, colour: bool = False, two_sided: bool = False, impressions: int = 1) -> Sides:
    return Sides(media, colour, two_sided, impressions)


def cost(costs: Costs, *several: Sides) -> Decimal:
    return price(Output(1, several), costs)


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("iso_a5_148x210mm", "0.05"),  # the smallest into which it fits
        (A4, "0.05"),
        ("na_letter_8.5x11in", "0.05"),
        ("na_legal_8.5x14in", "0.10"),
        (A3, "0.10"),
        ("iso_a2_420x594mm", "1.00"),  # larger than all
        ("custom_a-roll_841x1000mm", "1.00"),
        ("iso_a6_105x148mm", "0.50"),  # its own price goes before
        ("unknown", "0.05"),  # paper that does not say its size is taken for A4
    ],
)
def test_paper_without_a_price_of_its_own_costs_what_the_smallest_size_says_into_which_it_fits(
    media: str, expected: str
) -> None:
    def of(price: str) -> SideCosts:
        return SideCosts(*[Decimal(price)] * 4)

    costs = Costs(other=of("1.00"), by_media={"iso_a6_105x148mm": of("0.50")}, up_to={A3: of("0.10"), A4: of("0.05")})
    assert cost(costs, sides(media)) == Decimal(expected)


def test_by_area_a_side_costs_its_papers_part_of_a_square_metre() -> None:
    costs = Costs(other=ONE, by_area=True)
    assert cost(costs, sides("iso_a0_841x1189mm")) == Decimal("0.9999")
    assert cost(costs, sides(A4)) == Decimal("0.0624")  # 0.06237, rounded once for the whole job
    assert cost(costs, sides(A4, impressions=1000)) == Decimal("62.37")


def test_one_colour_page_makes_the_document_colour_where_that_is_set() -> None:
    costs = replace(OFFICE, colour_by_document=True)
    assert cost(costs, sides(impressions=20), sides(colour=True)) == 21 * Decimal("0.20")
    assert cost(costs, sides(impressions=20)) == Decimal("1.00")
    assert cost(costs, sides(impressions=20), sides(colour=True, impressions=0)) == Decimal("1.00")


def test_the_discount_is_for_sheets_printed_on_both_sides_only() -> None:
    costs = Costs(other=ONE, two_sided_discount=Decimal("12.5"))
    assert cost(costs, sides(two_sided=True, impressions=2), sides()) == Decimal("2.75")


def test_the_minimum_is_of_a_job_that_prints_anything_and_the_maximum_of_any() -> None:
    costs = Costs(other=ONE, minimum=Decimal("2.50"), maximum=Decimal("4"))
    assert [cost(costs, sides(impressions=count)) for count in (0, 1, 3, 9)] == [0, Decimal("2.50"), 3, 4]


def test_somebody_pays_their_percentage_of_what_the_job_costs() -> None:
    costs = Costs(other=ONE, minimum=Decimal("2.50"))
    assert cost(for_person(costs, Decimal("50")), sides()) == Decimal("1.25")
    assert cost(for_person(costs, Decimal(0)), sides(impressions=9)) == 0
    assert cost(for_person(costs, Decimal("33.3333")), sides(impressions=3)) == Decimal("1.0000")


wild = st.builds(
    Costs,
    other=st.just(OFFICE.other),
    up_to=st.just(OFFICE.by_media),
    by_area=st.booleans(),
    colour_by_document=st.booleans(),
    two_sided_discount=st.decimals(0, 100, places=4),
    minimum=st.decimals(0, 1, places=4),
    maximum=st.none() | st.decimals(1, 100, places=4),
    percent=st.decimals(0, 1000, places=4),
)


@given(wild, st.lists(kinds, max_size=4))
def test_every_cost_is_a_whole_number_of_ten_thousandths_and_the_same_after_the_wire(
    costs: Costs, several: list[Sides]
) -> None:
    output = Output(0, tuple(several))
    amount = price(output, costs)
    assert amount >= 0
    assert amount * 10_000 == int(amount * 10_000)
    assert price(output, msgspec.json.decode(msgspec.json.encode(costs), type=Costs)) == amount
