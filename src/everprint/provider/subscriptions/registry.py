"""All subscriptions of this provider: made within limits, told what happens, ended by their lease."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from everprint.provider.job import Job
from everprint.provider.queue import Queue, QueueChange
from everprint.provider.subscriptions.happening import Happening, of_job, of_queue
from everprint.provider.subscriptions.subscription import Subscription, Wanted
from everprint.provider.subscriptions.terms import EVENT_LIFE_S


class TooManySubscriptions(Exception):
    """There is no room for one more; the text says whose limit it is."""


@dataclass(frozen=True, slots=True)
class SubscriptionLimits:
    """How many there may be."""

    in_all: int
    per_user: int


class Subscriptions:
    """Watches jobs and queues on behalf of clients."""

    def __init__(self, limits: SubscriptionLimits) -> None:
        self._limits = limits
        self._by_id: dict[int, Subscription] = {}
        self._by_queue: defaultdict[str, dict[int, Subscription]] = defaultdict(dict)
        # After a restart no client may take another's subscription for the one that it lost.
        self._last_id = int(time.time()) & 0x3FFFFFFF
        self._bells: set[asyncio.Event] = set()
        self.is_closed = False

    def close(self) -> None:
        """The provider stops: nobody waits for an event any more."""
        self.is_closed = True
        for bell in self._bells:
            bell.set()

    def subscribe(self, queue: str, user_name: str, wanted: Wanted, job: Job | None = None) -> Subscription:
        """Makes one: to the queue, or to one of its unfinished jobs. Raises TooManySubscriptions."""
        self._require_room(user_name)
        self._last_id += 1
        ends_at_s = time.monotonic() + wanted.lease_s if job is None else None
        subscription = Subscription(
            self._last_id, queue, user_name, wanted, None if job is None else job.job_id, ends_at_s
        )
        self._by_id[subscription.subscription_id] = subscription
        self._by_queue[queue][subscription.subscription_id] = subscription
        return subscription

    def get(self, queue: str, subscription_id: int) -> Subscription | None:
        """The subscription of that queue, if it is not over."""
        found = self._by_id.get(subscription_id)
        if found is None or found.queue != queue:
            return None
        if found.is_over(time.monotonic()):
            self.cancel(found)
            return None
        return found

    def of_queue(self, queue: str) -> Iterator[Subscription]:
        """Those of a queue and of its jobs that are not over, oldest first."""
        now_s = time.monotonic()
        return (one for one in list(self._by_queue.get(queue, {}).values()) if not one.is_over(now_s))

    def renew(self, subscription: Subscription, lease_s: int) -> None:
        """Lets a subscription to a printer last so long from now on."""
        subscription.ends_at_s = time.monotonic() + lease_s

    def cancel(self, subscription: Subscription) -> None:
        """Ends it."""
        self._by_id.pop(subscription.subscription_id, None)
        of_queue = self._by_queue[subscription.queue]
        of_queue.pop(subscription.subscription_id, None)
        if not of_queue:
            del self._by_queue[subscription.queue]

    def note_job(self, before: Job | None, job: Job) -> None:
        """A job changed (Jobs.watch)."""
        if job.queue not in self._by_queue:
            return
        if (happening := of_job(before, job)) is not None:
            self._tell(happening)
        if job.state.is_final:
            for one in self._by_queue[job.queue].values():
                if one.job_id == job.job_id and not one.is_complete:
                    one.is_complete, one.ends_at_s = True, time.monotonic() + EVENT_LIFE_S

    def note_queue(self, queue: Queue, change: QueueChange) -> None:
        """A queue changed (Queue.watch)."""
        if queue.name in self._by_queue:
            self._tell(of_queue(queue, change))

    async def until_told(self, any_of: Sequence[Subscription], within_s: float) -> None:
        """Waits until one of these has a new event, or for so long. No event wakes whom it does not concern."""
        if self.is_closed:
            return
        bell = asyncio.Event()
        self._bells.add(bell)
        for one in any_of:
            one.bells.add(bell)
        try:
            async with asyncio.timeout(within_s):
                await bell.wait()
        except TimeoutError:
            pass
        finally:
            self._bells.discard(bell)
            for one in any_of:
                one.bells.discard(bell)

    def _tell(self, happening: Happening) -> None:
        for one in self._by_queue[happening.queue].values():
            one.tell(happening)

    def _require_room(self, user_name: str) -> None:
        if len(self._by_id) >= self._limits.in_all:
            self._forget_those_that_are_over()
        if len(self._by_id) >= self._limits.in_all:
            raise TooManySubscriptions("This print server has too many subscriptions; try again later.")
        now_s = time.monotonic()
        own = sum(one.user_name == user_name and not one.is_over(now_s) for one in self._by_id.values())
        if own >= self._limits.per_user:
            raise TooManySubscriptions(f"{user_name} has {own} subscriptions, and may have no more: cancel some.")

    def _forget_those_that_are_over(self) -> None:
        now_s = time.monotonic()
        for one in [one for one in self._by_id.values() if one.is_over(now_s)]:
            self.cancel(one)
