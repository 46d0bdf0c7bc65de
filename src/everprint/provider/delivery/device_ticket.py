"""What the device is told of a job's options: what is charged and what the device does must agree.

It is told all that the client asked for, and besides, what was left to its defaults and the price hangs on: they may
change between the job's acceptance and its printing. What the document sets for itself it is *not* told: it reads the
document, and a word in the ticket would overrule single pages' settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from everprint.contract.messages import DocumentSummary
from everprint.documents.merge import ATTRIBUTES
from everprint.documents.ticket import SILENT
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Attribute, Group, integer, keyword
from everprint.ipp.tags import GroupTag
from everprint.provider.conversion.capabilities import COLLATED, UNCOLLATED
from everprint.provider.conversion.plan import Step
from everprint.provider.job import Job

# What a queue may offer although its device cannot do it (conversion.offered).
_OFFERED = frozenset({"copies", "imposition-template", "multiple-document-handling", "number-up", "page-ranges"})


def device_ticket(
    job: Job, device: Mapping[str, Attribute], *, document_holds: bool = False
) -> tuple[Attribute, ...]:
    """The job template for a device that gets the document as it is; `device` are its own attributes by name.

    A device at which the document holds against the ticket is not told what the document sets, either: PJL, for one,
    multiplies its copies with the document's. Of a document that nobody could read, nobody knows what it sets: then
    only the client's word is passed on.
    """
    findings = job.findings
    attributes = _that_it_can_do(job.attributes, device)
    if findings is None or findings.ticket is None:
        return attributes
    own = set(set_by_document(findings))
    asked = tuple(one for one in attributes if not (document_holds and one.name in own))
    left = {"sides": findings.ticket.sides.value, "print-color-mode": findings.ticket.print_color_mode}
    given = {attribute.name for attribute in job.attributes}
    added = (
        keyword(name, value)
        for name, value in left.items()
        if name not in given | own and f"{name}-supported" in device
    )
    return (*asked, *added)


def converted_ticket(
    job: Job, device: Mapping[str, Attribute], withheld: Set[str], step: Step, paper: str | None
) -> tuple[Attribute, ...]:
    """The job template for a device that gets a converted document: that says nothing of itself any more, so all that
    holds is told, but for what was done on the way (`withheld`, up to `step`).

    `paper` is what all of it was made for, if that is one.
    """
    ticket = job.effective_ticket
    asked = tuple(one for one in job.attributes if one.name not in withheld)
    given = {one.name for one in asked}
    done = [integer("number-up", 1)] if step >= Step.NUMBER_UP else []
    copies = 1 if step >= Step.COPIES else ticket.copies
    all_of_it = [
        *done,
        integer("copies", copies),
        keyword("sides", ticket.sides.value),
        keyword("print-color-mode", ticket.print_color_mode),
    ]
    if copies > 1:
        all_of_it.append(keyword("multiple-document-handling", COLLATED if ticket.collated else UNCOLLATED))
    if paper is not None and not given & {"media", "media-col"}:
        all_of_it.append(keyword("media", paper))
    added = [one for one in all_of_it if one.name not in given]
    return (*asked, *check_job_template(Group(GroupTag.JOB, tuple(added)), device).supported)


def _that_it_can_do(attributes: tuple[Attribute, ...], device: Mapping[str, Attribute]) -> tuple[Attribute, ...]:
    """All but what was offered of ours, and for this document nobody can do."""
    ours = Group(GroupTag.JOB, tuple(one for one in attributes if one.name in _OFFERED))
    can_do = check_job_template(ours, device).supported
    return tuple(one for one in attributes if one.name not in _OFFERED or one in can_do)


def set_by_document(findings: DocumentSummary) -> Iterator[str]:
    """The attributes about which the document itself has a word, for all of it or for single pages."""
    own = findings.settings or SILENT
    yield from (name for field, name in ATTRIBUTES.items() if getattr(own, field) is not None)
    if any(run.sides is not None for run in findings.page_runs):
        yield "sides"
    if any(run.copies != 1 for run in findings.page_runs):
        yield "copies"
