"""The decision about a job: print, hold or refuse. The Application Server's, or our own while it is away.

Asked and not answered in time is away, too. The server may have decided and reserved then; our own decision has the
same job and attempt, and takes the place of its answer when it is reported (docs/explanation/ledger.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from everprint.contract.client import ServerClient
from everprint.contract.failure_modes import FailureMode
from everprint.contract.job_life import JobState
from everprint.contract.messages import UNDERSTOOD, Authorise, Change, Decision, Hold, Print, Redirect, Refuse
from everprint.contract.servers import BadMessage, Conflict, ContractError, ServerAway, UnknownQueue
from everprint.provider.analysis import reported
from everprint.provider.changes import HELD_FOR_PERSON, NotPossible, step_to_authorised, step_to_held, step_to_refused
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.offline.alone import Alone
from everprint.provider.queue import Queue
from everprint.provider.redirection import redirect
from everprint.provider.rule_changes import change, sent_back
from everprint.provider.server_gate import ServerGate

log = logging.getLogger(__name__)

_BY_A_RULE = "a rule"
_WAITING = "Waits for the Application Server: {}"


class Decisions:
    """Asks, and takes the job where the answer leads. Asking twice is harmless: job and attempt are the key."""

    def __init__(
        self,
        jobs: Jobs,
        queues: Mapping[str, Queue],
        server: ServerClient,
        gate: ServerGate,
        alone: Alone,
        server_time_out_s: float,
    ) -> None:
        self._jobs = jobs
        self._queues = queues
        self._server = server
        self._gate = gate
        self._alone = alone
        self._time_out_s = server_time_out_s

    async def decide(self, job: Job) -> None:
        """Moves an analysed job on, as soon as the server answers or its queue's failure mode lets it go on without.

        Raises Moved if somebody else moved it meanwhile, JournalFailed.
        """
        if job.hold_wanted:
            await step_to_held(self._jobs, job, "Held until it is released.")
            return
        if self._alone.mode_of(job) is FailureMode.HOLD:
            await self._wait_for_server(job, self._gate.trouble)
            return
        if self._gate.trouble and not self._gate.is_away:
            # It is there and does not talk to us: that is for an administrator to mend, not to print by.
            job = await self._say_why_it_waits(job, self._gate.trouble)
        try:
            decision = await self._ask_in_time(job)
        except ServerAway:
            if self._jobs.current(job) is not job:
                return
            alone = await self._alone.decide(job)
            if isinstance(alone, str):
                await self._wait_for_server(job, alone)
            elif alone is not None:
                await self._follow(job, alone)
        else:
            if decision is not None:
                await self._follow(job, decision)

    async def _wait_for_server(self, job: Job, reason: str) -> None:
        if reason:
            job = await self._say_why_it_waits(job, reason)
        async with self._gate.passed():
            if self._jobs.current(job) is not job:
                return
            decision = await self._ask(job)
        if decision is not None:
            await self._follow(job, decision)

    async def _ask_in_time(self, job: Job) -> Decision | None:
        """The server's decision; None if it does not talk to us, or the job moved.

        Raises ServerAway if it is away, or was not told yet of what this person printed without it.
        """
        if self._gate.is_away or not await self._alone.until_told(job, self._time_out_s):
            raise ServerAway(self._gate.trouble)
        async with self._gate.passed(patient=False):
            if self._jobs.current(job) is not job:
                return None
            try:
                async with asyncio.timeout(self._time_out_s):
                    decision = await self._ask(job)
            except TimeoutError:
                late = ServerAway(f"The Application Server did not decide within {self._time_out_s:g} seconds.")
                self._gate.failed(late)
                raise late from None
        if decision is None and self._gate.is_away:
            raise ServerAway(self._gate.trouble)
        return decision

    async def _follow(self, job: Job, decision: Decision) -> None:
        match decision:
            case Print():
                await step_to_authorised(self._jobs, job)
            case Hold(reason=reason, keyword=keyword, rule=rule):
                await step_to_held(self._jobs, job, reason, keyword=keyword or HELD_FOR_PERSON, rule=rule)
            case Change():
                await self._change(job, decision)
            case Redirect(queue=target, message=message):
                if self._jobs.current(job) is not job:
                    return
                try:
                    await redirect(self._jobs, job, self._queues.get(target), _BY_A_RULE, sent_back)
                except NotPossible as error:
                    await step_to_held(self._jobs, job, f"{message} It cannot be: {error}.", rule=decision.rule)
            case Refuse():
                await step_to_refused(self._jobs, job, decision)  # nothing is reported: the server said it

    async def _change(self, job: Job, wanted: Change) -> None:
        queue = self._queues.get(job.queue)
        if queue is None:  # removed meanwhile
            reason = f"{wanted.message} It cannot be: there is no queue {job.queue} any more."
            await step_to_held(self._jobs, job, reason, rule=wanted.rule)
            return
        await change(self._jobs, job, queue, wanted)

    async def _ask(self, job: Job) -> Decision | None:
        assert job.findings is not None
        message = Authorise(
            job=job.description(), document=reported(job.findings), attempt=job.attempt, understands=UNDERSTOOD
        )
        try:
            decision = await self._server.authorise(message)
        except (BadMessage, Conflict, UnknownQueue) as error:
            # It will not take this job however often it is asked; a person must look.
            log.warning("server cannot decide job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            return Hold(reason=f"The Application Server cannot decide about this job: {error}")
        except ContractError as error:
            self._gate.failed(error)
            return None
        self._gate.answered()
        return decision

    async def _say_why_it_waits(self, job: Job, reason: str) -> Job:
        message = _WAITING.format(reason)
        if job.job_state_message == message:
            return job
        return await self._jobs.amend(
            job.job_id, lambda job: replace(job, job_state_message=message), only_in={JobState.ANALYSED}
        )
