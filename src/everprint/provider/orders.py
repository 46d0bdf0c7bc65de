"""Carries out what the Application Server wants done. The provider asks; nobody connects to it for this."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from everprint.contract.client import ServerClient
from everprint.contract.elsewhere import Outcome
from everprint.contract.messages import (
    CancelJob,
    FetchSnapshot,
    HandOverEnded,
    HandOverJob,
    HoldJob,
    JobFact,
    Order,
    OrderReported,
    PasswordRefused,
    RedirectFailed,
    RedirectJob,
    ReleaseJob,
    ResubmitFailed,
    ResubmitJob,
    TakeJobs,
)
from everprint.contract.received_orders import UnknownOrder
from everprint.contract.servers import ContractError, ServerAway
from everprint.provider.changes import NotPossible, cancel, hold, release
from everprint.provider.guesses import WrongPassword, try_password
from everprint.provider.hand_over.giving import Giving
from everprint.provider.job import Job
from everprint.provider.job_password import SentPassword
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Entry, JobEventFact, Journal, JournalFailed
from everprint.provider.order_patience import OrderPatience
from everprint.provider.queue import Queue
from everprint.provider.redirection import redirect
from everprint.provider.resubmission import Resubmission
from everprint.provider.server_gate import ServerGate

log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0


_OfJob = CancelJob | ReleaseJob | HoldJob | RedirectJob | HandOverJob | ResubmitJob


class Orders:
    """Fetches orders by a request that the server answers when there are some."""

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        queues: Mapping[str, Queue],
        server: ServerClient,
        gate: ServerGate,
        fetch_snapshot: Callable[[], None],
        giving: Giving,
        take_jobs: Callable[[], None],
        resubmission: Resubmission,
    ) -> None:
        self._journal = journal
        self._jobs = jobs
        self._queues = queues
        self._server = server
        self._gate = gate
        self._fetch_snapshot = fetch_snapshot
        self._giving = giving
        self._take_jobs = take_jobs
        self._resubmission = resubmission
        self._done = journal.last_order()

    async def run(self) -> None:
        """Carries out orders until it is cancelled. An order that comes twice is carried out once."""
        wait_s, patience = _FIRST_WAIT_S, OrderPatience()
        while True:
            asked_s = time.monotonic()
            try:
                orders = await self._server.orders(self._done, patience.next_s)
                patience.answered()
                self._gate.answered()
                for order in orders:
                    await self._carry_out(order)
                wait_s = _FIRST_WAIT_S
            except (ContractError, JournalFailed) as error:
                log.debug("orders cannot be fetched reason=%s", error)
                if isinstance(error, ServerAway) and patience.failed(time.monotonic() - asked_s):
                    self._gate.failed(error)
                await asyncio.sleep(wait_s * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, not a secret
                wait_s = min(wait_s * 1.7, _LONGEST_WAIT_S)

    async def _carry_out(self, order: Order | UnknownOrder) -> None:
        if order.sequence <= self._done:
            return
        facts: tuple[JobEventFact, ...] = ()
        if isinstance(order, UnknownOrder):
            log.warning(
                "order not understood sequence=%d reason=%s: upgrade this provider", order.sequence, order.why
            )
        elif isinstance(order.do, FetchSnapshot):
            log.info("order sequence=%d do=%s", order.sequence, order.do)
            self._fetch_snapshot()
        elif isinstance(order.do, TakeJobs):
            self._take_jobs()
        elif isinstance(order.do, HandOverEnded):
            await self._giving.end(order.do)
        else:
            # Not the order itself: it may hold a PIN's hash.
            job = self._jobs.by_uuid(order.do.job_id)
            log.info(
                "order sequence=%d do=%s job_id=%d uuid=%s",
                order.sequence, type(order.do).__name__, job.job_id if job else 0, order.do.job_id,
            )  # fmt: skip
            facts = await self._change_job(order.do)
        # After the change: a crash in between has it done twice, which is harmless, and never not at all.
        await self._journal.write(Entry(order_done=order.sequence, facts=facts))
        self._done = order.sequence

    async def _change_job(self, do: _OfJob) -> tuple[JobEventFact, ...]:
        """Does it; the facts that tell that it could not be done, or to one who waits for it what became of it."""
        outcome, message = Outcome.DONE, ""
        job = self._jobs.by_uuid(do.job_id)
        if job is None:
            log.warning("order about an unknown job job_id=0 uuid=%s", do.job_id)
            if isinstance(do, ResubmitJob):
                return _fact(do, ResubmitFailed(reason="its print server does not know it any more"))
            return _reported(do, Outcome.UNKNOWN_JOB, "Its print server does not know this job any more.")
        try:
            match do:
                case CancelJob():
                    await cancel(self._jobs, job, do.by)
                case ReleaseJob():
                    await self._release(job, do)
                case HoldJob():
                    await hold(self._jobs, job, f"Held by {do.by}.")
                case RedirectJob() if job.first_queue and job.queue == do.queue:
                    pass  # it is there: a crash after the step had the order come again
                case RedirectJob():
                    given = await self._check_pin(job, do)
                    target = self._queues.get(do.queue)
                    await redirect(self._jobs, job, target, do.by, release=do.release, password_given=given)
                case HandOverJob():
                    given = await self._check_pin(job, do)
                    await self._giving.give(job, self._queues.get(job.queue), do, password_given=given)
                case ResubmitJob():
                    return _fact(do, await self._resubmission.carry_out(job, do))
        except WrongPassword as error:
            if isinstance(do, RedirectJob | HandOverJob):
                refused = _fact(do, PasswordRefused(reason=str(error)))
                return (*refused, *_fact(do, RedirectFailed(queue=do.queue, reason=str(error))))
            outcome, message = Outcome.WRONG_PASSWORD, str(error)
        except NotPossible as error:
            log.info("order came too late job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            if isinstance(do, RedirectJob | HandOverJob):
                return _fact(do, RedirectFailed(queue=do.queue, reason=str(error)))
            if isinstance(do, ResubmitJob):
                return _fact(do, ResubmitFailed(reason=str(error)))
            outcome, message = Outcome.NOT_POSSIBLE, str(error)
        return _reported(do, outcome, message)

    async def _check_pin(self, job: Job, do: RedirectJob | HandOverJob) -> bool:
        """True if the order brings the PIN that the job waits for.

        Raises WrongPassword, NotPossible, JournalFailed.
        """
        if not do.release or not do.password_encryption or job.moving is not None or not job.waits_for_password:
            return False
        try:
            sent = SentPassword(do.password, do.password_encryption)
        except ValueError as error:
            raise NotPossible(str(error)) from None
        await try_password(self._jobs, job, sent)
        return True

    async def _release(self, job: Job, do: ReleaseJob) -> None:
        """Raises WrongPassword and NotPossible; those of a PIN are told with the job, too. Raises JournalFailed."""
        if not do.password_encryption:
            await release(self._jobs, job, only_if=do.only_if)
            return
        try:
            try:
                sent = SentPassword(do.password, do.password_encryption)
            except ValueError as error:
                raise NotPossible(str(error)) from None
            await try_password(self._jobs, job, sent)
            await release(self._jobs, job, password_given=True)
        except (WrongPassword, NotPossible) as error:
            log.info("PIN of an order refused job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            told = JobEventFact(datetime.now(UTC), job.uuid, PasswordRefused(reason=str(error)))
            await self._journal.write(Entry(facts=(told,)))
            raise


def _reported(do: _OfJob, outcome: Outcome, message: str) -> tuple[JobEventFact, ...]:
    """What became of an order, if somebody waits to hear it."""
    if isinstance(do, RedirectJob | HandOverJob | ResubmitJob) or not do.request:
        return ()
    return _fact(do, OrderReported(request=do.request, outcome=outcome, message=message))


def _fact(do: _OfJob, fact: JobFact) -> tuple[JobEventFact, ...]:
    return (JobEventFact(datetime.now(UTC), do.job_id, fact),)
