"""Restart-Job (RFC 8011 section 4.3.7): recognised, because Hold-Job and Release-Job are, and never possible."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.status import Status
from everprint.provider.changes import NotPossible
from everprint.provider.front.call import Call


async def restart_job(call: Call) -> Message:
    """Says why: a job that is over stays over, and what was paid once is not printed twice. It may be printed again
    as a new job, if its document is kept."""
    job = await call.own_job()
    try:
        call.front.resubmission.require_possible(job)
    except NotPossible as error:
        why = str(error)
    else:
        why = f"job {job.job_id} is {job.state}; Resubmit-Job makes a new job of it"
    raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, why)
