"""The Application Server's decision about a job: print, hold or refuse."""

from __future__ import annotations

import logging
from dataclasses import replace

from everprint.contract.client import BadMessage, Conflict, ContractError, ServerClient, UnknownQueue
from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import Authorise, Hold, Print, Refuse
from everprint.documents.result import NOTHING
from everprint.provider.analysis import reported
from everprint.provider.changes import step_to_held
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.server_gate import ServerGate

log = logging.getLogger(__name__)

_WAITING = "Waits for the Application Server: {}"


class Decisions:
    """Asks, and takes the job where the answer leads. Asking twice is harmless: job and attempt are the key."""

    def __init__(self, jobs: Jobs, server: ServerClient, gate: ServerGate) -> None:
        self._jobs = jobs
        self._server = server
        self._gate = gate

    async def decide(self, job: Job) -> None:
        """Moves an analysed job on, as soon as the server answers.

        Raises Moved if somebody else moved it meanwhile, JournalFailed.
        """
        if job.hold_wanted:
            await step_to_held(self._jobs, job, "Held until it is released.")
            return
        if self._gate.trouble:
            job = await self._say_why_it_waits(job)
        async with self._gate.passed():
            if self._jobs.current(job) is not job:
                return
            decision = await self._ask(job)
        match decision:
            case None:
                return
            case Print():
                await self._jobs.step(
                    job.job_id,
                    JobEvent.AUTHORISED,
                    lambda job: replace(job, job_state_reasons=(), job_state_message=""),
                    only_in={JobState.ANALYSED},
                )
            case Hold(reason=reason):
                await step_to_held(self._jobs, job, reason)
            case Refuse():
                await self._refuse(job, decision)

    async def _ask(self, job: Job) -> Print | Hold | Refuse | None:
        assert job.findings is not None
        message = Authorise(job=job.description(), document=reported(job.findings), attempt=job.attempt)
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

    async def _say_why_it_waits(self, job: Job) -> Job:
        message = _WAITING.format(self._gate.trouble)
        if job.job_state_message == message:
            return job
        return await self._jobs.amend(
            job.job_id, lambda job: replace(job, job_state_message=message), only_in={JobState.ANALYSED}
        )

    async def _refuse(self, job: Job, refusal: Refuse) -> None:
        """Nothing is reported: the server said it and knows it."""
        await self._jobs.step(
            job.job_id,
            JobEvent.REFUSED,
            lambda job: replace(
                job,
                output=NOTHING,
                job_state_reasons=(refusal.reason.value, "aborted-by-system"),
                job_state_message=refusal.message,
            ),
            only_in={JobState.ANALYSED},
        )
