"""Finding out what a job's document will put on paper, with the ticket that the job has now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from everprint.contract.messages import DocumentSummary
from everprint.documents.result import Analysis
from everprint.provider.analysis import summarise
from everprint.provider.job import Job
from everprint.provider.spool import Spool

FindingsOf = Callable[[Job], Awaitable[DocumentSummary]]
"""Finds out; never fails for what a document may hold."""


class Analyser(Protocol):
    """What looks into documents (documents.pool.AnalyserPool)."""

    async def analyse(self, path: Path, claimed_format: str = "") -> Analysis:
        """What the file is made of; never fails."""


async def findings_of(
    spool: Spool, analyser: Analyser, document_holds: Callable[[str], bool], job: Job
) -> DocumentSummary:
    """What the job's document is, and what it would put on paper; only for a job with a document.

    `document_holds` says of a queue whether its device lets the document overrule the job's ticket.
    """
    assert job.document is not None
    analysis = await analyser.analyse(spool.path(job.uuid), job.document.document_format)
    if job.cups is not None and job.cups.repeats > 1:
        # The device gets the whole document so many times, with all that it sets for itself.
        copies = (analysis.settings.copies or 1) * job.cups.repeats
        analysis = replace(analysis, settings=replace(analysis.settings, copies=copies))
    return summarise(analysis, job.asked, job.ticket, document_holds=document_holds(job.queue))
