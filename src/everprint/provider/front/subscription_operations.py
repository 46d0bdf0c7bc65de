"""What is done with subscriptions: Get-Subscription-Attributes, Get-Subscriptions, Renew- and Cancel-Subscription
(RFC 3995 section 11.2). Everybody has to do with their own only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import (
    Attribute,
    Group,
    Message,
    charset,
    integer,
    keyword,
    name,
    natural_language,
    octet_string,
    uri,
)
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import requested_names
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.front.call import Call
from everprint.provider.front.subscription_template import lease_of
from everprint.provider.subscriptions.subscription import Subscription
from everprint.provider.subscriptions.terms import PULL_METHOD

_TEMPLATE = frozenset(
    {
        "notify-charset", "notify-events", "notify-lease-duration", "notify-natural-language", "notify-pull-method",
        "notify-user-data",
    }
)  # fmt: skip
_GET_SUBSCRIPTIONS_DEFAULT = frozenset({"notify-subscription-id"})
_ALL = frozenset({"all"})


async def get_subscription_attributes(call: Call) -> Message:
    """One subscription."""
    subscription = await _own(call)
    group = _group(call, subscription, requested_names(call.request.message, _ALL))
    return reply(call.request.message, Status.SUCCESSFUL_OK, group)


async def get_subscriptions(call: Call) -> Message:
    """The caller's subscriptions to the queue, or to the job that *notify-job-id* names; nobody has none."""
    caller = await call.caller(or_nobody=True)
    operation = call.request.message.operation
    limit = operation.integer("limit")
    if limit is not None and limit < 1:
        raise BadValue("limit", f"is {limit}, expected 1 or more")
    job_id = operation.integer("notify-job-id")
    if job_id is not None:
        call.job_of(caller, job_id)
    own = (
        one
        for one in call.front.subscriptions.of_queue(call.queue.name)
        if one.user_name == caller.user_name and one.job_id == job_id
    )
    wanted = requested_names(call.request.message, _GET_SUBSCRIPTIONS_DEFAULT)
    groups = [_group(call, one, wanted) for one in islice(own, limit)]
    return reply(call.request.message, Status.SUCCESSFUL_OK, *groups)


async def renew_subscription(call: Call) -> Message:
    """Lets a subscription to the queue last on, for *notify-lease-duration* from now."""
    subscription = await _own(call)
    if subscription.job_id is not None:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, "a subscription to a job lasts as long as the job")
    # RFC 3995 has it among the operation attributes, CUPS and others in a group of its own.
    group = call.request.message.group(GroupTag.SUBSCRIPTION)
    lease_s = lease_of(group if "notify-lease-duration" in group else call.request.message.operation)
    call.front.subscriptions.renew(subscription, lease_s)
    granted = Group(GroupTag.SUBSCRIPTION, (integer("notify-lease-duration", lease_s),))
    return reply(call.request.message, Status.SUCCESSFUL_OK, granted)


async def cancel_subscription(call: Call) -> Message:
    """Ends a subscription, with the events that wait in it."""
    call.front.subscriptions.cancel(await _own(call))
    return reply(call.request.message, Status.SUCCESSFUL_OK)


async def _own(call: Call) -> Subscription:
    caller = await call.caller()
    subscription_id = call.request.message.operation.integer("notify-subscription-id")
    if subscription_id is None:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "notify-subscription-id is missing")
    subscription = call.front.subscriptions.get(call.queue.name, subscription_id)
    if subscription is None or subscription.user_name != caller.user_name:
        raise Refused(
            Status.CLIENT_ERROR_NOT_FOUND, f"you have no subscription {subscription_id} to queue {call.queue.name}"
        )
    return subscription


def _group(call: Call, one: Subscription, wanted: frozenset[str]) -> Group:
    def is_wanted(attribute: Attribute) -> bool:
        group = "subscription-template" if attribute.name in _TEMPLATE else "subscription-description"
        return bool(wanted & {"all", group, attribute.name})

    return Group(GroupTag.SUBSCRIPTION, tuple(filter(is_wanted, _attributes(call, one))))


def _attributes(call: Call, one: Subscription) -> Iterator[Attribute]:
    yield integer("notify-subscription-id", one.subscription_id)
    yield uri("notify-printer-uri", call.printer_uri())
    yield name("notify-subscriber-user-name", one.user_name)
    yield integer("notify-sequence-number", one.last_sequence_number)
    yield integer("notify-printer-up-time", call.front.up_time.now())
    if one.job_id is not None:
        yield integer("notify-job-id", one.job_id)
    elif one.ends_at_s is not None:
        yield integer("notify-lease-duration", one.wanted.lease_s)
        yield integer("notify-lease-expiration-time", call.front.up_time.at(one.ends_at_s))
    yield keyword("notify-events", *one.wanted.events)
    yield keyword("notify-pull-method", PULL_METHOD)
    yield octet_string("notify-user-data", one.wanted.user_data)
    yield charset("notify-charset", "utf-8")
    yield natural_language("notify-natural-language", one.wanted.natural_language)
