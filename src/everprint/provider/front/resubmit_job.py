"""Resubmit-Job (PWG 5100.11 section 4.4): a job that is over is printed again, as a new job from its kept document.

Its owner may do it, and operators. The new job is the owner's, whoever asks.
"""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.job_template import check_job_template, wants_fidelity
from everprint.ipp.message import Group, Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.changes import NotPossible
from everprint.provider.front.call import Call
from everprint.provider.front.create_subscriptions import subscribe_with
from everprint.provider.front.job_attributes import status_group
from everprint.provider.front.new_job import require_room
from everprint.provider.front.receive import no_room
from everprint.provider.front.refusal import require_not_refused
from everprint.provider.job import Job
from everprint.provider.journal import JournalFailed
from everprint.provider.resubmission import options_of
from everprint.provider.spool import SpoolFull


async def resubmit_job(call: Call) -> Message:
    """Answers as Print-Job does. What the request says of the job template takes the place of what the job had."""
    old = await _finished_job(call)
    message = call.request.message
    view = call.queue.view_of(old.owner.user_name)
    said = {attribute.name: attribute for attribute in (*options_of(old), *message.job)}
    template = check_job_template(Group(GroupTag.JOB, tuple(said.values())), view.job_template)
    if template.unsupported and wants_fidelity(message):
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            "this printer cannot do as asked",
            Group(GroupTag.UNSUPPORTED, template.unsupported),
        )
    attributes = Group(GroupTag.JOB, view.with_defaults(template.supported))
    try:
        require_room(call, old.owner)
        name = message.operation.string("job-name") or ""
        job = await call.front.resubmission.print_again(old, call.queue, attributes, job_name=name)
    except (SpoolFull, JournalFailed) as error:
        raise no_room(call, error) from error
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    subscriptions = subscribe_with(call, job)
    job = await require_not_refused(call, job)
    unsupported = (Group(GroupTag.UNSUPPORTED, template.unsupported),) if template.unsupported else ()
    status = Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES if unsupported else Status.SUCCESSFUL_OK
    return reply(message, status, *unsupported, status_group(call, job), *subscriptions)


async def _finished_job(call: Call) -> Job:
    """The job, if the caller may print it again and its document is there. Raises Refused, as caller() does."""
    caller = await call.caller()
    job_id = call.job_id or 0
    job = call.front.jobs.get(job_id)
    if job is None or call.queue.name not in (job.queue, job.first_queue):
        raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no job {job_id} in queue {call.queue.name}")
    if job.owner.user_name != caller.user_name:
        await call.operator()
    try:
        call.front.resubmission.require_possible(job)
    except NotPossible as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    return job
