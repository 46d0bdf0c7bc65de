"""The rules of a pool, without a printer: who is taken, who fits, and what the pool says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.messages import DocumentSummary, PageRun, PrinterState
from everprint.documents.conversion.convertible import CONVERTIBLE
from everprint.documents.result import Confidence, Output, Sides
from everprint.documents.ticket import SidesKeyword, Ticket, TicketPart
from everprint.ipp.message import (
    Group,
    boolean,
    integer,
    keyword,
    mime_media_type,
    range_of_integer,
    resolution,
    text,
)
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange, Resolution
from everprint.provider.abilities import abilities_of
from everprint.provider.delivery.fitting import misfits
from everprint.provider.delivery.line import Line
from everprint.provider.delivery.pool_choice import Candidate, choose
from everprint.provider.job import Document
from everprint.provider.pooled import is_well, pooled_abilities, pooled_status
from everprint.provider.queue_state import DeviceStatus
from tests.provider.jobs_for_tests import a_job

WELL = Candidate(is_well=True, in_doubt=False, has_room=True, fits=True, load=0, last_chosen=0)
A4, A3 = "iso_a4_210x297mm", "iso_a3_297x420mm"


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([WELL, WELL], 0),
        ([replace(WELL, load=2), replace(WELL, load=1)], 1),
        ([replace(WELL, last_chosen=5), replace(WELL, last_chosen=3)], 1),
        ([replace(WELL, is_well=False), replace(WELL, load=9)], 1),
        ([replace(WELL, is_well=False), replace(WELL, fits=False)], None),
        ([replace(WELL, has_room=False), replace(WELL, load=1)], 1),
        ([replace(WELL, in_doubt=True), replace(WELL, load=9)], 1),
        # A trusted one that is busy is waited for; one in doubt is better than none at all.
        ([replace(WELL, in_doubt=True), replace(WELL, has_room=False)], None),
        ([replace(WELL, in_doubt=True), replace(WELL, is_well=False)], 0),
    ],
)
def test_who_is_taken(candidates: list[Candidate], chosen: int | None) -> None:
    assert choose(candidates) == chosen


@given(
    st.lists(
        st.builds(
            Candidate,
            is_well=st.booleans(),
            in_doubt=st.booleans(),
            has_room=st.booleans(),
            fits=st.booleans(),
            load=st.integers(0, 3),
            last_chosen=st.integers(0, 3),
        )
    )
)
def test_whoever_is_taken_can_print_it_now(candidates: list[Candidate]) -> None:
    chosen = choose(candidates)
    if chosen is not None:
        taken = candidates[chosen]
        assert taken.is_well and taken.fits and taken.has_room
        assert all(one.load >= taken.load for one in candidates if one.is_well and one.fits and one.has_room) or any(
            one.in_doubt for one in candidates
        )


@pytest.mark.parametrize(
    ("state", "reasons", "well"),
    [
        (PrinterState.IDLE, (), True),
        (PrinterState.PROCESSING, ("toner-low-warning", "media-low-report"), True),
        (PrinterState.STOPPED, (), False),
        (PrinterState.UNREACHABLE, (), False),
        (PrinterState.IDLE, ("media-empty",), False),
        (PrinterState.IDLE, ("media-empty-warning",), True),  # another tray has paper
        (PrinterState.PROCESSING, ("cover-open-error",), False),
    ],
)
def test_who_is_well(state: PrinterState, reasons: tuple[str, ...], well: bool) -> None:
    assert is_well(DeviceStatus(state, reasons)) is well


def test_one_printer_that_is_well_is_enough() -> None:
    away = DeviceStatus()
    empty = DeviceStatus(PrinterState.IDLE, ("media-empty-error",))
    busy = DeviceStatus(PrinterState.PROCESSING, ("toner-low-warning",))
    pool = pooled_status([away, empty, busy])
    assert (pool.state, pool.reasons) == (PrinterState.PROCESSING, ("toner-low-warning",))
    assert pool.message == "1 of 3 printers are ready."
    assert pooled_status([away, empty]).state is PrinterState.STOPPED
    assert pooled_status([away, away]).state is PrinterState.UNREACHABLE
    assert pooled_status([DeviceStatus(PrinterState.IDLE, ()), busy]).message == ""


def a_device(*media: str, colour: bool, copies: int, two_sided: bool, **more: str) -> Group:
    sides = ("one-sided", "two-sided-long-edge") if two_sided else ("one-sided",)
    return Group(
        GroupTag.PRINTER,
        (
            boolean("color-supported", colour),
            range_of_integer("copies-supported", IntegerRange(1, copies)),
            keyword("media-supported", *media),
            keyword("media-default", media[0]),
            keyword("sides-supported", *sides),
            keyword("sides-default", sides[-1]),
            mime_media_type("document-format-supported", "application/pdf"),
            text("marker-names", "black"),
            integer("marker-levels", 50),
            *(keyword(name.replace("_", "-"), value) for name, value in more.items()),
        ),
    )


GREY = a_device(A4, colour=False, copies=999, two_sided=True)
COLOUR = a_device(A4, A3, colour=True, copies=1, two_sided=False, marker_types="toner")


def test_a_pool_can_do_what_any_of_its_printers_can() -> None:
    pool = pooled_abilities([GREY, COLOUR])
    assert pool.boolean("color-supported") is True
    assert pool.values("copies-supported") == (IntegerRange(1, 999),)
    assert pool.strings("media-supported") == (A4, A3)
    assert pool.string("sides-default") == "two-sided-long-edge"  # the first one's word
    assert pool.values("marker-levels") == (50, 50)
    assert "marker-types" not in pool  # not of all: nobody could tell whose it is


@pytest.mark.parametrize(
    ("fields", "grey_lacks", "colour_lacks"),
    [
        ({}, set(), set()),
        ({"attributes": (keyword("sides", "two-sided-long-edge"),)}, set(), {"sides"}),
        ({"ticket": Ticket(sides=SidesKeyword.TWO_SIDED_LONG_EDGE), "attributes": ()}, set(), {"sides"}),
        ({"attributes": (integer("copies", 3),)}, set(), {"copies"}),
        ({"attributes": (keyword("media", A3),)}, {"media"}, set()),
        ({"document": Document("image/urf", 1)}, {"image/urf"}, {"image/urf"}),
        ({"attributes": (keyword("job-hold-until", "no-hold"),)}, set(), set()),  # ours to do
    ],
)
def test_who_fits(fields: dict[str, object], grey_lacks: set[str], colour_lacks: set[str]) -> None:
    pool = abilities_of(pooled_abilities([GREY, COLOUR]))
    job = a_job(**fields)
    assert misfits(job, abilities_of(GREY), pool) == grey_lacks
    assert misfits(job, abilities_of(COLOUR), pool) == colour_lacks


def test_the_documents_own_needs_count() -> None:
    pool = abilities_of(pooled_abilities([GREY, COLOUR]))
    output = Output(1, (Sides(A3, True, False, 1),))
    findings = DocumentSummary(language="PDF", confidence=Confidence.EXACT, pages=1, output=output, ticket=Ticket())
    assert misfits(a_job(findings=findings), abilities_of(GREY), pool) == {"colour", A3}
    assert misfits(a_job(findings=findings), abilities_of(COLOUR), pool) == frozenset()


def test_a_document_that_sets_what_it_needs_goes_only_where_the_price_holds() -> None:
    """What is charged was reckoned by one rule of who has the say: a printer with the other one prints otherwise."""
    holds = Group(GroupTag.PRINTER, (*GREY, keyword("pdl-override-supported", "not-attempted")))
    pool = abilities_of(pooled_abilities([holds, GREY]))
    findings = DocumentSummary(
        language="PCL", confidence=Confidence.EXACT, pages=1, output=Output(1, (Sides(A4, False, False, 1),)),
        settings=TicketPart(copies=2), ticket=Ticket(),
    )  # fmt: skip
    assert misfits(a_job(findings=findings), abilities_of(holds), pool) == frozenset()
    assert misfits(a_job(findings=findings), abilities_of(GREY), pool) == {"pdl-override"}


def test_a_line_says_when_it_has_room() -> None:
    import asyncio

    async def steps() -> None:
        line = Line(most_at_device=1)
        told: list[bool] = []
        line.on_room = lambda: told.append(line.has_room)
        line.join(1)
        assert (line.has_room, line.load, told) == (False, 1, [])
        line.close()
        line.leave(1)
        assert told == []
        line.open()
        assert told == [True]

    asyncio.run(steps())


def test_a_printer_fits_for_which_the_document_is_converted() -> None:
    """One takes PDF and lays no two pages on a side, the other takes raster only."""
    raster = Group(
        GroupTag.PRINTER,
        (
            *(one for one in GREY if one.name != "document-format-supported"),
            mime_media_type("document-format-supported", "image/pwg-raster"),
            resolution("pwg-raster-document-resolution-supported", Resolution(300, 300)),
            keyword("pwg-raster-document-type-supported", "sgray_8"),
        ),
    )
    pool = abilities_of(pooled_abilities([GREY, raster]), CONVERTIBLE)
    findings = DocumentSummary(
        language="PDF", confidence=Confidence.EXACT, pages=1, output=Output(1, (Sides(A4, False, False, 1),)),
        page_runs=[PageRun(first=1, last=1, width_mm=210, height_mm=297, media=A4, colour=False)],
        ticket=Ticket(number_up=2),
    )  # fmt: skip
    job = a_job(findings=findings, attributes=(integer("number-up", 2),), document=Document("application/pdf", 1))
    for device in (GREY, raster):
        assert misfits(job, abilities_of(device, CONVERTIBLE), pool) == frozenset()
    assert misfits(job, abilities_of(GREY), pool) == {"number-up"}
    assert misfits(job, abilities_of(raster), pool) == {"number-up", "application/pdf"}
