"""Create-Printer-Subscriptions and Create-Job-Subscriptions (RFC 3995 section 11.1), also together with a job.

Each group of subscription attributes in a request asks for one, and is answered by one group in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable

from everprint.ipp.errors import IppError, Refused
from everprint.ipp.failure import status_of
from everprint.ipp.message import Attribute, Group, Message, enum, integer
from everprint.ipp.reply import reply
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.front.call import Call
from everprint.provider.front.subscription_template import read_template
from everprint.provider.job import Job, Owner
from everprint.provider.subscriptions.registry import TooManySubscriptions

# A request for more is somebody's mistake, or worse.
_MOST_AT_ONCE = 10


async def create_printer_subscriptions(call: Call) -> Message:
    """Subscriptions to the queue and all its jobs, for as long as their leases."""
    caller = await call.caller()
    return _answer(call, _subscribe(call, caller, None))


async def create_job_subscriptions(call: Call) -> Message:
    """Subscriptions to one unfinished job of the caller's own (*notify-job-id*), until it is over."""
    caller = await call.caller()
    job_id = call.request.message.operation.integer("notify-job-id")
    if job_id is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "notify-job-id is missing")
    job = call.job_of(caller, job_id)
    if job.state.is_final:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job_id} is {job.state}")
    return _answer(call, _subscribe(call, caller, job))


def subscribe_with(call: Call, job: Job) -> tuple[Group, ...]:
    """What the request that made a job asks for besides (RFC 3995 section 11.1.3); its failures fail no job."""
    return _subscribe(call, job.owner, job) if _asked(call) else ()


def _asked(call: Call) -> tuple[Group, ...]:
    return call.request.message.all_groups(GroupTag.SUBSCRIPTION)


def _subscribe(call: Call, caller: Owner, job: Job | None) -> tuple[Group, ...]:
    return tuple(
        _refused(Status.CLIENT_ERROR_TOO_MANY_SUBSCRIPTIONS)
        if position >= _MOST_AT_ONCE
        else _subscribe_one(call, caller, job, asked)
        for position, asked in enumerate(_asked(call))
    )


def _subscribe_one(call: Call, caller: Owner, job: Job | None, asked: Group) -> Group:
    try:
        template = read_template(asked, of_job=job is not None)
        one = call.front.subscriptions.subscribe(call.queue.name, caller.user_name, template.wanted, job)
    except TooManySubscriptions:
        return _refused(Status.CLIENT_ERROR_TOO_MANY_SUBSCRIPTIONS)
    except IppError as error:
        groups = error.groups if isinstance(error, Refused) else ()
        return _refused(status_of(error), *(attribute for group in groups for attribute in group))
    lease = () if job is not None else (integer("notify-lease-duration", template.wanted.lease_s),)
    status = (enum("notify-status-code", template.status), *template.ignored) if template.ignored else ()
    return Group(GroupTag.SUBSCRIPTION, (integer("notify-subscription-id", one.subscription_id), *lease, *status))


def _refused(status: Status, *unsupported: Attribute) -> Group:
    return Group(GroupTag.SUBSCRIPTION, (enum("notify-status-code", status), *unsupported))


def _answer(call: Call, groups: Iterable[Group]) -> Message:
    groups = tuple(groups)
    if not groups:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no group of subscription attributes in the request")
    made = sum("notify-subscription-id" in group for group in groups)
    if not made:
        raise Refused(
            Status.CLIENT_ERROR_IGNORED_ALL_SUBSCRIPTIONS, "no subscription was made; each says why", *groups
        )
    status = Status.SUCCESSFUL_OK if made == len(groups) else Status.SUCCESSFUL_OK_IGNORED_SUBSCRIPTIONS
    return reply(call.request.message, status, *groups)
