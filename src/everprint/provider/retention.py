"""Documents of finished jobs that stay in the spool for a while, to be printed again as new jobs (Resubmit-Job).

Invariant: none is older than the setting says, all together are no larger, and none of them keeps a new job out: when
the disk is full, they go first. The document of a job with a PIN goes with its job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from everprint.provider.job import Job
from everprint.provider.spool import Spool

_LOOK_EVERY_S = 60.0


class Retention:
    """Which documents are kept, in the order in which their jobs ended."""

    def __init__(self, spool: Spool, hours: float, most_octets: int) -> None:
        """With 0 hours nothing is kept."""
        self._spool = spool
        self._age = timedelta(hours=hours)
        self._most_octets = most_octets
        self._kept: dict[str, tuple[datetime, int]] = {}
        self._octets = 0

    @property
    def is_wanted(self) -> bool:
        """True if documents are kept at all."""
        return bool(self._age)

    def until(self, job: Job) -> datetime | None:
        """How long the document of the job, which is over and had no PIN, stays if nothing comes between; None if it
        does not stay."""
        if not self._age or job.document is None or job.completed_at is None or job.cups is not None:
            return None
        if job.document.octets > self._most_octets or self._is_old(job.completed_at):
            return None
        return job.completed_at + self._age

    def keep(self, job: Job) -> None:
        """Keeps a document of which until() says that it stays; older ones may have to go for it."""
        assert job.document is not None and job.completed_at is not None
        self._kept[job.uuid] = (job.completed_at, job.document.octets)
        self._octets += job.document.octets
        self._tidy()

    def take_up(self, found: Iterable[Job]) -> list[str]:
        """Keeps on, at a start, what is there of finished jobs and may stay; returns whose documents those are."""
        for job in sorted(found, key=lambda job: job.completed_at or job.created_at):
            if self.until(job) is not None:
                self.keep(job)
        return list(self._kept)

    def has(self, job: Job) -> bool:
        """True if the job's document is there."""
        return job.uuid in self._kept

    def drop(self, job_uuid: str) -> None:
        """Its job is forgotten, or it is too old: the document goes."""
        kept = self._kept.pop(job_uuid, None)
        if kept is not None:
            self._octets -= kept[1]
            self._spool.remove(job_uuid)

    def drop_all(self) -> bool:
        """Makes room on the disk; False if there is nothing to drop."""
        found = list(self._kept)
        for job_uuid in found:
            self.drop(job_uuid)
        return bool(found)

    async def run(self) -> None:
        """Drops what gets too old, until it is cancelled."""
        while True:
            self._tidy()
            await asyncio.sleep(_LOOK_EVERY_S)

    def _tidy(self) -> None:
        while self._kept:
            oldest, (completed_at, _) = next(iter(self._kept.items()))
            if self._octets <= self._most_octets and not self._is_old(completed_at):
                return
            self.drop(oldest)

    def _is_old(self, completed_at: datetime) -> bool:
        return datetime.now(UTC) - completed_at > self._age
