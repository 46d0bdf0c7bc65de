"""What a job asks for that a device of its pool cannot do, as a plain function: the pool then takes another one."""

from __future__ import annotations

from everprint.documents.conversion.task import ConversionFailed
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.conversion.plan import AS_IT_IS, NoWay, Plan
from everprint.provider.delivery.described import Described
from everprint.provider.delivery.device_ticket import set_by_document
from everprint.provider.delivery.format_to_send import format_to_send
from everprint.provider.delivery.job_plan import plan_of
from everprint.provider.job import Job
from everprint.provider.mirrored import PASSED_ON

_RASTER, _SHEET_BACK = "image/pwg-raster", "pwg-raster-document-sheet-back"


def misfits(job: Job, device: Described, pool: Described) -> frozenset[str]:
    """What this device of the pool cannot do for the job, in words; empty if it can do all of it."""
    try:
        how = plan_of(job, device)
    except (NoWay, ConversionFailed):
        how = AS_IT_IS
    return frozenset((*_options(job, device, how), *_document(job, device, pool, how)))


def _options(job: Job, device: Described, how: Plan) -> list[str]:
    """Each of them was accepted because some device of the pool can do it, or we before it."""
    asked = tuple(one for one in job.attributes if one.name in PASSED_ON and one.name not in how.withheld)
    found = [one.name for one in check_job_template(Group(GroupTag.JOB, asked), device.device_shown).unsupported]
    sides = job.effective_ticket.sides.value
    two_sided = device.device_shown["sides-supported"].values
    if "sides" not in found and sides != "one-sided" and sides not in two_sided:
        found.append("sides")
    return found


def _document(job: Job, device: Described, pool: Described, how: Plan) -> list[str]:
    found = []
    formats = device.capabilities.formats
    document_format = format_to_send(job, formats)
    if how.target is None and document_format not in formats:
        found.append(document_format)
    two_sided = job.effective_ticket.sides.value != "one-sided"
    backs = (device.device_shown.get(_SHEET_BACK), pool.device_shown.get(_SHEET_BACK))
    if how.target is None and document_format == _RASTER and two_sided and backs[0] != backs[1]:
        found.append(_SHEET_BACK)
    if job.findings is None:
        return found
    if device.document_holds is not pool.document_holds and any(set_by_document(job.findings)):
        found.append("pdl-override")  # what is charged was reckoned the other way
    output = job.findings.output
    if output is not None:
        if output.colour_impressions and not device.prints_colour:
            found.append("colour")
        papers = device.device_shown["media-supported"].values
        found += [kind.media for kind in output.sides if kind.media not in papers]
    return found
