"""What was let through here without the server and does not yet show in what the server says that people can spend.

In memory, rebuilt at start from the journal's outbox: the facts there are exactly what was not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from everprint.contract.job_life import JobState
from everprint.contract.messages import DecidedOffline, Event, Print
from everprint.contract.pricing import ZERO
from everprint.provider.jobs import Jobs


@dataclass(slots=True)
class _Spent:
    user_name: str
    cost: Decimal
    account: str
    told: bool = False


class Spending:
    """By job and by person."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._by_job: dict[str, _Spent] = {}
        self._sums: dict[str, Decimal] = {}
        self._untold: dict[str, set[str]] = {}
        # Jobs that may yet turn out to have cost nothing.
        self._open: dict[str, set[str]] = {}
        self._told = asyncio.Event()

    def __len__(self) -> int:
        return len(self._by_job)

    def begin(self, job_uuid: str, user_name: str, cost: Decimal, account: str = "") -> None:
        """The job is about to be let through; a later decision about the same job takes the place of the first.

        `account` pays; without one it is the person's own.
        """
        self._drop(job_uuid)
        self._by_job[job_uuid] = _Spent(user_name, cost, account or user_name)
        self._sums[user_name] = self._sums.get(user_name, ZERO) + cost
        self._untold.setdefault(user_name, set()).add(job_uuid)
        self._open.setdefault(user_name, set()).add(job_uuid)

    def undo(self, job_uuid: str) -> None:
        """It was not let through after all."""
        self._drop(job_uuid)

    def of(self, user_name: str, *, on: str | None = None) -> Decimal:
        """What that person printed for, or is about to; with `on`, only what that account pays."""
        for job_uuid in list(self._open.get(user_name, ())):
            self._look_at(user_name, job_uuid)
        whole = self._sums.get(user_name, ZERO)
        if on is None or not whole:
            return whole
        paid = (spent.cost for spent in self._by_job.values() if (spent.user_name, spent.account) == (user_name, on))
        return sum(paid, ZERO)

    def on(self, account: str) -> Decimal:
        """What everybody together printed for, or is about to, on that account."""
        for name in {spent.user_name for spent in self._by_job.values() if spent.account == account}:
            self.of(name)
        return sum((spent.cost for spent in self._by_job.values() if spent.account == account), ZERO)

    def resume(self, decisions: Iterable[tuple[str, DecidedOffline]]) -> None:
        """Takes up what the journal shows, in its order."""
        for job_uuid, fact in decisions:
            if isinstance(fact.decision, Print) and fact.logged:
                self.begin(job_uuid, fact.user_name, fact.decision.cost, fact.decision.account)
            else:
                self._drop(job_uuid)

    def reported(self, events: Iterable[Event]) -> None:
        """The server has these events now."""
        for event in events:
            if isinstance(event.fact, DecidedOffline) and event.job_id is not None:
                self._was_told(event.job_id)
        self._told.set()
        self._told = asyncio.Event()

    def told(self) -> frozenset[str]:
        """Jobs that the server was told of: amounts that it says from now on have them taken off."""
        return frozenset(job_uuid for job_uuid, spent in self._by_job.items() if spent.told)

    def forget(self, jobs: Iterable[str]) -> None:
        """The server's amounts show what these jobs cost."""
        for job_uuid in jobs:
            if (spent := self._by_job.get(job_uuid)) is not None and spent.told:
                self._drop(job_uuid)

    async def until_told(self, user_name: str, within_s: float) -> bool:
        """Waits until the server was told of all that the person printed without it; False if that takes longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._untold.get(user_name):
                    await self._told.wait()
                return True
        return False

    def _was_told(self, job_uuid: str) -> None:
        spent = self._by_job.get(job_uuid)
        if spent is not None:
            spent.told = True
            _discard(self._untold, spent.user_name, job_uuid)

    def _look_at(self, user_name: str, job_uuid: str) -> None:
        job = self._jobs.by_uuid(job_uuid)
        if job is None:  # finished long ago
            _discard(self._open, user_name, job_uuid)
        elif job.state.is_final:
            _discard(self._open, user_name, job_uuid)
            if job.output is not None and not job.output.impressions:
                self._costs_nothing(job_uuid)
        elif job.state is JobState.HELD and not job.in_doubt:
            self._costs_nothing(job_uuid)

    def _costs_nothing(self, job_uuid: str) -> None:
        spent = self._by_job[job_uuid]
        self._sums[spent.user_name] -= spent.cost
        spent.cost = ZERO

    def _drop(self, job_uuid: str) -> None:
        spent = self._by_job.pop(job_uuid, None)
        if spent is None:
            return
        name = spent.user_name
        self._sums[name] -= spent.cost
        _discard(self._untold, name, job_uuid)
        _discard(self._open, name, job_uuid)
        if not self._sums[name]:
            del self._sums[name]


def _discard(sets: dict[str, set[str]], name: str, job_uuid: str) -> None:
    if (found := sets.get(name)) is not None:
        found.discard(job_uuid)
        if not found:
            del sets[name]
