"""Cancel-Job and Cancel-My-Jobs (RFC 8011 section 4.3.3, PWG 5100.7 section 5.3)."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message, integer
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.changes import NotPossible, cancel
from everprint.provider.front.call import Call
from everprint.provider.front.receive import no_room
from everprint.provider.journal import JournalFailed


async def cancel_job(call: Call) -> Message:
    """Cancels one job of the caller's own, wherever it stands."""
    job = await call.own_job()
    try:
        await cancel(call.front.jobs, job, job.owner.user_name)
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    except JournalFailed as error:
        raise no_room(error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def cancel_my_jobs(call: Call) -> Message:
    """Cancels the caller's jobs in this queue: those of *job-ids*, or all. All that are named, or none."""
    caller = await call.caller()
    own = {
        job.job_id: job for job in call.front.jobs.active(call.queue.name) if job.owner.user_name == caller.user_name
    }
    wanted = call.request.message.operation.integers("job-ids")
    wrong = [job_id for job_id in wanted if job_id not in own]
    if wrong:
        raise Refused(
            Status.CLIENT_ERROR_NOT_POSSIBLE,
            "some of these jobs are finished, unknown or not yours",
            unsupported_group(integer("job-ids", *wrong)),
        )
    for job_id in wanted or own:
        try:
            await cancel(call.front.jobs, own[job_id], caller.user_name)
        except NotPossible:
            continue  # it finished while the others were cancelled
        except JournalFailed as error:
            raise no_room(error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)
