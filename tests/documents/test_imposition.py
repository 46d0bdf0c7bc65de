"""From pages and ticket to sheets and sides: tables for what people expect, properties for all the rest."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import FORCE_GREY, PagesUnknown, first_impressions, impose
from everprint.documents.result import NOTHING, Output, Page, Sides
from everprint.documents.ticket import SidesKeyword, Ticket

A4, A3 = "iso_a4_210x297mm", "iso_a3_297x420mm"
DUPLEX = SidesKeyword.TWO_SIDED_LONG_EDGE


def pages(kinds: str) -> list[Page]:
    """A document in one line: g and c are a grey and a coloured A4 page, G and C the same on A3."""
    return [
        Page(number, 297, 420, A3, kind == "C") if kind.isupper() else Page(number, 210, 297, A4, kind == "c")
        for number, kind in enumerate(kinds, 1)
    ]


def in_words(output: Output) -> str:
    """An output in one line: `sheets: impressions paper colour [two-sided], ...`."""

    def words(kind: Sides) -> str:
        colour, two = "colour" if kind.colour else "grey", " two" if kind.two_sided else ""
        return f"{kind.impressions} {kind.media[4:6]} {colour}{two}"

    return f"{output.sheets}: {', '.join(words(kind) for kind in output.sides)}"


@pytest.mark.parametrize(
    ("kinds", "ticket", "expected"),
    [
        ("g", Ticket(), "1: 1 a4 grey"),
        ("gcg", Ticket(), "3: 2 a4 grey, 1 a4 colour"),
        ("g" * 20 + "c", Ticket(), "21: 20 a4 grey, 1 a4 colour"),
        ("ggg", Ticket(copies=2), "6: 6 a4 grey"),
        ("gggg", Ticket(sides=DUPLEX), "2: 4 a4 grey two"),
        ("gggg", Ticket(sides=SidesKeyword.TWO_SIDED_SHORT_EDGE), "2: 4 a4 grey two"),
        # The empty back of the last sheet is no impression, and the sheet is one-sided.
        ("ggg", Ticket(sides=DUPLEX), "2: 1 a4 grey, 2 a4 grey two"),
        ("g", Ticket(sides=DUPLEX), "1: 1 a4 grey"),
        # Each copy starts on a sheet of its own: 2 copies of 3 pages are 4 sheets, not 3.
        ("ggg", Ticket(sides=DUPLEX, copies=2), "4: 2 a4 grey, 4 a4 grey two"),
        ("ggg", Ticket(sides=DUPLEX, copies=2, collated=False), "4: 2 a4 grey, 4 a4 grey two"),
        ("gc", Ticket(sides=DUPLEX), "1: 1 a4 grey two, 1 a4 colour two"),
        # n-up is charged by the side, not by the page.
        ("gggg", Ticket(number_up=4), "1: 1 a4 grey"),
        ("ggggg", Ticket(number_up=4), "2: 2 a4 grey"),
        ("ggggcggg", Ticket(number_up=4, sides=DUPLEX), "1: 1 a4 grey two, 1 a4 colour two"),
        ("ggc", Ticket(number_up=2, copies=3), "6: 3 a4 grey, 3 a4 colour"),
        # A change of paper starts a new sheet, and a new impression.
        ("gGg", Ticket(sides=DUPLEX), "3: 1 a3 grey, 2 a4 grey"),
        ("ggGGG", Ticket(sides=DUPLEX), "3: 1 a3 grey, 2 a3 grey two, 2 a4 grey two"),
        ("gGG", Ticket(number_up=2), "2: 1 a3 grey, 1 a4 grey"),
        ("gGcC", Ticket(sides=DUPLEX, media=A4), "2: 2 a4 grey two, 2 a4 colour two"),
        # The ticket may force grey.
        ("cc", Ticket(print_color_mode="monochrome"), "2: 2 a4 grey"),
        ("cc", Ticket(print_color_mode="color"), "2: 2 a4 colour"),
        # page-ranges count pages of the document, before n-up.
        ("ggcgg", Ticket(page_ranges=((1, 2), (4, 5))), "4: 4 a4 grey"),
        ("ggcgg", Ticket(page_ranges=((3, 99),)), "3: 2 a4 grey, 1 a4 colour"),
        ("gggg", Ticket(page_ranges=((1, 3), (2, 4))), "4: 4 a4 grey"),
        ("gggg", Ticket(page_ranges=((2, 4),), number_up=2, sides=DUPLEX), "1: 2 a4 grey two"),
        ("gg", Ticket(page_ranges=((7, 9),)), "0: "),
    ],
)
def test_what_comes_out(kinds: str, ticket: Ticket, expected: str) -> None:
    assert in_words(impose(pages(kinds), ticket)) == expected


def test_a_blank_page_passes_the_marker_and_is_an_impression() -> None:
    blank = replace(pages("g")[0], blank=True)
    assert impose([blank], Ticket()).impressions == 1


@pytest.mark.parametrize("mode", sorted(FORCE_GREY))
def test_every_grey_mode_takes_the_colour_out(mode: str) -> None:
    assert impose(pages("ccC"), Ticket(print_color_mode=mode)).colour_impressions == 0


@pytest.mark.parametrize("mode", ["auto", "color", "highlight"])
def test_other_modes_leave_the_colour(mode: str) -> None:
    assert impose(pages("ccg"), Ticket(print_color_mode=mode)).colour_impressions == 2


@pytest.mark.parametrize(
    ("kinds", "ticket", "count", "expected"),
    [
        ("gcg", Ticket(copies=2), 0, "0: "),
        ("gcg", Ticket(copies=2), 1, "1: 1 a4 grey"),
        ("gcg", Ticket(copies=2), 4, "4: 3 a4 grey, 1 a4 colour"),
        # Uncollated, both copies of a sheet come out before the next sheet.
        ("gcg", Ticket(copies=2, collated=False), 3, "3: 2 a4 grey, 1 a4 colour"),
        ("gcg", Ticket(copies=2, collated=False), 4, "4: 2 a4 grey, 2 a4 colour"),
        # Stopped between front and back: the sheet is used, and stays what it was to become.
        ("gcg", Ticket(sides=DUPLEX), 1, "1: 1 a4 grey two"),
        ("gcg", Ticket(sides=DUPLEX), 2, "1: 1 a4 grey two, 1 a4 colour two"),
        ("gcg", Ticket(sides=DUPLEX), 3, "2: 1 a4 grey, 1 a4 grey two, 1 a4 colour two"),
        ("gcg", Ticket(sides=DUPLEX, copies=2), 4, "3: 1 a4 grey, 2 a4 grey two, 1 a4 colour two"),
        ("gg", Ticket(sides=DUPLEX, copies=3, collated=False), 3, "2: 3 a4 grey two"),
        ("gggggggg", Ticket(number_up=4), 1, "1: 1 a4 grey"),
        ("gg", Ticket(), 99, "2: 2 a4 grey"),
    ],
)
def test_what_a_printer_that_stopped_has_used(kinds: str, ticket: Ticket, count: int, expected: str) -> None:
    assert in_words(first_impressions(pages(kinds), ticket, count)) == expected


def test_unknown_pages_are_refused_and_never_nothing() -> None:
    with pytest.raises(PagesUnknown):
        impose([], Ticket())
    with pytest.raises(PagesUnknown):
        first_impressions([], Ticket(), 1)


@pytest.mark.parametrize("ticket", [Ticket(copies=0), Ticket(copies=-1), Ticket(number_up=0)])
def test_an_impossible_ticket_is_refused(ticket: Ticket) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        impose(pages("g"), ticket)


def test_fewer_than_no_impressions_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 impressions"):
        first_impressions(pages("g"), Ticket(), -1)


documents = st.text("gcGC", min_size=1, max_size=40).map(pages)
ranges = st.lists(st.integers(1, 45), max_size=6, unique=True).map(
    lambda edges: tuple((low, high) for low, high in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
tickets = st.builds(
    Ticket,
    copies=st.integers(1, 5),
    sides=st.sampled_from(SidesKeyword),
    number_up=st.sampled_from([1, 2, 4, 6, 9, 16]),
    page_ranges=ranges,
    print_color_mode=st.sampled_from(["auto", "color", "monochrome"]),
    media=st.sampled_from([None, A4]),
    collated=st.booleans(),
)


@given(documents, tickets)
def test_the_first_of_all_impressions_are_all(document: list[Page], ticket: Ticket) -> None:
    whole = impose(document, ticket)
    assert first_impressions(document, ticket, whole.impressions) == whole
    assert first_impressions(document, ticket, 0) == NOTHING


@given(documents, tickets)
def test_each_impression_more_adds_one_side_and_takes_none_away(document: list[Page], ticket: Ticket) -> None:
    before = NOTHING
    for count in range(1, impose(document, ticket).impressions + 1):
        now = first_impressions(document, ticket, count)
        assert now.impressions == count
        assert before.sheets <= now.sheets <= before.sheets + 1
        grown = {replace(kind, impressions=0): kind.impressions for kind in now.sides}
        assert all(grown[replace(kind, impressions=0)] >= kind.impressions for kind in before.sides)
        before = now


@given(documents, tickets)
def test_sheets_and_sides_add_up(document: list[Page], ticket: Ticket) -> None:
    output = impose(document, ticket)
    one_sided = sum(kind.impressions for kind in output.sides if not kind.two_sided)
    two_sided = sum(kind.impressions for kind in output.sides if kind.two_sided)
    assert output.sheets == one_sided + two_sided / 2
    assert all(kind.impressions > 0 for kind in output.sides)
    if ticket.sides is SidesKeyword.ONE_SIDED:
        assert two_sided == 0
    if ticket.print_color_mode == "monochrome":
        assert output.colour_impressions == 0


@given(documents, tickets)
def test_copies_multiply(document: list[Page], ticket: Ticket) -> None:
    one, all_copies = impose(document, replace(ticket, copies=1)), impose(document, ticket)
    assert all_copies.sheets == one.sheets * ticket.copies
    assert all_copies.sides == tuple(
        Sides(kind.media, kind.colour, kind.two_sided, kind.impressions * ticket.copies) for kind in one.sides
    )


@given(documents, tickets)
def test_one_up_every_chosen_page_is_an_impression(document: list[Page], ticket: Ticket) -> None:
    ticket = replace(ticket, number_up=1)
    chosen = [
        page
        for page in document
        if not ticket.page_ranges or any(low <= page.number <= high for low, high in ticket.page_ranges)
    ]
    assert impose(document, ticket).impressions == len(chosen) * ticket.copies


def test_a_million_pages_a_million_times_take_seconds_not_days() -> None:
    document = pages("g" * 1_000_000)
    ticket = Ticket(copies=1_000_000, sides=DUPLEX)
    begun = time.monotonic()
    assert impose(document, ticket).sheets == 500_000 * 1_000_000
    assert first_impressions(document, ticket, 10**11 + 1).sheets == 10**11 // 2 + 1
    assert time.monotonic() - begun < 20
