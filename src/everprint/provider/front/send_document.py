"""Send-Document and Close-Job (RFC 8011 section 4.3.1, PWG 5100.7 section 5.1): the document of a created job.

A job has one document. One that was sent with *last-document* false waits on disk until the client says that no more
will come: by an empty Send-Document with *last-document* true, or by Close-Job.
"""

from __future__ import annotations

from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import JobReceived
from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.provider.front.call import Call
from everprint.provider.front.job_attributes import status_group
from everprint.provider.front.new_job import check_document
from everprint.provider.front.receive import no_room, receive_document
from everprint.provider.front.refusal import require_not_refused
from everprint.provider.job import Document, Job
from everprint.provider.jobs import Moved
from everprint.provider.journal import JournalFailed
from everprint.provider.spool import ClaimedAlready, SpoolFile


async def send_document(call: Call) -> Message:
    """Takes the document, or the word that there is no further one."""
    job = await call.own_job()
    try:
        with call.front.spool.claim(job.uuid):
            job = await _take(call, call.front.jobs.current(job))
    except ClaimedAlready as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    job = await require_not_refused(call, job)
    return reply(call.request.message, Status.SUCCESSFUL_OK, status_group(call, job))


async def _take(call: Call, job: Job) -> Job:
    last = call.request.message.operation.boolean("last-document")
    if last is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "last-document is missing")
    check_document(call)
    _require_incoming(job)
    received = await receive_document(call, job.uuid) if job.document is None else None
    if received is None:
        await _require_no_document(call, job)
        if not last:
            raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no document in the request")
        return await _close(call, job)
    document, file = received
    if last:
        return await _accept(call, job, document, file)
    return await _keep(call, job, document, file)


async def close_job(call: Call) -> Message:
    """Lets a job go on whose document was sent with last-document false."""
    job = await call.own_job()
    _require_incoming(job)
    await require_not_refused(call, await _close(call, job))
    return reply(call.request.message, Status.SUCCESSFUL_OK)


def _require_incoming(job: Job) -> None:
    if job.state is not JobState.INCOMING:
        raise Refused(
            Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} takes no further document: it is {job.state}"
        )


async def _require_no_document(call: Call, job: Job) -> None:
    if job.document is not None:
        async for piece in call.request.document:
            if piece:
                raise Refused(
                    Status.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED,
                    f"job {job.job_id} has its document; a job has one here",
                )


async def _close(call: Call, job: Job) -> Job:
    if job.document is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, f"job {job.job_id} has no document yet")
    return await _accept(call, job, job.document, None)


async def _accept(call: Call, job: Job, document: Document, file: SpoolFile | None) -> Job:
    complete = replace(job, document=document)
    try:
        return await call.front.jobs.step(
            job.job_id,
            JobEvent.DOCUMENT_RECEIVED,
            lambda job: replace(job, document=document),
            JobReceived(job=complete.description()),
            file,
            only_in={JobState.INCOMING},
        )
    except JournalFailed as error:
        raise no_room(call, error) from error
    except Moved as error:
        raise _ended(job) from error


async def _keep(call: Call, job: Job, document: Document, file: SpoolFile) -> Job:
    try:
        return await call.front.jobs.amend(
            job.job_id, lambda job: replace(job, document=document), file, only_in={JobState.INCOMING}
        )
    except JournalFailed as error:
        raise no_room(call, error) from error
    except Moved as error:
        raise _ended(job) from error


def _ended(job: Job) -> Refused:
    return Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} was ended meanwhile")
