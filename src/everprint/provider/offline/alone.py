"""Decides about a job without the server, by its queue's failure mode, and journals the decision with its report."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from everprint.contract.failure_modes import FailureMode
from everprint.contract.messages import Change, DecidedOffline, Hold, Print, Redirect, RefusalReason, Refuse, Snapshot
from everprint.contract.messages import Queue as QueueSettings
from everprint.contract.pricing import ZERO
from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.provider.changes import HELD_FOR_PERSON, step_to_authorised, step_to_held, step_to_refused
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.offline.absence import Absence
from everprint.provider.offline.spendable_store import SpendableStore
from everprint.provider.offline.spending import Spending
from everprint.provider.offline.verdict import Asked, Conditions, Standing, Wait, decide_alone, selection_of
from everprint.provider.queue import Queue

log = logging.getLogger(__name__)


class Alone:
    """What Decisions turns to when the server is away."""

    def __init__(
        self,
        jobs: Jobs,
        queues: Mapping[str, Queue],
        snapshot: Callable[[], Snapshot | None],
        store: SpendableStore,
        spending: Spending,
        absence: Absence,
        most_jobs: int,
    ) -> None:
        self._jobs = jobs
        self._queues = queues
        self._snapshot = snapshot
        self._store = store
        self._spending = spending
        self._absence = absence
        self._most_jobs = most_jobs

    def mode_of(self, job: Job) -> FailureMode:
        """The failure mode of the job's queue; *hold* for a server that knows of none, and for a Find-Me queue: what
        waits there goes on as soon as it is released at a printer."""
        snapshot, queue = self._snapshot(), self._queues.get(job.queue)
        if snapshot is None or snapshot.offline is None or queue is None or queue.is_find_me:
            return FailureMode.HOLD
        return queue.settings.failure_mode

    async def until_told(self, job: Job, within_s: float) -> bool:
        """True once the server knows all that the job's owner printed without it, so that it can decide again."""
        try:
            return await self._spending.until_told(canonical_user_name(job.owner.user_name), within_s)
        except BadUserName:
            return True

    async def decide(self, job: Job) -> Change | Redirect | str | None:
        """Moves the job on and returns None, says what a rule wants of it, or in words why it must wait for the
        server. Not for mode *hold*.

        Raises Moved if somebody else moved it meanwhile, JournalFailed.
        """
        snapshot, queue = self._snapshot(), self._queues[job.queue].settings
        assert snapshot is not None
        assert snapshot.offline is not None
        if queue.hold and job.is_first_time:
            await step_to_held(self._jobs, job, "Waits until its owner releases it.")
            return None
        if queue.failure_mode is FailureMode.PRINT_WITHOUT_LOG:
            await self._let_through(job, "", Print(cost=ZERO, account=""), logged=False)
            return None
        try:
            user_name = canonical_user_name(job.owner.user_name)
        except BadUserName as error:
            failed = RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
            await self._refuse(job, "", Refuse(reason=failed, message=f"The user name cannot be used: {error}."))
            return None
        if len(self._spending) >= self._most_jobs:
            return f"{self._most_jobs} jobs were let through without it, and it must be told of them first."
        assert job.findings is not None
        conditions = Conditions(snapshot.offline, snapshot.currency)
        groups = frozenset(name for name, members in snapshot.groups.items() if user_name in members)
        asked = Asked(job.description(), job.findings, datetime.now().astimezone(), groups)
        verdict = decide_alone(queue, conditions, asked, self._standing(user_name, queue))
        match verdict:
            case Wait(reason=reason):
                return reason
            case Print():
                await self._let_through(job, user_name, verdict, logged=True)
            case Change() | Redirect():
                return verdict
            case Hold(reason=reason, rule=rule) if rule:
                await step_to_held(self._jobs, job, reason, keyword=HELD_FOR_PERSON, rule=rule)
            case Hold(reason=reason, keyword=keyword):
                await step_to_held(self._jobs, job, reason, keyword=keyword, look_again=True)
            case Refuse():
                await self._refuse(job, user_name, verdict)
        return None

    def _standing(self, user_name: str, queue: QueueSettings) -> Standing:
        """What is known of the person, and of the shared account that pays, if one does."""
        spendable = self._store.find(user_name)
        account = self._store.find_account(name) if (name := selection_of(queue, spendable).account) else None
        return Standing(
            user_name,
            spendable,
            self._store.is_complete,
            self._spending.of(user_name),
            account,
            self._spending.on(account.name) if account else ZERO,
            self._spending.of(user_name, on=user_name),
        )

    async def _let_through(self, job: Job, user_name: str, decision: Print, *, logged: bool) -> None:
        if logged:
            # Before the step: another job of the same person is decided while this one is being journaled.
            self._spending.begin(job.uuid, user_name, decision.cost, decision.account)
        try:
            fact = DecidedOffline(attempt=job.attempt, user_name=user_name, decision=decision, logged=logged)
            await step_to_authorised(self._jobs, job, fact)
        except BaseException:
            self._spending.undo(job.uuid)
            raise
        self._absence.note_printed(logged=logged)
        log.info(
            "job let through without the server job_id=%d uuid=%s cost=%s logged=%s",
            job.job_id, job.uuid, decision.cost, logged,
        )  # fmt: skip

    async def _refuse(self, job: Job, user_name: str, refusal: Refuse) -> None:
        fact = DecidedOffline(attempt=job.attempt, user_name=user_name, decision=refusal)
        await step_to_refused(self._jobs, job, refusal, fact)
        self._absence.note_refused()
