"""What is paid for, from what the device says came out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.imposition import impose
from everprint.documents.result import NOTHING, Analysis, Confidence, Language, Output, Page, Sides
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.provider.analysis import gather_pages, reported, spread_pages, summarise
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.delivery.settlement import settle
from everprint.provider.job import Job
from tests.provider.jobs_for_tests import a_job

A4 = "iso_a4_210x297mm"
TWO_SIDED = Ticket(sides=SidesKeyword.TWO_SIDED_LONG_EDGE)
COMPLETED, ABORTED = 9, 8


def a_page(number: int, colour: bool = False) -> Page:
    return Page(number, 210.0, 297.0, A4, colour)


def job_of(pages: int, ticket: Ticket = Ticket()) -> Job:  # noqa: B008 - immutable
    analysis = Analysis(Language.PDF, Confidence.EXACT, tuple(a_page(number) for number in range(1, pages + 1)))
    return a_job(ticket=ticket, findings=summarise(analysis, ticket))


def test_what_the_contract_cannot_carry_is_unknown() -> None:
    """An event beyond its bounds would be refused for ever, and all later ones of all jobs with it."""
    many = Analysis(Language.PDF, Confidence.EXACT, tuple(a_page(number) for number in range(1, 1001)))
    assert summarise(many, Ticket(copies=10_000)).output is not None
    beyond = summarise(many, Ticket(copies=10_001))
    assert (beyond.output, beyond.confidence, beyond.pages) == (None, Confidence.UNKNOWN, 0)
    assert "more than the 10000000" in beyond.reason
    kinds = tuple(Page(number, 210.0, 100.0 + number, f"custom_{number}", False) for number in range(1, 1002))
    assert summarise(Analysis(Language.PDF, Confidence.EXACT, kinds), Ticket()).output is None
    endless = (Page(1, float("inf"), 297.0, A4, False),)
    assert summarise(Analysis(Language.PDF, Confidence.EXACT, endless), Ticket()).output is None


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
    job = a_job(ticket=TWO_SIDED, findings=summarise(Analysis(Language.UNKNOWN, Confidence.UNKNOWN), TWO_SIDED))
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
    assert spread_pages(gather_pages(pages)) == pages


def test_alike_pages_are_one_run() -> None:
    runs = gather_pages([a_page(1), a_page(2), a_page(3, colour=True)])
    assert [(run.first, run.last, run.colour) for run in runs] == [(1, 2, False), (3, 3, True)]


def test_the_server_is_not_sent_more_runs_than_anybody_reads() -> None:
    pages = tuple(a_page(number, colour=number % 2 == 0) for number in range(1, 10_001))
    findings = summarise(Analysis(Language.PDF, Confidence.EXACT, pages), Ticket())
    told = reported(findings)
    assert len(findings.page_runs) == 10_000
    assert (len(told.page_runs), told.pages, told.output) == (2_000, 10_000, impose(pages, Ticket()))
