"""All jobs of this provider, in memory for reading and in the journal for keeping.

Invariant: a job's new state is visible here only after the journal has it on disk, and only the steps that
contract.job_life allows are taken. Steps of one job wait for each other; steps of different jobs share a sync.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from everprint.contract.job_life import JobEvent, JobState, next_state
from everprint.contract.messages import JobFact
from everprint.provider.job import Job
from everprint.provider.journal import Entry, JobEventFact, Journal, JournalFailed
from everprint.provider.journal.rows import KeptJob
from everprint.provider.noted import news
from everprint.provider.retention import Retention
from everprint.provider.spool import Spool, SpoolFile

log = logging.getLogger(__name__)

Change = Callable[[Job], Job]
# Told of every change that is on disk: the job as it was (None for a new one), and as it is.
Watcher = Callable[[Job | None, Job], None]


class Moved(Exception):
    """The job is no longer in the state in which this could be done: look at it again."""


def unchanged(job: Job) -> Job:
    """The change that changes nothing but the state."""
    return job


class Jobs:
    """The registry. Read it freely; change a job only by add(), step() and amend()."""

    def __init__(
        self, journal: Journal, spool: Spool, finished_kept: int, retention: Retention | None = None
    ) -> None:
        self._journal = journal
        self._spool = spool
        self._finished_kept = finished_kept
        self._retention = retention or Retention(spool, hours=0, most_octets=0)
        self._by_id: dict[int, Job | KeptJob] = {}
        self._ids: dict[str, int] = {}
        self._active: defaultdict[str, dict[int, Job]] = defaultdict(dict)
        self._of_user: Counter[str] = Counter()  # unfinished ones
        self._from_address: Counter[str] = Counter()
        self._unfinished = 0
        self._finished: dict[int, None] = {}  # in the order in which they finished
        self._finished_of: defaultdict[str, dict[int, None]] = defaultdict(dict)  # the same by queue
        self._locks: dict[int, asyncio.Lock] = {}
        self._changes: dict[int, _NextChange] = {}
        self._watchers: list[Watcher] = []
        # The server answers other providers about our jobs: it is told what clients are shown of them (noted).
        self.tells_noted = False
        for kept in journal.kept_jobs():
            if kept.is_final and not kept.is_of_cups:
                self._by_id[kept.job_id] = kept
                self._ids[kept.uuid] = kept.job_id
                self._shelve(kept)
            else:
                self._put(kept.read())
        leftovers = spool.remove_leftovers([*(job.uuid for job in self.active()), *self._retained()])
        log.info(
            "journal read active=%d finished=%d leftovers=%d", self.active_count(), len(self._finished), leftovers
        )

    def _retained(self) -> list[str]:
        """Whose documents stay though they are over; in the order in which they ended."""
        if not self._retention.is_wanted:
            return []
        there = self._spool.names()
        over = [self.get(job_id) for job_id in self._finished if self._by_id[job_id].uuid in there]
        return self._retention.take_up(job for job in over if job is not None)

    def watch(self, watcher: Watcher) -> None:
        """From now on that is called after each change, at once: it must neither wait nor fail."""
        self._watchers.append(watcher)

    def get(self, job_id: int) -> Job | None:
        """The job, or None if it never was or was finished too long ago."""
        job = self._by_id.get(job_id)
        if isinstance(job, KeptJob):
            job = self._by_id[job_id] = job.read()
        return job

    def by_uuid(self, uuid: str) -> Job | None:
        """The job that the Application Server knows by that id, or CUPS by that key (cups_job)."""
        return self.get(self._ids.get(uuid, 0))

    def current(self, job: Job) -> Job:
        """The job as it is now."""
        now = self.get(job.job_id)
        assert now is not None, f"job {job.job_id} is forgotten"
        return now

    def of_cups(self) -> Iterator[Job]:
        """Every job of a queue that CUPS owns, finished ones too, in no order."""
        for job in list(self._by_id.values()):
            if isinstance(job, Job) and job.cups is not None:  # none of them was left unread at the start
                yield job

    def active(self, queue: str | None = None) -> Iterator[Job]:
        """Jobs that are not finished, oldest first within each queue."""
        if queue is not None:
            yield from list(self._active.get(queue, {}).values())
        else:
            for jobs in list(self._active.values()):
                yield from list(jobs.values())

    def active_count(self, queue: str | None = None) -> int:
        """How many are not finished."""
        if queue is not None:
            return len(self._active.get(queue, ()))
        return self._unfinished

    def active_count_of(self, user_name: str) -> int:
        """How many of that user's are not finished, in all queues."""
        return self._of_user[user_name]

    def active_count_from(self, client_address: str) -> int:
        """How many that came from that address are not finished, in all queues."""
        return self._from_address[client_address]

    def finished(self, queue: str) -> Iterator[Job]:
        """Finished jobs of a queue that are still remembered, the newest first (RFC 8011 section 4.2.6)."""
        found = (self.get(job_id) for job_id in reversed(self._finished_of.get(queue, {})))
        return (job for job in found if job is not None)

    async def add(
        self, job: Job, document: SpoolFile | None = None, fact: JobFact | None = None, *, taken_over: bool = False
    ) -> None:
        """Keeps a new job, with its document: both are on disk when this returns. It may be `taken_over` with the
        number that it has from another print server.

        Raises JournalFailed; the document is gone then.
        """
        at = datetime.now(UTC) if taken_over else job.created_at
        told = (JobEventFact(at, job.uuid, fact),) if fact else ()
        facts = (*told, *self._news(None, job))
        documents = (document,) if document else ()
        try:
            await self._journal.write(Entry(added=(job,), facts=facts, documents=documents, taken_over=taken_over))
        except JournalFailed:
            self._spool.remove(job.uuid)
            raise
        self._put(job)

    async def step(
        self,
        job_id: int,
        event: JobEvent,
        change: Change = unchanged,
        fact: JobFact | None = None,
        document: SpoolFile | None = None,
        *,
        only_in: Container[JobState],
    ) -> Job:
        """Takes one step of the job's life, if it still is in one of the states given; the returned job is on disk.

        Raises Moved if it is not, JournalFailed if the step could not be written, IllegalEvent for one that no job
        can take. A document is the journal's from here on, whatever happens.
        """
        async with self._lock(job_id):
            job = self._require(job_id, only_in, document)
            state = next_state(job.state, event)
            now = datetime.now(UTC)
            new = replace(change(job), state=state)
            if state is JobState.DELIVERING and new.processing_at is None:
                new = replace(new, processing_at=now)
            if state.is_final:
                new = replace(new, completed_at=now, cancelled_by=None, job_password=None)
            told = (JobEventFact(now, job.uuid, fact),) if fact else ()
            kept_until = None
            if state.is_final and job.job_password is None:
                kept_until = self._retention.until(new)
            await self._write(new, (*told, *self._news(job, new, kept_until)), document)
        log.info("job %s job_id=%d uuid=%s state=%s", event, job_id, job.uuid, state)
        if state.is_final:
            if kept_until is None:
                self._spool.remove(job.uuid)
            else:
                self._retention.keep(new)
            self._forget_oldest()
        return new

    async def amend(
        self,
        job_id: int,
        change: Change,
        document: SpoolFile | None = None,
        *,
        only_in: Container[JobState],
    ) -> Job:
        """Changes what is known of the job without a step of its life; the returned job is on disk.

        Raises Moved and JournalFailed as step() does.
        """
        async with self._lock(job_id):
            job = self._require(job_id, only_in, document)
            new = change(job)
            await self._write(new, self._news(job, new), document)
        return new

    async def let_go(self, job: Job) -> None:
        """Forgets a job that another print server has now, and its document. Raises Moved if it changed meanwhile,
        JournalFailed."""
        async with self._lock(job.job_id):
            if self.get(job.job_id) is not job:
                raise Moved(f"job {job.job_id} changed meanwhile")
            await self._journal.write(Entry(forgotten=(job.job_id,)))
            self._drop(job)
        self._spool.remove(job.uuid)
        log.info("job let go job_id=%d uuid=%s", job.job_id, job.uuid)

    async def until_changed(self, job: Job) -> Job:
        """Waits until the job is no longer as given; returns it as it is then."""
        now = self.get(job.job_id) or job
        if now is not job:
            return now
        return await self._changes.setdefault(job.job_id, _NextChange(job)).wait()

    def _require(self, job_id: int, only_in: Container[JobState], document: SpoolFile | None) -> Job:
        job = self.get(job_id)
        if job is None or job.state not in only_in:
            if document is not None:
                document.discard()
            raise Moved(f"job {job_id} is {job.state if job else 'forgotten'}")
        return job

    async def _write(self, job: Job, facts: tuple[JobEventFact, ...], document: SpoolFile | None) -> None:
        try:
            await self._journal.write(
                Entry(changed=(job,), facts=facts, documents=() if document is None else (document,))
            )
        except JournalFailed:
            if document is not None:
                self._spool.remove(job.uuid)
            raise
        self._put(job)

    def _news(self, before: Job | None, job: Job, kept_until: datetime | None = None) -> tuple[JobEventFact, ...]:
        said = news(before, job, kept_until) if self.tells_noted else None
        return () if said is None else (JobEventFact(datetime.now(UTC), job.uuid, said),)

    def _lock(self, job_id: int) -> asyncio.Lock:
        return self._locks.setdefault(job_id, asyncio.Lock())

    def _put(self, job: Job) -> None:
        job_id = job.job_id
        before = self.get(job_id)
        if before is not None and before.queue != job.queue:
            self._active[before.queue].pop(job_id, None)
        self._by_id[job_id] = job
        self._count(before, job)
        for name in _names(job):
            self._ids[name] = max(self._ids.get(name, 0), job_id)  # the one that CUPS brought last
        if job.state.is_final:
            self._active[job.queue].pop(job_id, None)
            self._shelve(job)
            self._locks.pop(job_id, None)
        else:
            self._active[job.queue][job_id] = job
        if (change := self._changes.pop(job_id, None)) is not None:
            change.happen(job)
        for watcher in self._watchers:
            watcher(before, job)

    def _drop(self, job: Job) -> None:
        """It is nobody's here: the queue has it no more."""
        self._by_id.pop(job.job_id)
        self._active[job.queue].pop(job.job_id, None)
        self._ids.pop(job.uuid, None)
        self._locks.pop(job.job_id, None)
        self._add_up(job, -1)
        if (change := self._changes.pop(job.job_id, None)) is not None:
            change.happen(job)
        for watcher in self._watchers:
            watcher(job, job)

    def _count(self, before: Job | None, job: Job) -> None:
        was_active = before is not None and not before.state.is_final
        self._add_up(job, (not job.state.is_final) - was_active)

    def _add_up(self, job: Job, change: int) -> None:
        self._unfinished += change
        for counter, key in ((self._of_user, job.owner.user_name), (self._from_address, job.owner.client_address)):
            if change:
                counter[key] += change
                if not counter[key]:
                    del counter[key]

    async def forget(self, queue: str, job_ids: Collection[int] | None = None) -> None:
        """Forgets finished jobs of a queue (Purge-Jobs): those, or all. Raises JournalFailed."""
        finished = self._finished_of.get(queue, {})
        gone = [job_id for job_id in finished if job_ids is None or job_id in job_ids]
        await self._journal.write(Entry(forgotten=tuple(gone)))
        for job_id in gone:
            if job_id in self._finished:
                self._forget(job_id)

    def _forget(self, job_id: int) -> None:
        job = self._by_id.pop(job_id)
        self._retention.drop(job.uuid)
        del self._finished[job_id], self._finished_of[job.queue][job_id]
        for name in _names(job):
            if self._ids.get(name) == job_id:  # CUPS may have brought it anew
                del self._ids[name]

    def _forget_oldest(self) -> None:
        # In hundreds, so that it costs one statement in a while and not one a job.
        excess = len(self._finished) - self._finished_kept
        if excess < min(100, self._finished_kept):
            return
        oldest = tuple(self._finished)[:excess]
        for job_id in oldest:
            self._forget(job_id)
        # Not awaited: if it is not written, they are forgotten after the next start.
        self._journal.write(Entry(forgotten=oldest)).add_done_callback(lambda done: done.exception())

    def _shelve(self, job: Job | KeptJob) -> None:
        self._finished[job.job_id] = None
        self._finished_of[job.queue][job.job_id] = None


def _names(job: Job | KeptJob) -> tuple[str, ...]:
    """What a job is found by."""
    return (job.uuid,) if isinstance(job, KeptJob) or job.cups is None else (job.uuid, job.cups.key)


class _NextChange:
    """What those wait for who wait for a job to change. It holds the job: a finished one may be forgotten soon."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._happened = asyncio.Event()

    def happen(self, job: Job) -> None:
        self._job = job
        self._happened.set()

    async def wait(self) -> Job:
        await self._happened.wait()
        return self._job
