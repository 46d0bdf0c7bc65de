"""Jobs that wait for credit go on by themselves, whatever raised it: a top-up, a reservation that was given back, a
larger overdraft.

Nobody tells this module of credit: it looks at what there is, about once a second, in whichever server process. So no
wake-up is lost by a crash between a top-up and the order, and a credit that another process booked counts too. Oldest
first; a job that the rest of the credit does not cover lets younger ones go before it, as one that comes new would.

An order is a question anew and no promise: the released job is decided like any other, and reserves then. What was
ordered counts as spent until it is decided, so that two jobs are not sent for on the same credit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import RefusalReason, ReleaseJob
from everprint.server import sql
from everprint.server.accounts.available import available_to
from everprint.server.accounts.money import ZERO, from_units
from everprint.server.database import transact
from everprint.server.jobs.models import Job, JobStep
from everprint.server.providers.models import Provider
from everprint.server.providers.orders import make_order

log = logging.getLogger(__name__)

# A release that led to nothing (its provider was restored from a backup, or somebody holds the job) is ordered again.
AGAIN_AFTER = timedelta(minutes=10)
# It was held while we were away, and is not known to be anybody's: no account has that id.
_NOBODYS = 0

_WAITING = (
    "SELECT number, state, cost_awaited, credit_found_at, account_id FROM jobs_job WHERE cost_awaited IS NOT NULL "
    "ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    job: int
    state: JobState
    cost: Decimal
    found_at: datetime | None
    account: int

    def is_on_its_way(self, now: datetime) -> bool:
        return self.found_at is not None and self.found_at > now - AGAIN_AFTER


def release_jobs_with_credit() -> int:
    """Orders the release of every waiting job that there is credit for now; how many."""
    now = timezone.now()
    waiting = [_candidate(row) for row in sql.rows(_WAITING, ())]
    if not waiting:
        return 0
    return sum(_order_release(job, now) for job in _affordable(waiting, now))


def _affordable(waiting: list[_Candidate], now: datetime) -> list[_Candidate]:
    left = {_NOBODYS: None, **available_to(one.account for one in waiting if one.account != _NOBODYS)}
    for one in waiting:
        if one.is_on_its_way(now):
            _spend(left, one)
    chosen = []
    for one in waiting:
        if one.is_on_its_way(now) or one.state is not JobState.HELD:
            continue
        available = left.get(one.account, ZERO)
        if available is None or one.cost <= max(available, ZERO):
            _spend(left, one)
            chosen.append(one)
    return chosen


def _spend(left: dict[int, Decimal | None], one: _Candidate) -> None:
    available = left.get(one.account, ZERO)
    if available is not None:
        left[one.account] = available - one.cost


def _order_release(one: _Candidate, now: datetime) -> int:
    def work() -> int:
        job = Job.objects.values("uuid", "provider_id").get(pk=one.job)
        # The provider first, as whoever takes its reports does: no two wait for each other.
        Provider.objects.select_for_update().get(pk=job["provider_id"])
        ours = Job.objects.filter(
            pk=one.job, state=JobState.HELD.value, cost_awaited__isnull=False, credit_found_at=one.found_at
        ).update(credit_found_at=now)
        if not ours:
            return 0
        reason = RefusalReason.ACCOUNT_LIMIT_REACHED.value
        make_order(job["provider_id"], ReleaseJob(job_id=str(job["uuid"]), by="", only_if=reason))
        JobStep.objects.create(
            job_id=one.job,
            at=now,
            event="ordered",
            state=JobState.HELD.value,
            text="release: there may be credit now",
        )
        return 1

    ordered = transact(work)
    if ordered:
        log.info("credit for a waiting job number=%d cost=%s", one.job, one.cost)
    return ordered


def _candidate(row: sql.Row) -> _Candidate:
    number, state, cost, found_at, account = row
    return _Candidate(number, JobState(state), from_units(int(cost)), sql.to_moment(found_at), account or _NOBODYS)
