"""Create-Job (RFC 8011 section 4.2.4): a job whose document comes by Send-Document."""

from __future__ import annotations

from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.provider.front.call import Call
from everprint.provider.front.create_subscriptions import subscribe_with
from everprint.provider.front.job_attributes import status_group
from everprint.provider.front.new_job import examine, make_job, require_room
from everprint.provider.front.receive import no_room
from everprint.provider.journal import JournalFailed
from everprint.provider.spool import SpoolFull


async def create_job(call: Call) -> Message:
    """Makes a job that waits, for *multiple-operation-time-out* seconds, for its document."""
    new = await examine(call)
    job = await make_job(call, new)
    try:
        require_room(call, new.owner)
        await call.front.jobs.add(job)
    except (SpoolFull, JournalFailed) as error:
        raise no_room(call, error) from error
    subscriptions = subscribe_with(call, job)
    call.front.walk(job.job_id)
    return reply(call.request.message, new.status, *new.groups, status_group(call, job), *subscriptions)
