"""Cancel-Job (RFC 8011 section 4.3.3), Cancel-My-Jobs, and for operators Cancel-Jobs and Purge-Jobs (PWG 5100.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message, integer
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.changes import NotPossible, cancel
from everprint.provider.front.call import Call
from everprint.provider.front.receive import no_room
from everprint.provider.job import Job
from everprint.provider.journal import JournalFailed


async def cancel_job(call: Call) -> Message:
    """Cancels one job of the caller's own, wherever it stands."""
    job = await call.own_job()
    try:
        await cancel(call.front.jobs, job, job.owner.user_name)
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    except JournalFailed as error:
        raise no_room(call, error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def cancel_my_jobs(call: Call) -> Message:
    """Cancels the caller's jobs in this queue: those of *job-ids*, or all. All that are named, or none."""
    caller = await call.caller()
    own = [job for job in call.front.jobs.active(call.queue.name) if job.owner.user_name == caller.user_name]
    await _cancel_all(
        call, _named(call, own, "some of these jobs are finished, unknown or not yours"), caller.user_name
    )
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def cancel_jobs(call: Call) -> Message:
    """An operator cancels everybody's jobs in this queue: those of *job-ids*, or all. All that are named, or none."""
    operator = await call.operator()
    active = list(call.front.jobs.active(call.queue.name))
    await _cancel_all(call, _named(call, active, "some of these jobs are finished or unknown"), operator)
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def purge_jobs(call: Call) -> Message:
    """Cancel-Jobs, and finished jobs are forgotten here. What they cost stays in the Application Server's log."""
    operator = await call.operator()
    jobs, queue = call.front.jobs, call.queue.name
    named = _named(call, [*jobs.active(queue), *jobs.finished(queue)], "some of these jobs are unknown")
    await _cancel_all(call, [job for job in named if not job.state.is_final], operator)
    try:
        await jobs.forget(queue, {job.job_id for job in named})
    except JournalFailed as error:
        raise no_room(call, error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


def _named(call: Call, jobs: Sequence[Job], otherwise: str) -> Sequence[Job]:
    """Those that the request's *job-ids* name, or all. Raises Refused if one that is named is not there."""
    by_id = {job.job_id: job for job in jobs}
    wanted = dict.fromkeys(call.request.message.operation.integers("job-ids"))
    wrong = [job_id for job_id in wanted if job_id not in by_id]
    if wrong:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, otherwise, unsupported_group(integer("job-ids", *wrong)))
    return [by_id[job_id] for job_id in wanted] if wanted else jobs


async def _cancel_all(call: Call, jobs: Iterable[Job], by: str) -> None:
    for job in jobs:
        try:
            await cancel(call.front.jobs, job, by)
        except NotPossible:
            continue  # it finished while the others were cancelled
        except JournalFailed as error:
            raise no_room(call, error) from error
