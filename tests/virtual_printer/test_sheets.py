"""The printer's own arithmetic of sheets: by hand for what people expect, and against `documents.imposition`, which
was written apart from it, for all the rest.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import first_impressions, impose
from everprint.documents.result import Page
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.virtual_printer.sheets import Plan, SheetSide, plan_sheets

DUPLEX = SidesKeyword.TWO_SIDED_LONG_EDGE


def document(kinds: str) -> list[Page]:
    """g and c are a grey and a coloured A4 page, G and C the same on A3."""
    a4, a3 = "iso_a4_210x297mm", "iso_a3_297x420mm"
    return [
        Page(number, 210, 297, a3 if kind.isupper() else a4, kind in "cC") for number, kind in enumerate(kinds, 1)
    ]


def in_words(plan: Plan) -> str:
    """Every sheet in order: page numbers, + between those that share a side, / between the sides, _ nothing."""
    sheets = [plan.sheet(index) for index in range(len(plan))]

    def cells(side: SheetSide) -> str:
        return "+".join(str(page.number) if page else "_" for page in side.pages)

    return " ".join("/".join(cells(side) for side in sheet.sides) for sheet in sheets)


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


def test_a_booklet_reads_as_a_book_when_it_is_folded() -> None:
    booklet = Ticket(imposition="signature", sides=SidesKeyword.TWO_SIDED_SHORT_EDGE)
    assert in_words(planned("g" * 8, booklet)) == "8+1/2+7 6+3/4+5"
    assert in_words(planned("ggggg", booklet)) == "_+1/2+_ _+3/4+5"
    assert in_words(planned("g", booklet)) == "_+1"
    assert planned("g" * 8, booklet).number_up == 2


def test_what_the_document_sets_for_single_pages_is_done() -> None:
    one, two, three, four = document("gggg")
    pages = [replace(one, sides=SidesKeyword.ONE_SIDED), replace(two, copies=2), replace(three, copies=2), four]
    plan = plan_sheets(pages, Ticket(copies=2, sides=DUPLEX), colour_printer=True)
    assert in_words(plan) == "1 2/3 2/3 4 1 2/3 2/3 4"
    assert [plan.first_like(index) for index in range(8)] == [0, 1, 1, 3, 0, 1, 1, 3]
    uncollated = plan_sheets(pages, Ticket(copies=2, sides=DUPLEX, collated=False), colour_printer=True)
    assert in_words(uncollated) == "1 1 2/3 2/3 2/3 2/3 4 4"
    assert [uncollated.first_like(index) for index in range(8)] == [0, 0, 2, 2, 2, 2, 6, 6]
    started = [one, replace(two, starts_sheet=True), three]
    assert in_words(plan_sheets(started, Ticket(sides=DUPLEX), colour_printer=True)) == "1 2/3"


def test_a_thousand_million_copies_are_no_work() -> None:
    plan = plan_sheets(
        [replace(page, copies=10**9) for page in document("gg")], Ticket(copies=10**9), colour_printer=True
    )
    assert len(plan) == plan.impressions == 2 * 10**18
    assert plan.first_like(10**18 - 1) == 10**9


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
    imposition=st.sampled_from(["none", "none", "signature"]),
)
own = st.tuples(st.integers(1, 3), st.none() | st.sampled_from(SidesKeyword), st.booleans())
documents = st.lists(
    st.tuples(st.sampled_from("gcGC"), st.just((1, None, False)) | own), min_size=1, max_size=12
).map(
    lambda pages: [
        replace(page, copies=copies, sides=sides, starts_sheet=starts)
        for page, (_, (copies, sides, starts)) in zip(
            document("".join(kind for kind, _ in pages)), pages, strict=True
        )
    ]
)


@given(documents, tickets)
def test_it_agrees_with_what_the_print_provider_computes(pages: list[Page], ticket: Ticket) -> None:
    plan, expected = plan_sheets(pages, ticket, colour_printer=True), impose(pages, ticket)
    assert (len(plan), plan.impressions, plan.colour_impressions) == (
        expected.sheets,
        expected.impressions,
        expected.colour_impressions,
    )


@given(documents, tickets, st.integers(0, 40))
def test_it_agrees_on_what_is_out_when_it_stops_half_way(
    pages: list[Page], ticket: Ticket, stopped_after: int
) -> None:
    plan = plan_sheets(pages, ticket, colour_printer=True)
    sides = [side for index in range(min(stopped_after, len(plan))) for side in plan.sheet(index).sides]
    expected = first_impressions(pages, ticket, len(sides))
    assert (expected.sheets, expected.colour_impressions) == (
        min(stopped_after, len(plan)),
        sum(side.colour for side in sides),
    )
