"""From pages and ticket to sheets and sides: tables for what people expect, properties for all the rest."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import FORCE_GREY, Imposition, PagesUnknown, first_impressions, impose
from everprint.documents.result import NOTHING, Output, Page, Sides
from everprint.documents.sheet_layout import Stretch, stretches
from everprint.documents.ticket import SidesKeyword, Ticket
from tests.documents.sheet_simulator import count, put_out

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
    ("kinds", "ticket", "stop", "expected"),
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
def test_what_a_printer_that_stopped_has_used(kinds: str, ticket: Ticket, stop: int, expected: str) -> None:
    assert in_words(first_impressions(pages(kinds), ticket, stop)) == expected


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


def document_of(*words: str) -> list[Page]:
    """A document by one word a page: its kind (see pages), *x3* its copies, *1* or *2* its sides, *!* a new sheet."""
    found = []
    for number, word in enumerate(words, 1):
        (page,) = pages(word[0])
        copies = int(word[word.index("x") + 1]) if "x" in word else 1
        rest = word[1:].replace(f"x{copies}", "")
        sides = {"1": SidesKeyword.ONE_SIDED, "2": DUPLEX}.get(rest.strip("!"))
        found.append(replace(page, number=number, copies=copies, sides=sides, starts_sheet="!" in word))
    return found


@pytest.mark.parametrize(
    ("words", "ticket", "expected"),
    [
        # A page's own copies are copies of its sheet.
        ("gx3 g", Ticket(), "4: 4 a4 grey"),
        ("gx3 cx3", Ticket(sides=DUPLEX), "3: 3 a4 grey two, 3 a4 colour two"),
        # Front once, back three times cannot be: a change of copies starts a new sheet.
        ("g gx3", Ticket(sides=DUPLEX), "4: 4 a4 grey"),
        ("gx3 g", Ticket(copies=2), "8: 8 a4 grey"),
        ("gx2 gx2", Ticket(number_up=2), "2: 2 a4 grey"),
        ("gx2 g", Ticket(number_up=2), "3: 3 a4 grey"),
        # A change of sides starts a new sheet: a one-sided cover, then two sides.
        ("g1 g2 g2", Ticket(), "2: 1 a4 grey, 2 a4 grey two"),
        ("g g1 g g", Ticket(sides=DUPLEX), "3: 2 a4 grey, 2 a4 grey two"),
        # A page that starts a sheet leaves the back before it empty, and the side with room as it is.
        ("g g!", Ticket(sides=DUPLEX), "2: 2 a4 grey"),
        ("g! g g! g", Ticket(sides=DUPLEX), "2: 4 a4 grey two"),
        ("g! g! g! g", Ticket(sides=DUPLEX), "3: 2 a4 grey, 2 a4 grey two"),
        ("g g! g", Ticket(number_up=2), "2: 2 a4 grey"),
        ("g g! g", Ticket(), "3: 3 a4 grey"),
    ],
)
def test_what_the_document_sets_for_its_pages(words: str, ticket: Ticket, expected: str) -> None:
    assert in_words(impose(document_of(*words.split()), ticket)) == expected


BOOKLET = Ticket(imposition="signature", sides=SidesKeyword.TWO_SIDED_SHORT_EDGE)


@pytest.mark.parametrize(
    ("kinds", "ticket", "expected"),
    [
        # One page: the back would have two empty places.
        ("g", BOOKLET, "1: 1 a4 grey"),
        ("gg", BOOKLET, "1: 2 a4 grey two"),
        ("gggg", BOOKLET, "1: 2 a4 grey two"),
        ("ggggg", BOOKLET, "2: 4 a4 grey two"),
        # The cover's outside is pages 8 and 1: one of them in colour makes one side of four coloured.
        ("gggggggc", BOOKLET, "2: 3 a4 grey two, 1 a4 colour two"),
        ("gggccggg", BOOKLET, "2: 3 a4 grey two, 1 a4 colour two"),
        ("gggggggc", replace(BOOKLET, copies=3), "6: 9 a4 grey two, 3 a4 colour two"),
        # number-up has no say in a booklet.
        ("gggg", replace(BOOKLET, number_up=4), "1: 2 a4 grey two"),
        # Other paper is another booklet.
        ("ggggGG", BOOKLET, "2: 2 a3 grey two, 2 a4 grey two"),
    ],
)
def test_a_booklet(kinds: str, ticket: Ticket, expected: str) -> None:
    assert in_words(impose(pages(kinds), ticket)) == expected


def test_a_document_that_asks_for_no_copy_of_a_page_gets_one() -> None:
    assert impose([replace(pages("g")[0], copies=0)], Ticket()).impressions == 1


documents = st.text("gcGC", min_size=1, max_size=40).map(pages)
own_words = st.builds(
    "{}{}{}{}".format,
    st.sampled_from("gcG"),
    st.sampled_from(["", "", "", "x2", "x3"]),
    st.sampled_from(["", "", "1", "2"]),
    st.sampled_from(["", "", "!"]),
)
set_documents = st.lists(own_words | st.just("g"), min_size=1, max_size=14).map(lambda words: document_of(*words))
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
    imposition=st.sampled_from(["none", "none", "signature"]),
)


@given(documents, tickets)
def test_the_first_of_all_impressions_are_all(document: list[Page], ticket: Ticket) -> None:
    whole = impose(document, ticket)
    assert first_impressions(document, ticket, whole.impressions) == whole
    assert first_impressions(document, ticket, 0) == NOTHING


@given(documents, tickets)
def test_each_impression_more_adds_one_side_and_takes_none_away(document: list[Page], ticket: Ticket) -> None:
    before = NOTHING
    for stop in range(1, impose(document, ticket).impressions + 1):
        now = first_impressions(document, ticket, stop)
        assert now.impressions == stop
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
    ticket = replace(ticket, number_up=1, imposition="none")
    chosen = [
        page
        for page in document
        if not ticket.page_ranges or any(low <= page.number <= high for low, high in ticket.page_ranges)
    ]
    assert impose(document, ticket).impressions == len(chosen) * ticket.copies


@given(documents | set_documents, tickets)
def test_it_agrees_with_a_printer_that_puts_out_every_single_sheet(document: list[Page], ticket: Ticket) -> None:
    sheets = put_out(document, ticket)
    assert impose(document, ticket) == count(sheets, ticket)


@given(documents | set_documents, tickets, st.integers(0, 60))
def test_it_agrees_with_that_printer_when_it_stops(document: list[Page], ticket: Ticket, stop: int) -> None:
    sheets = put_out(document, ticket)
    imposition = Imposition(stretches(document), ticket)
    assert imposition.first_impressions(stop) == count(sheets, ticket, stop)
    assert imposition.first_sheets(stop) == count(sheets[:stop], ticket)


def test_fewer_than_no_sheets_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 sheets"):
        Imposition(stretches(pages("g")), Ticket()).first_sheets(-1)


@pytest.mark.parametrize("imposition", ["none", "signature"])
@pytest.mark.parametrize("number_up", [1, 16])
def test_a_thousand_million_copies_of_a_million_pages_cost_no_time(number_up: int, imposition: str) -> None:
    document = [
        Stretch(400_000, A4, colour=False),
        Stretch(200_000, A4, colour=True, copies=10**9),
        Stretch(400_000, A3, colour=False, starts_sheet=True),
    ]
    ticket = Ticket(copies=10**9, sides=DUPLEX, number_up=number_up, imposition=imposition)
    begun = time.process_time()
    laid = Imposition(document, ticket)
    whole = laid.whole()
    assert laid.first_impressions(whole.impressions) == laid.first_sheets(whole.sheets) == whole
    assert time.process_time() - begun < 1


def test_a_million_pages_a_million_times_take_seconds_not_days() -> None:
    document = pages("g" * 1_000_000)
    ticket = Ticket(copies=1_000_000, sides=DUPLEX)
    begun = time.monotonic()
    assert impose(document, ticket).sheets == 500_000 * 1_000_000
    assert first_impressions(document, ticket, 10**11 + 1).sheets == 10**11 // 2 + 1
    assert time.monotonic() - begun < 20
