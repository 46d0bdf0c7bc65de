"""Get-Job-Attributes (RFC 8011 section 4.3.4): for the job's owner."""

from __future__ import annotations

from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import requested_attributes
from everprint.ipp.status import Status
from everprint.provider.front.call import Call
from everprint.provider.front.cups_backend import as_followed
from everprint.provider.front.job_attributes import job_group


async def get_job_attributes(call: Call) -> Message:
    """What is known of one job."""
    job = await call.own_job()
    group = job_group(call, job, requested_attributes(call.request.message))
    return reply(call.request.message, Status.SUCCESSFUL_OK, as_followed(call, job, group))
