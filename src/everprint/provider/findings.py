"""Finding out what a job's document will put on paper, with the ticket that the job has now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from everprint.contract.messages import DocumentSummary
from everprint.documents.merge import ATTRIBUTES
from everprint.documents.result import Analysis
from everprint.documents.ticket import Ticket
from everprint.provider.analysis import summarise
from everprint.provider.conversion.plan import cannot
from everprint.provider.job import Job
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool

FindingsOf = Callable[[Job], Awaitable[DocumentSummary]]
"""Finds out; never fails for what a document may hold."""


class Analyser(Protocol):
    """What looks into documents (documents.pool.AnalyserPool)."""

    async def analyse(self, path: Path, claimed_format: str = "") -> Analysis:
        """What the file is made of; never fails."""


async def findings_of(spool: Spool, analyser: Analyser, queues: Mapping[str, Queue], job: Job) -> DocumentSummary:
    """What the job's document is, and what it would put on paper; only for a job with a document.

    What neither its queue's device nor we can do for such a document is left out, and said.
    """
    assert job.document is not None
    claimed = job.document.document_format
    analysis = await analyser.analyse(spool.path(job.uuid), claimed)
    if job.cups is not None and job.cups.repeats > 1:
        # The device gets the whole document so many times, with all that it sets for itself.
        copies = (analysis.settings.copies or 1) * job.cups.repeats
        analysis = replace(analysis, settings=replace(analysis.settings, copies=copies))
    queue = queues.get(job.queue)
    if queue is None:
        return summarise(analysis, job.asked, job.ticket)
    if queue.is_hooked:
        return summarise(analysis, job.asked, job.ticket, document_holds=queue.document_holds)
    asked, left_out = cannot(
        queue.capabilities, job.asked, analysis.language, queue.convertible, claimed_format=claimed
    )
    default = replace(job.ticket, **{field: getattr(_PLAIN, field) for field in left_out})
    remarks = [
        f"{name} is left out: nobody can do it for {analysis.language} at this printer"
        for name in (ATTRIBUTES[field] for field in left_out)
    ]
    found = summarise(analysis, asked, default, document_holds=queue.document_holds)
    return msgspec.structs.replace(found, remarks=[*found.remarks, *remarks]) if remarks else found


_PLAIN = Ticket()
