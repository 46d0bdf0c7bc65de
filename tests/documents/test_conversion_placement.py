"""Which pages a conversion puts on which sheets: never other sheets than are counted, in the order people expect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.conversion.placement import NO_SIDE, Sheet, Side, agrees, in_order, place, with_backs
from everprint.documents.result import Page
from everprint.documents.ticket import SIGNATURE, SidesKeyword, Ticket
from everprint.virtual_printer.sheets import plan_sheets

A4, A5 = "iso_a4_210x297mm", "iso_a5_148x210mm"
ONE, LONG, SHORT = SidesKeyword

PAGES = st.lists(
    st.tuples(
        st.sampled_from([A4, A4, A4, A5]),
        st.booleans(),
        st.sampled_from([1, 1, 1, 2]),
        st.sampled_from([None, None, ONE, LONG]),
        st.sampled_from([False, False, False, True]),
    ),
    min_size=1,
    max_size=14,
).map(
    lambda kinds: [
        Page(number, 210, 297, media, colour, copies=copies, sides=sides, starts_sheet=starts)
        for number, (media, colour, copies, sides, starts) in enumerate(kinds, 1)
    ]
)
TICKETS = st.builds(
    Ticket,
    copies=st.integers(1, 3),
    sides=st.sampled_from(SidesKeyword),
    number_up=st.sampled_from([1, 2, 4, 6]),
    page_ranges=st.sampled_from([(), ((1, 3),), ((2, 2), (4, 9))]),
    print_color_mode=st.sampled_from(["auto", "monochrome"]),
    media=st.sampled_from([None, A5]),
    collated=st.booleans(),
    imposition=st.sampled_from(["none", "none", SIGNATURE]),
)


@given(PAGES, TICKETS)
def test_what_is_put_out_is_what_is_counted(pages: list[Page], ticket: Ticket) -> None:
    assert agrees(list(place(pages, ticket)), pages, ticket)


@given(PAGES, TICKETS)
def test_pages_lie_where_a_printer_that_does_it_itself_lays_them(pages: list[Page], ticket: Ticket) -> None:
    """The virtual printer's arithmetic was made apart from ours."""
    own = plan_sheets(pages, ticket, colour_printer=True)
    ours = list(in_order(list(place(pages, ticket)), ticket.copies, collated=ticket.collated))
    assert len(ours) == len(own)
    for index, sheet in enumerate(ours):
        theirs = own.sheet(index)
        assert sheet.media == theirs.media
        assert [(side.colour, numbers(side)) for side in sheet.sides] == [
            (side.colour, [page.number for page in side.pages if page]) for side in theirs.sides
        ]


def numbers(side: Side) -> list[int]:
    return [page.number for page in side.cells if page]


@given(PAGES, TICKETS)
def test_a_device_that_takes_each_side_as_it_comes_turns_to_the_right_sheets(
    pages: list[Page], ticket: Ticket
) -> None:
    """It knows of each side no more than its header says: the paper, and whether it is to be two-sided."""
    sheets = list(in_order(list(place(pages, ticket)), ticket.copies, collated=ticket.collated))
    put_out: list[list[list[int]]] = []
    front: str | None = None  # the paper of a sheet whose back is free
    for sheet, side, is_back in with_backs(sheets):
        two_sided = sheet.is_two_sided
        assert is_back == (two_sided and front == sheet.media)
        if is_back:
            if side is not NO_SIDE:
                put_out[-1].append(numbers(side))
            front = None
        else:
            put_out.append([numbers(side)])
            front = sheet.media if two_sided else None
    assert put_out == [[numbers(side) for side in sheet.sides] for sheet in sheets]


def shown(sheets: Iterable[Sheet]) -> list[list[list[int | None]]]:
    return [[[page.number if page else None for page in side.cells] for side in sheet.sides] for sheet in sheets]


def a4(number: int) -> list[Page]:
    return [Page(one, 210, 297, A4, colour=False) for one in range(1, number + 1)]


def test_a_booklet_of_six_pages() -> None:
    ticket = Ticket(imposition=SIGNATURE, sides=SHORT)
    assert shown(place(a4(6), ticket)) == [[[None, 1], [2, None]], [[6, 3], [4, 5]]]


def test_an_odd_copy_ends_with_an_empty_back_and_the_last_one_does_not() -> None:
    sheets = list(in_order(list(place(a4(3), Ticket(sides=LONG))), 2, collated=True))
    sides = [numbers(side) for _, side, _ in with_backs(sheets)]
    assert sides == [[1], [2], [3], [], [1], [2], [3]]


def test_another_count_is_noticed() -> None:
    pages: Sequence[Page] = a4(3)
    sheets = list(place(pages, Ticket()))
    assert not agrees(sheets[:2], pages, Ticket())
