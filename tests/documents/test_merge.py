"""Who has the say about each attribute: the client by IPP, the document, the device. By tables, one row a rule."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import impose
from everprint.documents.merge import merge
from everprint.documents.result import Page
from everprint.documents.ticket import SILENT, SidesKeyword, Ticket, TicketPart

A4 = "iso_a4_210x297mm"
ONE, LONG, SHORT = SidesKeyword
DEVICE = Ticket()


def pages(number: int, **own: object) -> tuple[Page, ...]:
    return tuple(replace(Page(at, 210, 297, A4, colour=False), **own) for at in range(1, number + 1))  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize(
    ("field", "client", "document", "device", "holds"),
    [
        # Nobody says anything but the device.
        ("copies", None, None, 1, 1),
        ("sides", None, None, LONG, LONG),
        ("number_up", None, None, 2, 2),
        ("print_color_mode", None, None, "monochrome", "monochrome"),
        ("collated", None, None, False, False),
        # The document over the device: a file that asks for two copies gets two, and is charged for two.
        ("copies", None, 2, 1, 2),
        ("sides", None, LONG, ONE, LONG),
        ("sides", None, ONE, LONG, ONE),
        ("number_up", None, 4, 1, 4),
        ("page_ranges", None, ((2, 3),), (), ((2, 3),)),
        ("print_color_mode", None, "monochrome", "auto", "monochrome"),
        ("media", None, "iso_a3_297x420mm", None, "iso_a3_297x420mm"),
        ("collated", None, False, True, False),
        ("imposition", None, "signature", "none", "signature"),
        ("finishings", None, ("staple",), (), ("staple",)),
        # The client over both (pdl-override-supported = attempted).
        ("copies", 3, 2, 1, 3),
        ("copies", 1, 2, 1, 1),
        ("sides", ONE, LONG, LONG, ONE),
        ("number_up", 1, 4, 2, 1),
        ("page_ranges", ((1, 1),), ((2, 3),), (), ((1, 1),)),
        ("print_color_mode", "color", "monochrome", "auto", "color"),
        ("media", A4, "iso_a3_297x420mm", None, A4),
        ("collated", True, False, False, True),
        ("imposition", "none", "signature", "none", "none"),
        ("finishings", ("none",), ("staple",), (), ("none",)),
        # *auto* is the client's word for "as the document has it".
        ("print_color_mode", "auto", "monochrome", "auto", "monochrome"),
        ("print_color_mode", "auto", None, "monochrome", "auto"),
        # What no printer could follow was not said.
        ("copies", None, 0, 1, 1),
        ("copies", None, -5, 2, 2),
        ("number_up", None, 0, 1, 1),
    ],
)
def test_who_has_the_say(field: str, client: object, document: object, device: object, holds: object) -> None:
    merged = merge(
        replace(SILENT, **{field: client}),  # type: ignore[arg-type] # fields by name
        replace(SILENT, **{field: document}),  # type: ignore[arg-type]
        replace(DEVICE, **{field: device}),  # type: ignore[arg-type]
        pages(3),
    )
    assert getattr(merged.ticket, field) == holds


@pytest.mark.parametrize("field", [field.name for field in fields(Ticket)])
def test_every_attribute_of_a_ticket_can_be_said_by_client_and_document(field: str) -> None:
    assert hasattr(SILENT, field)


def test_a_device_that_does_not_override_does_as_the_document_says() -> None:
    asked, document = TicketPart(copies=3, sides=ONE), TicketPart(copies=2)
    merged = merge(asked, document, DEVICE, document_holds=True)
    assert (merged.ticket.copies, merged.ticket.sides) == (2, ONE)
    merged = merge(
        TicketPart(copies=3, sides=ONE), SILENT, DEVICE, pages(2, copies=2, sides=LONG), document_holds=True
    )
    assert impose(merged.pages, merged.ticket).sheets == 2
    assert not merged.overruled


def test_copies_of_single_pages_hold_while_the_client_is_silent() -> None:
    merged = merge(SILENT, SILENT, replace(DEVICE, copies=5), pages(2, copies=3))
    assert (merged.ticket.copies, [page.copies for page in merged.pages]) == (1, [3, 3])
    assert impose(merged.pages, merged.ticket).impressions == 6


def test_a_document_may_ask_for_copies_of_pages_and_of_all() -> None:
    merged = merge(SILENT, TicketPart(copies=2), DEVICE, pages(2, copies=3))
    assert impose(merged.pages, merged.ticket).impressions == 12


def test_a_client_who_says_how_many_copies_means_the_whole_document() -> None:
    merged = merge(TicketPart(copies=2), SILENT, DEVICE, pages(2, copies=3))
    assert impose(merged.pages, merged.ticket).impressions == 4
    assert merged.overruled == ("the document sets copies for single pages; the job asks for 2, which holds",)


def test_sides_of_single_pages_hold_while_the_client_is_silent() -> None:
    cover, *inside = pages(3)
    mixed = (replace(cover, sides=ONE), *(replace(page, sides=LONG) for page in inside))
    silent = merge(SILENT, SILENT, DEVICE, mixed)
    assert impose(silent.pages, silent.ticket).sheets == 2
    asked = merge(TicketPart(sides=ONE), SILENT, DEVICE, mixed)
    assert impose(asked.pages, asked.ticket).sheets == 3


def test_a_new_sheet_stays_a_new_sheet_whatever_the_client_asks() -> None:
    merged = merge(TicketPart(sides=LONG), SILENT, DEVICE, pages(2, starts_sheet=True))
    assert impose(merged.pages, merged.ticket).sheets == 2


def test_a_booklet_is_two_sided_unless_somebody_says_otherwise() -> None:
    assert merge(TicketPart(imposition="signature"), SILENT, DEVICE).ticket.sides is SHORT
    assert merge(TicketPart(imposition="signature", sides=ONE), SILENT, DEVICE).ticket.sides is ONE
    assert merge(TicketPart(imposition="signature"), TicketPart(sides=LONG), DEVICE).ticket.sides is LONG


def test_what_the_document_sets_in_vain_is_said() -> None:
    merged = merge(TicketPart(copies=1, number_up=2), TicketPart(copies=2, number_up=2), DEVICE)
    assert merged.overruled == ("the document sets copies to 2; the job asks for 1, which holds",)


parts = st.builds(
    TicketPart,
    copies=st.none() | st.integers(1, 5),
    sides=st.none() | st.sampled_from(SidesKeyword),
    number_up=st.none() | st.sampled_from([1, 2, 4]),
    print_color_mode=st.none() | st.sampled_from(["auto", "color", "monochrome"]),
    collated=st.none() | st.booleans(),
)


@given(parts)
def test_a_client_who_says_everything_gets_just_that(document: TicketPart) -> None:
    everything = TicketPart(2, SHORT, 4, ((1, 9),), "color", A4, False, "none", ("none",))
    merged = merge(everything, document, DEVICE, pages(9, copies=2, sides=LONG))
    assert merged.ticket == Ticket(2, SHORT, 4, ((1, 9),), "color", A4, False, "none", ("none",))
    assert all(page.copies == 1 and page.sides is None for page in merged.pages)


@given(parts, parts)
def test_merging_what_came_of_merging_changes_nothing(asked: TicketPart, document: TicketPart) -> None:
    once = merge(asked, document, DEVICE, pages(3, copies=2))
    assert merge(SILENT, SILENT, once.ticket, once.pages).pages == once.pages
    assert merge(asked, document, once.ticket, once.pages).ticket == once.ticket
