"""Hold-Job and Release-Job (RFC 8011 sections 4.3.5 and 4.3.6)."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.changes import NotPossible, hold, release
from everprint.provider.front.call import Call
from everprint.provider.front.job_password import require_password
from everprint.provider.front.receive import no_room
from everprint.provider.job import Job
from everprint.provider.journal import JournalFailed
from everprint.provider.redirection import redirect


async def hold_job(call: Call) -> Message:
    """Holds a job of the caller's own that the device does not have yet."""
    job = await call.own_job()
    operation = call.request.message.operation
    until = operation.string("job-hold-until") or "indefinite"
    if until not in ("indefinite", "no-hold"):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"job-hold-until {until} is not supported; indefinite is",
            unsupported_group(operation.require("job-hold-until")),
        )
    try:
        if until == "no-hold":
            await release(call.front.jobs, job)
        else:
            await hold(call.front.jobs, job, f"Held by {job.owner.user_name}.")
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    except JournalFailed as error:
        raise no_room(call, error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def release_job(call: Call) -> Message:
    """Lets a held job of the caller's own go on; one that has a PIN, with its PIN. One of a Find-Me queue is printed
    by the queue that is asked, also while the server is away.
    """
    job = await _own_job_to_release(call)
    try:
        if job.waits_for_password:
            await require_password(call, job)
        if job.queue != call.queue.name and job.first_queue != call.queue.name:
            await redirect(
                call.front.jobs, job, call.queue, job.owner.user_name, release=True,
                password_given=job.waits_for_password,
            )  # fmt: skip
            return reply(call.request.message, Status.SUCCESSFUL_OK)
        await release(call.front.jobs, job, password_given=job.waits_for_password)
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    except JournalFailed as error:
        raise no_room(call, error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def _own_job_to_release(call: Call) -> Job:
    """The caller's own job, in the queue that is asked or in a Find-Me queue of this provider. Raises Refused."""
    caller = await call.caller()
    job = call.front.jobs.get(call.job_id or 0)
    waits_at = None if job is None else call.front.queues.get(job.queue)
    if job is None or waits_at is None or not waits_at.is_find_me or call.queue.is_find_me:
        return call.job_of(caller, call.job_id or 0)
    if job.owner.user_name != caller.user_name:
        raise Refused(Status.CLIENT_ERROR_NOT_AUTHORIZED, f"job {job.job_id} belongs to somebody else")
    return job
