"""One subscription, and the events that wait in it (RFC 3995 section 5)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from everprint.provider.subscriptions.happening import Happening
from everprint.provider.subscriptions.terms import EVENT_LIFE_S, MOST_EVENTS


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for (the subscription template attributes)."""

    events: tuple[str, ...]
    user_data: bytes = b""
    natural_language: str = "en"
    lease_s: int = 0  # of a subscription to a printer; one to a job lasts as long as the job


@dataclass(frozen=True, slots=True)
class Notification:
    """A happening as one subscription tells it."""

    sequence_number: int
    subscribed_event: str
    happening: Happening


@dataclass(slots=True, eq=False)
class Subscription:
    """Changed by the registry only. `job_id` is None for a subscription to a printer."""

    subscription_id: int
    queue: str
    user_name: str
    wanted: Wanted
    job_id: int | None = None
    ends_at_s: float | None = None  # by time.monotonic(); None while its job is unfinished
    is_complete: bool = False  # its job is over: there will be no further event
    _sequence_number: int = 0
    bells: set[asyncio.Event] = field(default_factory=set)  # of those who wait for its next event
    _waiting: deque[Notification] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))

    def is_over(self, now_s: float) -> bool:
        """True if nobody can fetch from it any more."""
        return self.ends_at_s is not None and now_s >= self.ends_at_s

    def tell(self, happening: Happening) -> bool:
        """Keeps the happening to be fetched, if it was subscribed to."""
        if self.job_id is not None and happening.job_id != self.job_id:
            return False
        event = happening.subscribed_as(self.wanted.events)
        if event is None:
            return False
        self._sequence_number += 1
        self._waiting.append(Notification(self._sequence_number, event, happening))
        for bell in self.bells:
            bell.set()
        return True

    def notifications(self, first: int = 1) -> Iterable[Notification]:
        """Those that were not fetched yet, or not acknowledged by a higher *first*."""
        oldest_s = time.monotonic() - EVENT_LIFE_S
        return [
            one
            for one in self._waiting
            if one.sequence_number >= first and one.happening.moment.monotonic_s >= oldest_s
        ]

    @property
    def last_sequence_number(self) -> int:
        """*notify-sequence-number*: how many events there were."""
        return self._sequence_number
