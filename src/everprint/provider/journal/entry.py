"""What is written together: one entry is one all-or-nothing step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from everprint.contract.job_ids import JobIdBlock
from everprint.contract.messages import JobFact, ProviderFact
from everprint.provider.job import Job
from everprint.provider.spool import SpoolFile


@dataclass(frozen=True, slots=True)
class JobEventFact:
    """A fact for the outbox; the journal gives it its sequence. `job_uuid` is None for one about no job."""

    at: datetime
    job_uuid: str | None
    fact: JobFact | ProviderFact


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows to write, and the documents that must be on disk before the rows are."""

    added: tuple[Job, ...] = ()
    changed: tuple[Job, ...] = ()
    facts: tuple[JobEventFact, ...] = ()
    documents: tuple[SpoolFile, ...] = ()
    forgotten: tuple[int, ...] = ()  # job-ids of finished jobs that make room
    taken: int | None = None  # the server has all events up to this sequence
    order_done: int | None = None  # orders up to this sequence are carried out
    taken_over: bool = False  # what is added has its numbers from another print server
    job_ids: JobIdBlock | None = None  # numbers that may be given to jobs from now on
