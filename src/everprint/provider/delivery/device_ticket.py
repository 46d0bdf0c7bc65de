"""What the device is told of a job's options: what is charged and what the device does must agree.

It is told all that the client asked for, and besides, what was left to its defaults and the price hangs on: they may
change between the job's acceptance and its printing. What the document sets for itself it is *not* told: it reads the
document, and a word in the ticket would overrule single pages' settings.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from everprint.contract.messages import DocumentSummary
from everprint.documents.merge import ATTRIBUTES
from everprint.documents.ticket import SILENT
from everprint.ipp.message import Attribute, keyword
from everprint.provider.job import Job


def device_ticket(job: Job, supported: Container[str], *, document_holds: bool = False) -> tuple[Attribute, ...]:
    """The job template for the device; `supported` are the names of its attributes (*sides-supported*).

    A device at which the document holds against the ticket is not told what the document sets, either: PJL, for one,
    multiplies its copies with the document's. Of a document that nobody could read, nobody knows what it sets: then
    only the client's word is passed on.
    """
    findings = job.findings
    if findings is None or findings.ticket is None:
        return job.attributes
    own = set(set_by_document(findings))
    asked = tuple(one for one in job.attributes if not (document_holds and one.name in own))
    left = {"sides": findings.ticket.sides.value, "print-color-mode": findings.ticket.print_color_mode}
    given = {attribute.name for attribute in job.attributes}
    added = (
        keyword(name, value)
        for name, value in left.items()
        if name not in given | own and f"{name}-supported" in supported
    )
    return (*asked, *added)


def set_by_document(findings: DocumentSummary) -> Iterator[str]:
    """The attributes about which the document itself has a word, for all of it or for single pages."""
    own = findings.settings or SILENT
    yield from (name for field, name in ATTRIBUTES.items() if getattr(own, field) is not None)
    if any(run.sides is not None for run in findings.page_runs):
        yield "sides"
    if any(run.copies != 1 for run in findings.page_runs):
        yield "copies"
