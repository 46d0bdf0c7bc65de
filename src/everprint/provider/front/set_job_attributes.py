"""Set-Job-Attributes (RFC 3380 section 4.2): the owner changes a job that the printer does not have yet.

The name may be changed until delivery begins. Options that change the paper may be changed while the job is held or
waits for its document: then what it puts on paper is found out anew, and it is decided anew when it is released.
All attributes of a request are set, or none.
"""

from __future__ import annotations

from dataclasses import replace

from everprint.contract.job_life import JobState
from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag, ValueTag
from everprint.ipp.unsupported import not_settable, unsupported_group
from everprint.provider.changes import ALSO_NOTHING, AT_DEVICE, Also, NotPossible, hold, release
from everprint.provider.front.call import Call
from everprint.provider.front.receive import no_room
from everprint.provider.job import Job
from everprint.provider.jobs import Change, Moved, unchanged
from everprint.provider.journal import JournalFailed
from everprint.provider.mirrored import PASSED_ON
from everprint.provider.preset_view import View
from everprint.provider.queue_attributes import SETTABLE_OF_JOB
from everprint.provider.tickets import read_ticket

_BEFORE_DELIVERY = frozenset(state for state in JobState if not state.is_final) - AT_DEVICE
_OPTIONS_CHANGE_IN = frozenset({JobState.INCOMING, JobState.HELD})
_HOLD = "job-hold-until"


async def set_job_attributes(call: Call) -> Message:
    """Checks everything; then name, options, and whether it is held change in one step, or nothing does."""
    job = await call.own_job()
    wanted = call.request.message.job
    if not wanted.attributes:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no job attribute in the request")
    _check_settable(call, wanted)
    job_name = _job_name(wanted)
    options = _check_supported(call.queue.view_of(job.owner.user_name), wanted)
    try:
        await _change(call, job, wanted.string(_HOLD), await _as_wanted(call, job, job_name, options))
    except (Moved, NotPossible) as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    except JournalFailed as error:
        raise no_room(call, error) from error
    return reply(call.request.message, Status.SUCCESSFUL_OK)


def _check_settable(call: Call, wanted: Group) -> None:
    passed_on = {name for name in PASSED_ON if f"{name}-supported" in call.queue.shown}
    wrong = [
        not_settable(one.name) for one in wanted if one.name not in passed_on and one.name not in SETTABLE_OF_JOB
    ]
    if wrong:
        names = ", ".join(one.name for one in wrong)
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_NOT_SETTABLE, f"cannot be set: {names}", unsupported_group(*wrong)
        )


def _check_supported(view: View, wanted: Group) -> tuple[Attribute, ...]:
    """The options to change; one with the value *delete-attribute* is to be left to the printer again."""
    template = tuple(one for one in wanted if one.name != "job-name")
    given = Group(GroupTag.JOB, tuple(one for one in template if not _is_deletion(one)))
    checked = check_job_template(given, view.job_template)
    if checked.unsupported:
        names = ", ".join(one.name for one in checked.unsupported)
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"this printer cannot do as asked: {names}",
            unsupported_group(*checked.unsupported),
        )
    return tuple(one for one in template if one.name != _HOLD)


def _job_name(wanted: Group) -> str | None:
    name = wanted.string("job-name")
    if "job-name" in wanted and (not name or len(wanted.require("job-name").values) > 1):
        raise BadValue("job-name", "is one name")
    return name


def _is_deletion(attribute: Attribute) -> bool:
    return attribute.tags == (ValueTag.DELETE_ATTRIBUTE,)


def _require_changeable(job: Job) -> None:
    if job.state not in _OPTIONS_CHANGE_IN or job.in_doubt:
        raise NotPossible(f"job {job.job_id} is {job.state}: its options can be changed while it is held")


async def _as_wanted(call: Call, job: Job, job_name: str | None, options: tuple[Attribute, ...]) -> Also:
    """The change of name and options, and when it can be made."""
    renamed: Change = unchanged if job_name is None else lambda job: replace(job, job_name=job_name)
    if not options:
        return ALSO_NOTHING if job_name is None else Also(renamed, _BEFORE_DELIVERY)
    _require_changeable(job)
    kept = {one.name: one for one in job.attributes}
    for option in options:
        kept.pop(option.name, None)
        if not _is_deletion(option):
            kept[option.name] = option
    attributes = call.queue.view_of(job.owner.user_name).with_defaults(tuple(kept.values()))
    ticket = read_ticket(Group(GroupTag.JOB, attributes), call.queue.default_ticket)
    changed = replace(job, attributes=attributes, ticket=ticket)
    findings = None if job.findings is None else await call.front.findings(changed)
    return Also(
        lambda now: replace(renamed(_still(now, job)), attributes=attributes, ticket=ticket, findings=findings),
        frozenset({job.state}),
    )


def _still(now: Job, then: Job) -> Job:
    """The job, if what was found out of it still holds. Raises NotPossible."""
    if (now.attempt, now.queue, now.in_doubt) != (then.attempt, then.queue, then.in_doubt):
        raise NotPossible(f"job {now.job_id} went on meanwhile: look at it, and try again")
    if (now.attributes, now.ticket, now.document) != (then.attributes, then.ticket, then.document):
        raise NotPossible(f"job {now.job_id} was changed by somebody else meanwhile: look at it, and try again")
    return now


async def _change(call: Call, job: Job, hold_until: str | None, also: Also) -> None:
    jobs = call.front.jobs
    if hold_until == "indefinite":
        await hold(jobs, job, f"Held by {job.owner.user_name}.", also)
    elif hold_until == "no-hold" and (job.state is JobState.HELD or job.hold_wanted):
        await release(jobs, job, also=also)
    elif also is not ALSO_NOTHING:
        await jobs.amend(job.job_id, also.change, only_in=also.only_in)
