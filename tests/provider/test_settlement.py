"""What is paid for, from what the device says came out."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.messages import CounterCheck, DocumentSummary
from everprint.documents.imposition import Imposition, impose
from everprint.documents.result import (
    NOTHING,
    Analysis,
    Confidence,
    Coverage,
    Language,
    Output,
    Page,
    Sides,
)
from everprint.documents.ticket import SILENT, SidesKeyword, Ticket, TicketPart
from everprint.ipp.message import integer, keyword, range_of_integer
from everprint.ipp.values import IntegerRange
from everprint.provider.analysis import gather_pages, mean_coverage, reported, stretches_of, summarise
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.delivery.device_ticket import device_ticket
from everprint.provider.delivery.settlement import settle, settle_by_counter
from everprint.provider.job import Job
from tests.provider.jobs_for_tests import a_job

A4 = "iso_a4_210x297mm"
TWO_SIDED = Ticket(sides=SidesKeyword.TWO_SIDED_LONG_EDGE)
COMPLETED, ABORTED = 9, 8


def a_page(number: int, colour: bool = False) -> Page:
    return Page(number, 210.0, 297.0, A4, colour)


def job_of(pages: int, ticket: Ticket = Ticket()) -> Job:  # noqa: B008 - immutable
    analysis = Analysis(Language.PDF, Confidence.EXACT, tuple(a_page(number) for number in range(1, pages + 1)))
    return a_job(ticket=ticket, findings=summarise(analysis, SILENT, ticket))


def test_what_the_contract_cannot_carry_is_unknown() -> None:
    """An event beyond its bounds would be refused for ever, and all later ones of all jobs with it."""
    many = Analysis(Language.PDF, Confidence.EXACT, tuple(a_page(number) for number in range(1, 1001)))
    assert summarise(many, SILENT, Ticket(copies=10_000)).output is not None
    beyond = summarise(many, SILENT, Ticket(copies=10_001))
    assert (beyond.output, beyond.confidence, beyond.pages) == (None, Confidence.UNKNOWN, 0)
    assert "more than the 10000000" in beyond.reason
    kinds = tuple(Page(number, 210.0, 100.0 + number, f"custom_{number}", False) for number in range(1, 1002))
    assert summarise(Analysis(Language.PDF, Confidence.EXACT, kinds), SILENT, Ticket()).output is None
    endless = (Page(1, float("inf"), 297.0, A4, False),)
    assert summarise(Analysis(Language.PDF, Confidence.EXACT, endless), SILENT, Ticket()).output is None
    for settings in (TicketPart(copies=2**31), TicketPart(number_up=10_001)):
        one = Analysis(Language.PCL, Confidence.EXACT, (a_page(1),), settings=settings)
        assert summarise(one, TicketPart(page_ranges=((2, 2),)), Ticket()).confidence is Confidence.UNKNOWN


def said(state: int, impressions: int | None = None, sheets: int | None = None) -> DeviceJob:
    return DeviceJob(state, frozenset(), impressions, sheets, None)


@pytest.mark.parametrize(
    ("device", "impressions", "sheets"),
    [
        (said(COMPLETED), 5, 3),  # it does not count: all
        (said(COMPLETED, 0, 0), 5, 3),  # it counts badly: all
        (said(COMPLETED, 5, 3), 5, 3),
        (said(COMPLETED, 99), 5, 3),  # never more than there is
        (said(COMPLETED, 3), 3, 2),
        (said(ABORTED), 0, 0),
        (said(ABORTED, 0), 0, 0),
        (said(ABORTED, 3, 2), 3, 2),
        (said(ABORTED, None, 1), 2, 1),
        (said(ABORTED, None, 2), 4, 2),
    ],
)
def test_five_pages_two_sided(device: DeviceJob, impressions: int, sheets: int) -> None:
    output = settle(job_of(5, TWO_SIDED), device, prints_colour=True)
    assert (output.impressions, output.sheets) == (impressions, sheets)


def test_a_document_that_nobody_could_read_is_settled_on_the_devices_count_alone() -> None:
    job = a_job(
        ticket=TWO_SIDED, findings=summarise(Analysis(Language.UNKNOWN, Confidence.UNKNOWN), SILENT, TWO_SIDED)
    )
    assert settle(job, said(COMPLETED), prints_colour=True) == NOTHING
    assert settle(job, said(COMPLETED, 3), prints_colour=True) == Output(2, (Sides("unknown", True, True, 3),))
    assert settle(job, said(ABORTED, None, 2), prints_colour=False) == Output(2, (Sides("unknown", False, True, 4),))


@given(st.integers(1, 40), st.integers(0, 100), st.sampled_from(SidesKeyword), st.integers(1, 4))
def test_no_count_of_the_device_costs_more_than_the_job(
    pages: int, count: int, sides: SidesKeyword, copies: int
) -> None:
    job = job_of(pages, Ticket(copies=copies, sides=sides))
    assert job.findings is not None and job.findings.output is not None
    output = settle(job, said(ABORTED, None, count), prints_colour=True)
    assert output.sheets <= min(count, job.findings.output.sheets)
    assert output.impressions <= job.findings.output.impressions


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([210.0, 297.0])), max_size=30))
def test_pages_gathered_into_runs_are_the_same_pages(kinds: list[tuple[bool, float]]) -> None:
    pages = [Page(number, width, 297.0, A4, colour) for number, (colour, width) in enumerate(kinds, 1)]
    runs = gather_pages(pages)
    spread = [(number, run.width_mm, run.colour) for run in runs for number in range(run.first, run.last + 1)]
    assert spread == [(page.number, page.width_mm, page.colour) for page in pages]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 3), st.none() | st.sampled_from(SidesKeyword), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_settlement_imposes_the_same_pages_as_the_decision_did(
    kinds: list[tuple[bool, int, SidesKeyword, bool]],
) -> None:
    pages = tuple(
        Page(number, 210, 297, A4, colour, copies=copies, sides=sides, starts_sheet=starts)
        for number, (colour, copies, sides, starts) in enumerate(kinds, 1)
    )
    findings = summarise(Analysis(Language.PCL, Confidence.EXACT, pages), SILENT, TWO_SIDED)
    laid = Imposition(stretches_of(findings.page_runs), TWO_SIDED)
    assert laid.whole() == impose(pages, TWO_SIDED) == findings.output


def test_alike_pages_are_one_run() -> None:
    runs = gather_pages([a_page(1), a_page(2), a_page(3, colour=True)])
    assert [(run.first, run.last, run.colour) for run in runs] == [(1, 2, False), (3, 3, True)]


def test_the_server_is_not_sent_more_runs_than_anybody_reads() -> None:
    pages = tuple(a_page(number, colour=number % 2 == 0) for number in range(1, 10_001))
    findings = summarise(Analysis(Language.PDF, Confidence.EXACT, pages), SILENT, Ticket())
    told = reported(findings)
    assert len(findings.page_runs) == 10_000
    assert (len(told.page_runs), told.pages, told.output) == (2_000, 10_000, impose(pages, Ticket()))


def test_what_a_file_sets_is_what_is_told_charged_and_settled() -> None:
    """A file that asks for two copies of its three pages, on both sides, and a client who says nothing."""
    pages = tuple(a_page(number) for number in range(1, 4))
    own = TicketPart(copies=2, sides=SidesKeyword.TWO_SIDED_LONG_EDGE)
    analysis = Analysis(Language.POSTSCRIPT, Confidence.EXACT, pages, settings=own)
    job = a_job(attributes=(), findings=summarise(analysis, SILENT, Ticket()))
    assert (job.effective_ticket.copies, job.description().copies, job.description().sides) == (
        2,
        2,
        "two-sided-long-edge",
    )
    assert settle(job, said(COMPLETED), prints_colour=True).sheets == 4
    assert settle(job, said(ABORTED, None, 3), prints_colour=True).impressions == 5
    # The printer reads the file: told in the ticket, too, it could print four copies.
    assert [attribute.name for attribute in device_ticket(job, DEVICE)] == ["print-color-mode"]


DEVICE = {
    attribute.name: attribute
    for attribute in (
        range_of_integer("copies-supported", IntegerRange(1, 99)),
        keyword("print-color-mode-supported", "auto", "monochrome"),
        keyword("sides-supported", "one-sided", "two-sided-long-edge"),
    )
}


def test_the_device_is_told_what_was_left_to_its_defaults_and_costs() -> None:
    analysis = Analysis(Language.PDF, Confidence.EXACT, (a_page(1),))
    asked = (integer("copies", 3), keyword("print-color-mode", "auto"))
    job = a_job(attributes=asked, ticket=TWO_SIDED)
    job = replace(job, findings=summarise(analysis, job.asked, job.ticket))
    assert device_ticket(job, DEVICE) == (*asked, keyword("sides", "two-sided-long-edge"))
    assert device_ticket(job, {"copies-supported": DEVICE["copies-supported"]}) == asked
    assert device_ticket(job, {}) == asked[1:]
    unknown = Analysis(Language.UNKNOWN, Confidence.UNKNOWN)
    assert device_ticket(replace(job, findings=summarise(unknown, job.asked, job.ticket)), DEVICE) == asked


def test_a_word_in_the_ticket_would_overrule_what_single_pages_set() -> None:
    pages = (a_page(1), replace(a_page(2), sides=SidesKeyword.TWO_SIDED_LONG_EDGE))
    job = a_job(attributes=())
    job = replace(job, findings=summarise(Analysis(Language.PCL, Confidence.EXACT, pages), job.asked, job.ticket))
    assert "sides" not in {attribute.name for attribute in device_ticket(job, DEVICE)}


def test_a_device_at_which_the_document_holds_is_not_told_otherwise() -> None:
    """PJL's copies would multiply the document's."""
    own = TicketPart(copies=3, print_color_mode="monochrome")
    analysis = Analysis(Language.PCL, Confidence.EXACT, (a_page(1),), settings=own)
    asked = (integer("copies", 2), keyword("sides", "two-sided-long-edge"))
    job = a_job(attributes=asked)
    job = replace(job, findings=summarise(analysis, job.asked, job.ticket, document_holds=True))
    assert device_ticket(job, DEVICE, document_holds=True) == asked[1:]
    assert device_ticket(job, DEVICE) == asked
    (page,) = analysis.pages
    mixed = replace(analysis, pages=(page, replace(page, number=2, copies=4)), settings=SILENT)
    job = replace(job, findings=summarise(mixed, job.asked, job.ticket, document_holds=True))
    assert "copies" not in {attribute.name for attribute in device_ticket(job, DEVICE, document_holds=True)}
    assert job.findings is not None and job.findings.output is not None
    assert job.findings.output.impressions == 5


def test_what_the_document_sets_in_vain_is_remarked() -> None:
    analysis = Analysis(Language.PCL, Confidence.EXACT, (a_page(1),), settings=TicketPart(copies=5))
    findings = summarise(analysis, TicketPart(copies=1), Ticket())
    assert findings.remarks == ["the document sets copies to 5; the job asks for 1, which holds"]
    held = summarise(analysis, TicketPart(copies=1), Ticket(), document_holds=True)
    assert held.output is not None and held.output.impressions == 5


def test_the_coverage_of_a_document_is_the_mean_of_its_pages() -> None:
    full, half = Coverage(1, 0, 0, 0.5), Coverage(0, 0, 0.5, 0.5)
    pages = [replace(a_page(1), coverage=full), replace(a_page(2), coverage=half)]
    assert mean_coverage(pages) == Coverage(0.5, 0, 0.25, 0.5)
    assert mean_coverage([*pages, a_page(3)]) is None
    assert mean_coverage([]) is None
    assert mean_coverage([replace(a_page(1), coverage=Coverage(float("nan"), 0, 0, 0))]) is None


def test_a_job_accepted_by_an_older_release_keeps_its_ticket() -> None:
    """Its findings have neither ticket nor settings."""
    findings = as_an_older_release_wrote(
        summarise(Analysis(Language.PDF, Confidence.EXACT, (a_page(1),)), SILENT, TWO_SIDED)
    )
    job = a_job(ticket=TWO_SIDED, findings=findings)
    assert job.effective_ticket == TWO_SIDED
    assert device_ticket(job, DEVICE) == job.attributes


def as_an_older_release_wrote(findings: DocumentSummary) -> DocumentSummary:
    old = msgspec.to_builtins(findings)
    for field in ("ticket", "settings", "coverage"):
        del old[field]
    return msgspec.convert(old, DocumentSummary)


@pytest.mark.parametrize(
    ("device", "before", "after", "impressions", "remark"),
    [
        (said(COMPLETED), 100, 103, 3, ""),  # it lost two pages
        (said(COMPLETED, 5, 5), 100, 104, 4, ""),
        (said(COMPLETED), 100, 105, 5, ""),
        (said(ABORTED), 100, 102, 2, ""),
        (said(ABORTED), 100, 100, 0, ""),
        (said(COMPLETED), 100, 100, 5, "did not move"),
        (said(ABORTED, 2), 100, 100, 2, "did not move"),
        (said(COMPLETED), 100, 106, 5, "further"),
        (said(COMPLETED, 4), 100, 90, 4, "backwards"),
        (said(COMPLETED), 100, None, 5, ""),
    ],
)
def test_the_printers_counter_is_followed_where_that_makes_sense(
    device: DeviceJob, before: int, after: int | None, impressions: int, remark: str
) -> None:
    job = job_of(5)
    without = settle(job, device, True)
    output, check = settle_by_counter(job, device, without, CounterCheck(before=before, after=after), True)
    assert (output.impressions, remark in check.remark, bool(check.remark)) == (impressions, True, bool(remark))


def test_a_counter_with_a_remark_changes_nothing() -> None:
    job, device = job_of(5), said(COMPLETED)
    check = CounterCheck(before=1, after=3, remark="The printer had something else to print, too.")
    assert settle_by_counter(job, device, settle(job, device, True), check, True) == (
        settle(job, device, True),
        check,
    )


def test_the_counter_says_what_nobody_could_count() -> None:
    job = a_job(findings=None)
    check = CounterCheck(before=1, after=8)
    output, _ = settle_by_counter(job, said(COMPLETED), NOTHING, check, False)
    assert output.impressions == 7
    few = settle(job, said(COMPLETED, 3), False)
    output, check = settle_by_counter(job, said(COMPLETED, 3), few, check, False)
    assert (output, bool(check.remark)) == (few, True)  # the printer knows better
