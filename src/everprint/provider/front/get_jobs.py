"""Get-Jobs (RFC 8011 section 4.2.6). People see what is theirs; of others' jobs only that they are there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import GET_JOBS_DEFAULT, requested_attributes
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.front.call import Call
from everprint.provider.front.job_attributes import job_group
from everprint.provider.job import Job
from everprint.provider.queue_attributes import WHICH_JOBS

# Without a limit of its own, a client that polls would be sent everything that the provider remembers.
_MOST = 500


async def get_jobs(call: Call) -> Message:
    """The jobs of the queue: unfinished ones in the order of printing, finished ones the newest first."""
    caller = await call.caller(or_nobody=True)
    operation = call.request.message.operation
    limit = operation.integer("limit")
    if limit is not None and limit < 1:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, f"limit is 1 or more, not {limit}")
    jobs = _which(call)
    if operation.boolean("my-jobs"):
        jobs = (job for job in jobs if job.owner.user_name == caller.user_name)
    wanted = requested_attributes(call.request.message, GET_JOBS_DEFAULT)
    groups = [
        job_group(call, job, wanted, public_only=job.owner.user_name != caller.user_name)
        for job in islice(jobs, min(limit or _MOST, _MOST))
    ]
    return reply(call.request.message, Status.SUCCESSFUL_OK, *groups)


def _which(call: Call) -> Iterable[Job]:
    operation = call.request.message.operation
    if named := operation.integers("job-ids"):
        return _named(call, named)
    which = operation.string("which-jobs") or "not-completed"
    jobs, queue = call.front.jobs, call.queue.name
    match which:
        case "not-completed":
            return jobs.active(queue)
        case "completed":
            return jobs.finished(queue)
        case "all":
            return chain(jobs.active(queue), jobs.finished(queue))
        case _:
            raise Refused(
                Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
                f"which-jobs {which} is not supported; {', '.join(WHICH_JOBS)} are",
                unsupported_group(operation.require("which-jobs")),
            )


def _named(call: Call, job_ids: Iterable[int]) -> Iterable[Job]:
    """Those of *job-ids* that are in this queue, in their order (PWG 5100.7 section 6.1.1)."""
    if "which-jobs" in call.request.message.operation:
        raise Refused(Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES, "either job-ids or which-jobs, not both")
    found = (call.front.jobs.get(job_id) for job_id in dict.fromkeys(job_ids))
    return [job for job in found if job is not None and call.queue.name in (job.queue, job.first_queue)]
