"""What analysis found, in the contract's words: pages gathered into runs, and what the ticket makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Protocol

import msgspec

from everprint.contract.limits import MOST_IMPRESSIONS, MOST_KINDS_OF_SIDES
from everprint.contract.messages import DocumentSummary, PageRun
from everprint.documents.imposition import impose
from everprint.documents.result import Analysis, Confidence, Output, Page
from everprint.documents.ticket import Ticket


class Analyser(Protocol):
    """What looks into documents (documents.pool.AnalyserPool)."""

    async def analyse(self, path: Path, claimed_format: str = "") -> Analysis:
        """What the file is made of; never fails."""


def summarise(analysis: Analysis, ticket: Ticket) -> DocumentSummary:
    """The findings of one job. Unknown stays unknown: then there is no output."""
    output: Output | None = impose(analysis.pages, ticket) if analysis.pages else None
    if output is not None and (absurd := _absurd(analysis, output)):
        return DocumentSummary(
            language=analysis.language, confidence=Confidence.UNKNOWN, pages=0, output=None, reason=absurd
        )
    return DocumentSummary(
        language=analysis.language,
        confidence=analysis.confidence,
        pages=len(analysis.pages),
        output=output,
        page_runs=gather_pages(analysis.pages),
        reason=analysis.reason,
        remarks=list(analysis.remarks),
    )


def _absurd(analysis: Analysis, output: Output) -> str:
    """Why nobody can mean that: a number that the contract does not carry is as good as unknown."""
    if max(output.impressions, output.sheets, len(analysis.pages)) > MOST_IMPRESSIONS:
        return f"it would be {output.impressions} sides, more than the {MOST_IMPRESSIONS} that a job may have"
    if len(output.sides) > MOST_KINDS_OF_SIDES:
        return f"its pages have {len(output.sides)} sizes or kinds, more than the {MOST_KINDS_OF_SIDES} that are told"
    if not all(isfinite(page.width_mm) and isfinite(page.height_mm) for page in analysis.pages):
        return "a page of it has no finite size"
    return ""


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


def spread_pages(runs: Sequence[PageRun]) -> list[Page]:
    """The pages again."""
    return [
        Page(number, run.width_mm, run.height_mm, run.media, run.colour, run.blank)
        for run in runs
        for number in range(run.first, run.last + 1)
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
    )
