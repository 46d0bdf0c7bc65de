"""What the device is told of a job's options: what is charged and what the device does must agree.

It is told all that the client asked for, and besides, what was left to its defaults and the price hangs on: they may
change between the job's acceptance and its printing. What the document sets for itself it is *not* told: it reads the
document, and a word in the ticket would overrule single pages' settings.
"""

from __future__ import annotations

from collections.abc import Container

from everprint.documents.ticket import SILENT
from everprint.ipp.message import Attribute, keyword
from everprint.provider.job import Job


def device_ticket(job: Job, supported: Container[str]) -> tuple[Attribute, ...]:
    """The job template for the device; `supported` are the names of its attributes (*sides-supported*).

    Of a document that nobody could read, nobody knows what it sets: then only the client's word is passed on.
    """
    findings = job.findings
    if findings is None or findings.ticket is None:
        return job.attributes
    own = findings.settings or SILENT
    sides_said = own.sides is not None or any(run.sides is not None for run in findings.page_runs)
    left = {} if sides_said else {"sides": findings.ticket.sides.value}
    if own.print_color_mode is None:
        left["print-color-mode"] = findings.ticket.print_color_mode
    given = {attribute.name for attribute in job.attributes}
    added = (
        keyword(name, value) for name, value in left.items() if name not in given and f"{name}-supported" in supported
    )
    return (*job.attributes, *added)
