"""The printer's own arithmetic of sheets: by hand for what people expect, and against `documents.imposition`, which
was written apart from it, for all the rest.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import first_impressions, impose
from everprint.documents.result import Page
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.virtual_printer.sheets import Plan, plan_sheets

DUPLEX = SidesKeyword.TWO_SIDED_LONG_EDGE


def document(kinds: str) -> list[Page]:
    """g and c are a grey and a coloured A4 page, G and C the same on A3."""
    a4, a3 = "iso_a4_210x297mm", "iso_a3_297x420mm"
    return [
        Page(number, 210, 297, a3 if kind.isupper() else a4, kind in "cC") for number, kind in enumerate(kinds, 1)
    ]


def in_words(plan: Plan) -> str:
    """Every sheet in order: page numbers, + between those that share a side, / between the sides."""
    sheets = [plan.sheet(index) for index in range(len(plan))]
    return " ".join("/".join("+".join(str(page.number) for page in side.pages) for side in s.sides) for s in sheets)


def planned(kinds: str, ticket: Ticket, *, colour_printer: bool = True) -> Plan:
    return plan_sheets(document(kinds), ticket, colour_printer=colour_printer)


def test_two_pages_up_on_both_sides_put_four_pages_on_a_sheet() -> None:
    assert in_words(planned("ggggg", Ticket(number_up=2, sides=DUPLEX))) == "1+2/3+4 5"


def test_collated_copies_come_out_one_after_the_other() -> None:
    assert in_words(planned("ggg", Ticket(copies=2, sides=DUPLEX))) == "1/2 3 1/2 3"


def test_uncollated_copies_come_out_sheet_by_sheet() -> None:
    assert in_words(planned("ggg", Ticket(copies=2, sides=DUPLEX, collated=False))) == "1/2 1/2 3 3"


def test_a_change_of_paper_begins_a_new_sheet() -> None:
    assert in_words(planned("gGGg", Ticket(sides=DUPLEX))) == "1 2/3 4"


def test_only_the_pages_asked_for_are_printed() -> None:
    assert in_words(planned("gggggg", Ticket(page_ranges=((2, 3), (5, 99))))) == "2 3 5 6"


def test_no_page_in_the_ranges_is_no_sheet() -> None:
    assert len(planned("gg", Ticket(page_ranges=((7, 9),), copies=3))) == 0


def test_a_printer_without_colour_prints_none() -> None:
    assert planned("ccc", Ticket(), colour_printer=False).colour_impressions == 0


def test_an_equal_sheet_of_an_earlier_copy_is_known() -> None:
    collated = planned("ggg", Ticket(copies=2))
    assert [collated.first_like(index) for index in range(6)] == [0, 1, 2, 0, 1, 2]
    uncollated = planned("ggg", Ticket(copies=2, collated=False))
    assert [uncollated.first_like(index) for index in range(6)] == [0, 0, 2, 2, 4, 4]


ranges = (
    st.lists(st.integers(1, 12), max_size=4, unique=True)
    .map(sorted)
    .map(lambda starts: tuple((n, n) for n in starts))
)
tickets = st.builds(
    Ticket,
    copies=st.integers(1, 4),
    sides=st.sampled_from(SidesKeyword),
    number_up=st.sampled_from([1, 2, 4, 6, 9, 16]),
    page_ranges=ranges,
    print_color_mode=st.sampled_from(["auto", "color", "monochrome"]),
    media=st.sampled_from([None, "na_letter_8.5x11in"]),
    collated=st.booleans(),
)


@given(st.text("gcGC", min_size=1, max_size=12), tickets)
def test_it_agrees_with_what_the_print_provider_computes(kinds: str, ticket: Ticket) -> None:
    plan, expected = planned(kinds, ticket), impose(document(kinds), ticket)
    assert (len(plan), plan.impressions, plan.colour_impressions) == (
        expected.sheets,
        expected.impressions,
        expected.colour_impressions,
    )


@given(st.text("gcGC", min_size=1, max_size=12), tickets, st.integers(0, 40))
def test_it_agrees_on_what_is_out_when_it_stops_half_way(kinds: str, ticket: Ticket, stopped_after: int) -> None:
    plan = planned(kinds, ticket)
    sides = [side for index in range(min(stopped_after, len(plan))) for side in plan.sheet(index).sides]
    expected = first_impressions(document(kinds), ticket, len(sides))
    assert (expected.sheets, expected.colour_impressions) == (
        min(stopped_after, len(plan)),
        sum(side.colour for side in sides),
    )
