"""Get-Notifications (RFC 3996): the events that wait in the caller's subscriptions.

A client that sets *notify-wait* is answered when there is an event, or after half a minute with none: then it asks
again. That is one answer to one request; the stream of answers that RFC 3996 also knows is not offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from everprint.ipp.errors import Refused
from everprint.ipp.message import (
    Attribute,
    Group,
    Message,
    charset,
    date_time,
    integer,
    keyword,
    natural_language,
    octet_string,
    text,
    uri,
)
from everprint.ipp.reply import reply_with
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.front.call import Call
from everprint.provider.subscriptions.subscription import Notification, Subscription

_MOST_AT_ONCE = 100
_LONGEST_WAIT_S = 30.0
# Seconds until a client should ask again: at once if it was made to wait.
_INTERVAL_S, _INTERVAL_AFTER_WAIT_S = 15, 1
_MOST_WAITING = 1_000


class Notifications:
    """The operation; it bounds how many clients wait at the same time."""

    def __init__(self, longest_wait_s: float = _LONGEST_WAIT_S) -> None:
        self._longest_wait_s = longest_wait_s
        self._waiting = 0

    async def __call__(self, call: Call) -> Message:
        """What there is; if that is nothing and the client wants to wait, what there is then."""
        caller = await call.caller()
        asked = _asked(call)
        own, gone = _own(call, caller.user_name, asked)
        if not own:
            raise Refused(
                Status.CLIENT_ERROR_NOT_FOUND,
                "you have none of these subscriptions: they ended, or the print server started anew",
                unsupported_group(integer("notify-subscription-ids", *gone)),
            )
        events = _events(own, asked)
        waits = call.request.message.operation.boolean("notify-wait") is True and self._waiting < _MOST_WAITING
        if waits and not events and not all(one.is_complete for one in own):
            events = await self._wait(call, own, asked)
        status = _status(own, gone, events)
        groups = [Group(GroupTag.EVENT_NOTIFICATION, tuple(_event(call, *event))) for event in events]
        if gone:
            groups.insert(0, unsupported_group(integer("notify-subscription-ids", *gone)))
        about = (
            integer("notify-get-interval", _INTERVAL_AFTER_WAIT_S if waits else _INTERVAL_S),
            integer("printer-up-time", call.front.up_time.now()),
        )
        return reply_with(call.request.message, status, about, *groups)

    async def _wait(
        self, call: Call, own: Sequence[Subscription], asked: dict[int, int]
    ) -> list[tuple[Subscription, Notification]]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._longest_wait_s
        events: list[tuple[Subscription, Notification]] = []
        self._waiting += 1
        try:
            while not events and (left_s := end - loop.time()) > 0 and not call.front.subscriptions.is_closed:
                await call.front.subscriptions.until_told(own, left_s)
                events = _events(own, asked)
        finally:
            self._waiting -= 1
        return events


def _asked(call: Call) -> dict[int, int]:
    """By the number of a subscription, the first sequence number that is wanted of it."""
    operation = call.request.message.operation
    ids = operation.integers("notify-subscription-ids")
    if not ids:
        raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "notify-subscription-ids is missing")
    if len(ids) > _MOST_AT_ONCE:
        raise Refused(
            Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE,
            f"{len(ids)} subscriptions at once; {_MOST_AT_ONCE} at the most",
        )
    firsts = operation.integers("notify-sequence-numbers")
    return {number: firsts[place] if place < len(firsts) else 1 for place, number in enumerate(ids)}


def _own(call: Call, user_name: str, asked: dict[int, int]) -> tuple[list[Subscription], list[int]]:
    """Those of the caller's that there are, and the numbers of those that there are not."""
    own: list[Subscription] = []
    gone: list[int] = []
    for number in asked:
        one = call.front.subscriptions.get(call.queue.name, number)
        if one is None or one.user_name != user_name:
            gone.append(number)
        else:
            own.append(one)
    return own, gone


def _events(own: Sequence[Subscription], asked: dict[int, int]) -> list[tuple[Subscription, Notification]]:
    return [(one, event) for one in own for event in one.notifications(asked[one.subscription_id])]


def _status(
    own: Sequence[Subscription], gone: Sequence[int], events: Sequence[tuple[Subscription, Notification]]
) -> Status:
    if gone:
        return Status.SUCCESSFUL_OK_IGNORED_NOTIFICATIONS
    if all(one.is_complete for one in own) and not events:
        return Status.SUCCESSFUL_OK_EVENTS_COMPLETE
    return Status.SUCCESSFUL_OK


def _event(call: Call, one: Subscription, event: Notification) -> Iterator[Attribute]:
    happening = event.happening
    yield charset("notify-charset", "utf-8")
    yield natural_language("notify-natural-language", "en")
    yield uri("notify-printer-uri", call.printer_uri())
    yield integer("notify-subscription-id", one.subscription_id)
    yield integer("notify-sequence-number", event.sequence_number)
    yield keyword("notify-subscribed-event", event.subscribed_event)
    yield octet_string("notify-user-data", one.wanted.user_data)
    yield text("notify-text", happening.text.encode()[:1023].decode("utf-8", "ignore"))
    yield integer("printer-up-time", call.front.up_time.at(happening.moment.monotonic_s))
    yield date_time("printer-current-time", happening.moment.at)
    yield from happening.attributes
