"""What a job asks for that a device of its pool cannot do, as a plain function: the pool then takes another one."""

from __future__ import annotations

from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.delivery.described import Described
from everprint.provider.delivery.device_ticket import set_by_document
from everprint.provider.delivery.format_to_send import format_to_send
from everprint.provider.job import Job
from everprint.provider.mirrored import PASSED_ON

_RASTER, _SHEET_BACK = "image/pwg-raster", "pwg-raster-document-sheet-back"


def misfits(job: Job, device: Described, pool: Described) -> frozenset[str]:
    """What this device of the pool cannot do for the job, in words; empty if it can do all of it."""
    return frozenset((*_options(job, device), *_document(job, device, pool)))


def _options(job: Job, device: Described) -> list[str]:
    """Each of them was accepted because some device of the pool can do it."""
    asked = Group(GroupTag.JOB, tuple(one for one in job.attributes if one.name in PASSED_ON))
    found = [one.name for one in check_job_template(asked, device.shown).unsupported]
    sides = job.effective_ticket.sides.value
    if "sides" not in found and sides != "one-sided" and sides not in device.shown["sides-supported"].values:
        found.append("sides")
    return found


def _document(job: Job, device: Described, pool: Described) -> list[str]:
    found = []
    document_format = format_to_send(job, device.document_formats)
    if document_format not in device.document_formats:
        found.append(document_format)
    two_sided = job.effective_ticket.sides.value != "one-sided"
    if document_format == _RASTER and two_sided and device.shown.get(_SHEET_BACK) != pool.shown.get(_SHEET_BACK):
        found.append(_SHEET_BACK)
    if job.findings is None:
        return found
    if device.document_holds is not pool.document_holds and any(set_by_document(job.findings)):
        found.append("pdl-override")  # what is charged was reckoned the other way
    output = job.findings.output
    if output is not None:
        if output.colour_impressions and not device.prints_colour:
            found.append("colour")
        papers = device.shown["media-supported"].values
        found += [kind.media for kind in output.sides if kind.media not in papers]
    return found
