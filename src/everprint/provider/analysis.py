"""What analysis found, in the contract's words: pages gathered into runs, and what the ticket makes of them.

What is told here is what is charged, and what the device does: the ticket is merged from the client's, the document's
and the device's say (documents.merge), and the pages carry what of their own settings holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from statistics import fmean

import msgspec

from everprint.contract.limits import MOST_COPIES, MOST_IMPRESSIONS, MOST_KINDS_OF_SIDES, MOST_NUMBER_UP
from everprint.contract.messages import DocumentSummary, PageRun
from everprint.documents.imposition import impose
from everprint.documents.merge import Merged, merge
from everprint.documents.result import Analysis, Confidence, Coverage, Output, Page
from everprint.documents.sheet_layout import Stretch
from everprint.documents.ticket import Ticket, TicketPart


def summarise(
    analysis: Analysis, asked: TicketPart, default: Ticket, *, document_holds: bool = False
) -> DocumentSummary:
    """The findings of one job. Unknown stays unknown: then there is no output, and the ticket is as asked.

    `default` is what the device does where nobody says anything; `document_holds` if it does not let the job's ticket
    overrule what the document sets.
    """
    merged = merge(asked, analysis.settings, default, analysis.pages, document_holds=document_holds)
    output: Output | None = impose(merged.pages, merged.ticket) if merged.pages else None
    if output is None or (absurd := _absurd(merged, output)):
        return DocumentSummary(
            language=analysis.language,
            confidence=Confidence.UNKNOWN,
            pages=0,
            output=None,
            reason=analysis.reason if output is None else absurd,
            remarks=list(analysis.remarks) if output is None else [],
        )
    return DocumentSummary(
        language=analysis.language,
        confidence=analysis.confidence,
        pages=len(analysis.pages),
        output=output,
        page_runs=gather_pages(merged.pages),
        reason=analysis.reason,
        remarks=[*analysis.remarks, *merged.overruled],
        settings=analysis.settings,
        ticket=merged.ticket,
        coverage=mean_coverage(analysis.pages),
    )


def _absurd(merged: Merged, output: Output) -> str:
    """Why nobody can mean that: a number that the contract does not carry is as good as unknown."""
    pages, ticket = merged.pages, merged.ticket
    if max(output.impressions, output.sheets, len(pages)) > MOST_IMPRESSIONS:
        return f"it would be {output.impressions} sides, more than the {MOST_IMPRESSIONS} that a job may have"
    if ticket.copies > MOST_COPIES or any(page.copies > MOST_COPIES for page in pages):
        return f"it asks for more than {MOST_COPIES} copies"
    if ticket.number_up > MOST_NUMBER_UP:
        return f"it asks for {ticket.number_up} pages on a side, more than the {MOST_NUMBER_UP} that a job may have"
    if len(output.sides) > MOST_KINDS_OF_SIDES:
        return f"its pages have {len(output.sides)} sizes or kinds, more than the {MOST_KINDS_OF_SIDES} that are told"
    if not all(isfinite(page.width_mm) and isfinite(page.height_mm) for page in pages):
        return "a page of it has no finite size"
    return ""


def mean_coverage(pages: Sequence[Page]) -> Coverage | None:
    """Of how much of the paper each ink covers, the mean over the document's pages; None if one's is not known."""
    measured = [page.coverage for page in pages if page.coverage is not None]
    if not pages or len(measured) < len(pages):
        return None
    inks = zip(*((one.cyan, one.magenta, one.yellow, one.black) for one in measured), strict=True)
    means = [fmean(ink) for ink in inks]
    return Coverage(*means) if all(isfinite(mean) for mean in means) else None


# Enough to show; a long document whose pages alternate would fill the wire with what no person reads.
_MOST_RUNS_REPORTED = 2_000


def reported(findings: DocumentSummary) -> DocumentSummary:
    """The findings as the Application Server is told of them: all that is paid for, and the first page runs."""
    if len(findings.page_runs) <= _MOST_RUNS_REPORTED:
        return findings
    remark = f"only the first {_MOST_RUNS_REPORTED} of {len(findings.page_runs)} runs of pages are shown"
    return msgspec.structs.replace(
        findings, page_runs=findings.page_runs[:_MOST_RUNS_REPORTED], remarks=[*findings.remarks, remark]
    )


def gather_pages(pages: Sequence[Page]) -> list[PageRun]:
    """Consecutive pages that are alike but for their coverage, as one run each."""
    runs: list[PageRun] = []
    start: Page | None = None
    last = 0
    for page in pages:
        if start is not None and page.number == last + 1 and _alike(page, start):
            last = page.number
            continue
        if start is not None:
            runs.append(_run(start, last))
        start, last = page, page.number
    if start is not None:
        runs.append(_run(start, last))
    return runs


def _alike(page: Page, start: Page) -> bool:
    return replace(page, number=start.number, coverage=start.coverage) == start


def stretches_of(runs: Sequence[PageRun]) -> list[Stretch]:
    """The pages again, as far as they matter to what comes out (documents.imposition)."""
    return [
        Stretch(run.last - run.first + 1, run.media, run.colour, run.copies, run.sides, run.starts_sheet)
        for run in runs
    ]


def _run(page: Page, last: int) -> PageRun:
    return PageRun(
        first=page.number,
        last=last,
        width_mm=page.width_mm,
        height_mm=page.height_mm,
        media=page.media,
        colour=page.colour,
        blank=page.blank,
        copies=page.copies,
        sides=page.sides,
        starts_sheet=page.starts_sheet,
    )
