"""Tells a client at once that its job was refused, by the IPP status that stock clients act on (PWG 5100.16).

A refusal is known only after the document is analysed and the server has decided, which mostly takes a few
hundredths of a second. So the answer to the request that completed the job waits for that, within bounds: CUPS then
keeps the job, shows *account-limit-reached*, and sends it again when its owner lets it.

CUPS (every release up to 2.4 at least, macOS too) acts on its own old numbers for these statuses and takes the
standard's for success. Its backend uses Send-Document, so that is where it gets them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from everprint.contract.job_life import JobState
from everprint.ipp.errors import Refused
from everprint.ipp.status import Status
from everprint.provider.front.call import Call
from everprint.provider.front.cups_backend import sends_document
from everprint.provider.job import Job

_UNDECIDED = (JobState.ACCEPTED, JobState.ANALYSED)

# By the reason: what the standard says, and what CUPS does.
_STATUSES = {
    "account-limit-reached": (
        Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED,
        Status.CUPS_ERROR_ACCOUNT_LIMIT_REACHED,
    ),
    "account-closed": (
        Status.CLIENT_ERROR_ACCOUNT_CLOSED,
        Status.CUPS_ERROR_ACCOUNT_CLOSED,
    ),
    "account-info-needed": (
        Status.CLIENT_ERROR_ACCOUNT_INFO_NEEDED,
        Status.CUPS_ERROR_ACCOUNT_INFO_NEEDED,
    ),
    "account-authorization-failed": (
        Status.CLIENT_ERROR_ACCOUNT_AUTHORIZATION_FAILED,
        Status.CUPS_ERROR_ACCOUNT_AUTHORIZATION_FAILED,
    ),
}


async def require_not_refused(call: Call, job: Job) -> Job:
    """The job as it is after the decision, or after the time that an answer may wait for it.

    Raises Refused if its owner's account does not allow the job. That job exists, and is over.
    """
    if not job.hold_wanted:
        with suppress(TimeoutError):
            async with asyncio.timeout(call.front.decision_wait_s):
                # One that waits for the server says so; nobody waits with it.
                while job.state in _UNDECIDED and not job.job_state_message:
                    job = await call.front.jobs.until_changed(job)
    if job.state is JobState.REFUSED:
        for reason in job.job_state_reasons:
            if reason in _STATUSES:
                standard, cups = _STATUSES[reason]
                raise Refused(cups if sends_document(call) else standard, job.job_state_message)
    return job
