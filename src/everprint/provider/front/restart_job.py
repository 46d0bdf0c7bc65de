"""Restart-Job (RFC 8011 section 4.3.7), which IPP/2.1 asks for and which is never possible here."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.status import Status
from everprint.provider.front.call import Call


async def restart_job(call: Call) -> Message:
    """Says why: a document is removed as soon as its job is over, and what was paid once is not printed twice."""
    job = await call.own_job()
    if job.state.is_final:
        why = f"job {job.job_id} is {job.state}, and the documents of finished jobs are not kept: print it again"
    else:
        why = f"job {job.job_id} is {job.state}, not finished"
    raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, why)
