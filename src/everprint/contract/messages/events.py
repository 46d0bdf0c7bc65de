"""What happened: ordered by `sequence` (from 1, without gaps, per provider), reported in batches, at least once."""

from __future__ import annotations

from datetime import datetime

import msgspec

from everprint.contract.messages.job_facts import JobFact
from everprint.contract.messages.provider_facts import ProviderFact


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `job_id` is None for a fact about a printer or the provider itself."""

    sequence: int
    at: datetime
    job_id: str | None
    fact: JobFact | ProviderFact


class EventBatch(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/events: events in order of their sequence."""

    events: list[Event]
    oldest: int | None = None
    """The oldest event that the provider still has, told or not; None: it keeps none that it told."""


class EventsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """All events up to and including `taken` are stored; they need not be sent again."""

    taken: int
