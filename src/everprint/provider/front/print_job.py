"""Print-Job (RFC 8011 section 4.2.1): a job with its document in one request."""

from __future__ import annotations

from dataclasses import replace

from everprint.contract.job_life import JobEvent, next_state
from everprint.contract.messages import JobReceived
from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.provider.front.call import Call
from everprint.provider.front.create_subscriptions import subscribe_with
from everprint.provider.front.job_attributes import status_group
from everprint.provider.front.new_job import examine, make_job, require_room
from everprint.provider.front.receive import no_room, receive_document
from everprint.provider.front.refusal import require_not_refused
from everprint.provider.journal import JournalFailed
from everprint.provider.spool import SpoolFull


async def print_job(call: Call) -> Message:
    """Answers successful-ok only when document and job are on disk, and no refusal is known."""
    new = await examine(call)
    try:
        require_room(call, new.owner)
    except SpoolFull as error:
        raise no_room(call, error) from error
    job = await make_job(call, new)
    received = await receive_document(call, job.uuid)
    if received is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no document in the request")
    document, file = received
    job = replace(job, document=document, state=next_state(job.state, JobEvent.DOCUMENT_RECEIVED))
    try:
        await call.front.jobs.add(job, file, JobReceived(job=job.description()))
    except JournalFailed as error:
        raise no_room(call, error) from error
    subscriptions = subscribe_with(call, job)
    call.front.walk(job.job_id)
    job = await require_not_refused(call, job)
    return reply(call.request.message, new.status, *new.groups, status_group(call, job), *subscriptions)
