"""Who does what of one job for one device (conversion.plan), from what is known of both."""

from __future__ import annotations

from everprint.documents.conversion.task import ConversionFailed
from everprint.documents.result import Language
from everprint.documents.ticket import SidesKeyword
from everprint.provider.conversion.capabilities import AUTOMATIC
from everprint.provider.conversion.conversion_of import language_of
from everprint.provider.conversion.plan import AS_IT_IS, NoWay, Plan, Step, plan
from everprint.provider.delivery.described import Described
from everprint.provider.job import Job


def plan_of(job: Job, device: Described) -> Plan:
    """Who does what of the job.

    Raises NoWay, and ConversionFailed if it would have to be converted and nobody could read it.
    """
    if job.findings is None or job.document is None:
        return AS_IT_IS
    language = language_of(job.findings)
    how = plan(
        device.capabilities,
        job.asked,
        job.effective_ticket,
        language,
        device.convertible,
        claimed_format=job.document.document_format,
    )
    if how.target is None or job.findings.page_runs:
        return how
    if language is not Language.PDF and AUTOMATIC in device.capabilities.formats:
        return AS_IT_IS
    raise ConversionFailed(job.findings.reason or "nobody could read it")


def adds_empty_backs(job: Job, device: Described) -> bool:
    """True if backs without anything on them were sent, which a device counts and nobody pays."""
    try:
        how = plan_of(job, device)
    except (NoWay, ConversionFailed):
        return False
    return how.step is Step.COPIES and job.effective_ticket.sides is not SidesKeyword.ONE_SIDED
