"""Who does what of a job: the device, or we before it. And that clients are offered just that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.conversion.convertible import CONVERTIBLE
from everprint.documents.conversion.task import Pixel, SheetBack, Target
from everprint.documents.merge import merge
from everprint.documents.result import Language
from everprint.documents.ticket import SIGNATURE, SILENT, Ticket, TicketPart
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import (
    Attribute,
    Group,
    boolean,
    integer,
    keyword,
    mime_media_type,
    range_of_integer,
    resolution,
)
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange, Resolution
from everprint.provider.conversion.capabilities import COLLATED, Capabilities, RasterCapabilities, read_capabilities
from everprint.provider.conversion.offered import offered
from everprint.provider.conversion.plan import AS_IT_IS, NoWay, Plan, Step, cannot, plan, target_for
from everprint.provider.mirrored import mirror

PDF, PWG, URF, AUTO = "application/pdf", "image/pwg-raster", "image/urf", "application/octet-stream"
RASTER = RasterCapabilities(((300, 300),), frozenset(Pixel))
BOTH = frozenset({COLLATED, "separate-documents-uncollated-copies"})

FULL = Capabilities(frozenset({AUTO, PDF}), 999, BOTH, page_ranges=True, number_up=(1, 2, 4), signature=True)
SIMPLE = Capabilities(frozenset({AUTO, PDF}))
PWG_ONLY = Capabilities(frozenset({AUTO, PWG}), 99, BOTH, rasters={Target.PWG_RASTER: RASTER})
URF_ONLY = Capabilities(frozenset({AUTO, URF}), rasters={Target.URF: RASTER})
PCL = Capabilities(frozenset({"application/vnd.hp-pcl"}), 99)
BLIND = Capabilities(frozenset({AUTO}))

RANGES = TicketPart(page_ranges=((2, 3),))
TWO_UP = TicketPart(number_up=2)
BOOKLET = TicketPart(imposition=SIGNATURE)
COPIES = TicketPart(copies=3)


def planned(
    device: Capabilities, asked: TicketPart, language: Language = Language.PDF, claimed_format: str = AUTO
) -> Plan:
    ticket = merge(asked, SILENT, Ticket()).ticket
    return plan(device, asked, ticket, language, CONVERTIBLE, claimed_format=claimed_format)


@pytest.mark.parametrize(
    ("device", "asked", "language", "expected"),
    [
        (FULL, SILENT, Language.PDF, AS_IT_IS),
        (FULL, replace(RANGES, number_up=4, copies=9, collated=False), Language.PDF, AS_IT_IS),
        (FULL, BOOKLET, Language.PDF, AS_IT_IS),
        (FULL, TicketPart(number_up=6), Language.PDF, Plan(Target.PDF, Step.NUMBER_UP)),
        (FULL, SILENT, Language.JPEG, Plan(Target.PDF, Step.NOTHING)),
        (FULL, SILENT, Language.PCL, AS_IT_IS),
        (SIMPLE, SILENT, Language.PDF, AS_IT_IS),
        (SIMPLE, RANGES, Language.PDF, Plan(Target.PDF, Step.PAGE_RANGES)),
        (SIMPLE, TWO_UP, Language.PDF, Plan(Target.PDF, Step.NUMBER_UP)),
        (SIMPLE, BOOKLET, Language.PDF, Plan(Target.PDF, Step.NUMBER_UP)),
        (SIMPLE, COPIES, Language.PDF, Plan(Target.PDF, Step.COPIES)),
        # Copies are as good in any order if nobody asked for one.
        (replace(SIMPLE, most_copies=9), COPIES, Language.PDF, AS_IT_IS),
        (replace(SIMPLE, most_copies=9), replace(COPIES, collated=True), Language.PDF, Plan(Target.PDF, Step.COPIES)),
        (PWG_ONLY, SILENT, Language.PDF, Plan(Target.PWG_RASTER, Step.NUMBER_UP)),
        (PWG_ONLY, COPIES, Language.PDF, Plan(Target.PWG_RASTER, Step.NUMBER_UP)),
        (PWG_ONLY, SILENT, Language.PWG_RASTER, AS_IT_IS),
        (URF_ONLY, COPIES, Language.POSTSCRIPT, Plan(Target.URF, Step.COPIES)),
        (PCL, SILENT, Language.PCL, AS_IT_IS),
        (BLIND, TWO_UP, Language.PDF, AS_IT_IS),
    ],
)
def test_who_does_what(device: Capabilities, asked: TicketPart, language: Language, expected: Plan) -> None:
    claimed = "application/vnd.hp-pcl" if language is Language.PCL else AUTO
    assert planned(device, asked, language, claimed) == expected


def test_a_document_that_the_device_does_not_take_and_nobody_converts() -> None:
    with pytest.raises(NoWay, match="does not take PDF"):
        planned(PCL, SILENT)


def test_text_is_drawn_only_for_who_calls_it_text() -> None:
    """A label printer's own language looks like text."""
    assert planned(SIMPLE, SILENT, Language.TEXT) == AS_IT_IS
    assert planned(SIMPLE, SILENT, Language.TEXT, "text/plain; charset=utf-8").target is Target.PDF


def test_what_is_done_here_is_told_nobody_again() -> None:
    ticket = Ticket(copies=3, number_up=2, page_ranges=((1, 2),), imposition=SIGNATURE)
    for step in Step:
        how = Plan(Target.PDF, step)
        here = how.here(ticket)
        assert (here.page_ranges != ()) == ("page-ranges" in how.withheld) == (step >= Step.PAGE_RANGES)
        assert (here.number_up != 1) == ("number-up" in how.withheld) == (step >= Step.NUMBER_UP)
        assert (here.imposition != "none") == ("imposition-template" in how.withheld)
        assert (here.copies != 1) == ("copies" in how.withheld) == (step is Step.COPIES)


def test_what_nobody_can_do_for_a_language_is_left_out() -> None:
    asked = TicketPart(copies=3, number_up=2, page_ranges=((1, 2),), imposition=SIGNATURE)
    left, out = cannot(SIMPLE, asked, Language.PCL, CONVERTIBLE)
    assert left == SILENT and set(out) == {"copies", "number_up", "page_ranges", "imposition"}
    assert cannot(FULL, replace(asked, number_up=4), Language.PCL, CONVERTIBLE) == (replace(asked, number_up=4), ())
    assert cannot(SIMPLE, asked, Language.PDF, CONVERTIBLE) == (asked, ())


OPTIONS = (
    integer("copies", 500),
    integer("number-up", 6),
    Attribute.of("page-ranges", range_of_integer("x", IntegerRange(1, 1)).tags[0], IntegerRange(2, 4)),
    keyword("multiple-document-handling", "separate-documents-uncollated-copies"),
    keyword("imposition-template", "signature"),
)


def says(formats: tuple[str, ...], *others: Attribute) -> dict[str, Attribute]:
    return mirror(
        Group(
            GroupTag.PRINTER,
            (
                mime_media_type("document-format-supported", *formats),
                keyword("sides-supported", "one-sided", "two-sided-long-edge"),
                resolution("pwg-raster-document-resolution-supported", Resolution(600, 300), Resolution(600, 600)),
                keyword("pwg-raster-document-type-supported", "sgray_8", "adobe-rgb_8"),
                keyword("pwg-raster-document-sheet-back", "rotated"),
                keyword("urf-supported", "V1.4", "RS300-600", "W8", "SRGB24", "DM2"),
                *others,
            ),
        )
    )


@pytest.mark.parametrize("formats", [(AUTO, PDF), (AUTO, PWG), (URF,)])
def test_all_of_it_is_offered_where_it_can_be_done(formats: tuple[str, ...]) -> None:
    device = says(formats, integer("number-up-supported", 1, 8))
    shown = offered(device, read_capabilities(device), CONVERTIBLE)
    assert check_job_template(Group(GroupTag.JOB, (*OPTIONS, integer("number-up", 8))), shown).is_supported
    assert {PDF, "image/jpeg", "image/png", "text/plain"} < set(shown["document-format-supported"].values)
    # And what is offered is planned for.
    ability = read_capabilities(device)
    assert planned(ability, TicketPart(copies=500, number_up=6, page_ranges=((2, 4),)), Language.JPEG).target


@pytest.mark.parametrize("formats", [(AUTO,), ("application/vnd.hp-pcl", AUTO)])
def test_nothing_is_offered_that_nobody_does(formats: tuple[str, ...]) -> None:
    device = says(formats)
    assert offered(device, read_capabilities(device), CONVERTIBLE) == device
    pdf = says((AUTO, PDF))
    assert offered(pdf, read_capabilities(pdf), frozenset()) == pdf


def test_the_device_is_read() -> None:
    device = read_capabilities(says((AUTO, PWG, URF), boolean("page-ranges-supported", True)))
    pwg, urf = device.rasters[Target.PWG_RASTER], device.rasters[Target.URF]
    assert pwg == RasterCapabilities(((600, 300), (600, 600)), frozenset({Pixel.SGRAY_8}), SheetBack.ROTATED)
    assert urf.dpi == ((300, 300), (600, 600)) and urf.sheet_back is SheetBack.FLIPPED
    assert device.page_ranges and device.two_sided and target_for(device) is Target.PWG_RASTER
    assert device.paper_for("custom_x_210.5x297mm") == "iso_a4_210x297mm"
    assert device.paper_for("iso_a0_841x1189mm") == device.default_media


ASKED = st.builds(
    TicketPart,
    copies=st.sampled_from([None, 1, 3]),
    number_up=st.sampled_from([None, 1, 2, 6]),
    page_ranges=st.sampled_from([None, ((1, 2),)]),
    imposition=st.sampled_from([None, SIGNATURE]),
    collated=st.sampled_from([None, True, False]),
)
DEVICES = st.builds(
    Capabilities,
    formats=st.sampled_from([frozenset({AUTO, PDF}), frozenset({PWG}), frozenset({PDF, PWG})]),
    most_copies=st.sampled_from([1, 2, 99]),
    handlings=st.sampled_from([frozenset(), BOTH]),
    page_ranges=st.booleans(),
    number_up=st.sampled_from([(), (1, 2)]),
    signature=st.booleans(),
    rasters=st.just({Target.PWG_RASTER: RASTER}),
)


@given(DEVICES, ASKED)
def test_every_option_is_done_once_by_who_can(device: Capabilities, asked: TicketPart) -> None:
    how = planned(device, asked)
    ticket = merge(asked, SILENT, Ticket()).ticket
    here = how.here(ticket)
    rest = set() if how is AS_IT_IS else how.withheld
    if ticket.page_ranges and "page-ranges" not in rest:
        assert device.page_ranges and not here.page_ranges
    if ticket.number_up > 1 and "number-up" not in rest:
        assert device.lays(ticket.number_up) and here.number_up == 1
    if ticket.imposition == SIGNATURE and "imposition-template" not in rest:
        assert device.signature and here.imposition == "none"
    if ticket.copies > 1 and "copies" not in rest:
        assert ticket.copies <= device.most_copies and here.copies == 1
