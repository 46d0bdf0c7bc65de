"""The giver's side of a hand-over: one job, from the order to give it away to the word that the other has it.

Invariant: from the journaled step *given* on nothing of the job is printed here, until the server says that it was
taken back or declined. The document stays in the spool until the server orders to forget the job, which it does when
the job is in the other's journal.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from everprint.contract.client import ServerClient
from everprint.contract.hand_over import PIECE_OCTETS, HandOverState, Offer, Piece, Standing, Withdraw
from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import HandOverEnded, HandOverJob, JobFinished, JobGiven, JobHeld, JobTakenBack
from everprint.contract.servers import BadMessage, ContractError
from everprint.documents.result import NOTHING
from everprint.provider.changes import NotPossible
from everprint.provider.hand_over.parcel import parcel_of
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs, Moved
from everprint.provider.on_its_way import OnItsWay
from everprint.provider.queue import Queue
from everprint.provider.redirection import require_waits, stays_held
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)

# The server hears of the step by its report, some hundredths of a second later; or it has no room now.
_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.1, 5.0
# With the document at the server the next word comes by an order; this is for one that got lost.
_LOOK_AGAIN_S = 30.0


class Giving:
    """Gives jobs away, and has them back if nobody takes them."""

    def __init__(self, jobs: Jobs, spool: Spool, server: ServerClient, patience_s: float) -> None:
        """A job that nobody claimed within `patience_s` is taken back."""
        self._jobs = jobs
        self._spool = spool
        self._server = server
        self._patience = timedelta(seconds=patience_s)
        self._bells: dict[str, asyncio.Event] = {}
        self._digests: dict[str, str] = {}  # of documents on their way

    async def give(self, job: Job, queue: Queue | None, order: HandOverJob, *, password_given: bool = False) -> None:
        """Takes the job out of its queue, as the server ordered; once, however often it says so. One with a PIN that
        is to be printed there at once needs it.

        Raises NotPossible if it does not wait, is in doubt, or is CUPS's own; JournalFailed.
        """
        while True:
            now = self._jobs.get(job.job_id)
            if now is None:
                raise NotPossible(f"job {job.job_id} is finished")
            if now.moving is not None and now.moving.hand_over == order.hand_over:
                return
            require_waits(now, release=order.release and not password_given)
            with suppress(Moved):
                await self._jobs.step(
                    now.job_id,
                    JobEvent.GIVEN,
                    lambda job: _given(job, queue, order, password_given=password_given),
                    JobGiven(hand_over=order.hand_over, queue=order.queue, by=order.by),
                    only_in={now.state},
                )
                return

    async def end(self, order: HandOverEnded) -> None:
        """Forgets the job that the other print server has, or has its way looked at again.

        A cancel that came too late here is passed on first. Raises ContractError, JournalFailed.
        """
        job = self._jobs.by_uuid(order.job_id)
        if job is None or job.moving is None or job.moving.hand_over != order.hand_over:
            return
        if not order.kept:
            self._bell(order.hand_over).set()
            return
        while (now := self._jobs.get(job.job_id)) is not None:
            if now.cancelled_by is not None:
                await self._server.withdraw(_withdrawal(order.hand_over, now))
            with suppress(Moved):
                await self._jobs.let_go(now)
                return

    async def bring(self, job: Job) -> None:
        """Brings a job that was given away on its way, until something changes. Raises Moved, JournalFailed."""
        assert job.moving is not None
        wait_s = _FIRST_LOOK_S
        try:
            while self._jobs.get(job.job_id) is job:
                try:
                    standing = await self._ask(job)
                except ContractError as error:
                    log.info("hand-over waits job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
                    standing = Standing(state=HandOverState.ORDERED)
                match standing.state:
                    case HandOverState.ORDERED:
                        await self._wait(job, wait_s)
                        wait_s = min(wait_s * 1.7, _LONGEST_LOOK_S)
                    case HandOverState.OFFERED | HandOverState.TAKEN | HandOverState.KEPT:
                        await self._wait(job, self._until_late_s(job, standing.state))
                    case HandOverState.DECLINED | HandOverState.WITHDRAWN:
                        await self._take_back(job, standing.reason)
                    case HandOverState.UNKNOWN:
                        await self._hold_in_doubt(job)
        finally:
            self._bells.pop(job.moving.hand_over, None)
            self._digests.pop(job.uuid, None)

    async def _ask(self, job: Job) -> Standing:
        """How things stand, after what is to be sent was sent; or after it was wanted back."""
        assert job.moving is not None
        hand_over = job.moving.hand_over
        if job.cancelled_by is not None or self._is_late(job):
            standing = await self._server.withdraw(_withdrawal(hand_over, job))
            if standing.state is not HandOverState.ORDERED:
                return standing
        path = self._spool.path(job.uuid)
        if job.uuid not in self._digests:
            self._digests[job.uuid] = await asyncio.to_thread(_digest, path)
        standing = await self._server.offer(
            Offer(hand_over=hand_over, parcel=parcel_of(job, self._digests[job.uuid]))
        )
        while standing.wanted is not None and self._jobs.get(job.job_id) is job:
            number = standing.wanted
            octets = await asyncio.to_thread(_read_piece, path, number)
            standing = await self._server.send_piece(Piece(hand_over=hand_over, number=number, octets=octets))
            if standing.wanted == number:
                raise BadMessage(f"The server does not take piece {number} of the document.")
        return standing

    def _is_late(self, job: Job) -> bool:
        assert job.moving is not None
        return datetime.now(UTC) - job.moving.given_at > self._patience

    def _until_late_s(self, job: Job, state: HandOverState) -> float:
        assert job.moving is not None
        left_s = (job.moving.given_at + self._patience - datetime.now(UTC)).total_seconds()
        return min(_LOOK_AGAIN_S, max(left_s, _FIRST_LOOK_S)) if state is HandOverState.OFFERED else _LOOK_AGAIN_S

    async def _wait(self, job: Job, seconds: float) -> None:
        """Or less, if the job changes or the server has something to say of it."""
        assert job.moving is not None
        bell = self._bell(job.moving.hand_over)
        changed = asyncio.create_task(_until_changed(self._jobs, job))
        rung = asyncio.create_task(bell.wait())
        try:
            await asyncio.wait({changed, rung}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (changed, rung):
                waiting.cancel()
        bell.clear()

    def _bell(self, hand_over: str) -> asyncio.Event:
        return self._bells.setdefault(hand_over, asyncio.Event())

    async def _take_back(self, job: Job, reason: str) -> None:
        """It is ours again: cancelled, if somebody wanted that meanwhile; else decided anew."""
        assert job.moving is not None
        if job.cancelled_by is not None:
            reason = f"Cancelled by {job.cancelled_by}."
            await self._jobs.step(
                job.job_id,
                JobEvent.CANCELLED,
                lambda job: replace(
                    job,
                    moving=None,
                    output=NOTHING,
                    job_state_reasons=("job-canceled-by-user",),
                    job_state_message=reason,
                ),
                JobFinished(state=JobState.CANCELLED, output=NOTHING, reason=reason),
                only_in={JobState.MOVING},
            )
            return
        text = f"It did not get to {job.moving.queue}: {reason}."
        await self._jobs.step(
            job.job_id,
            JobEvent.TAKEN_BACK,
            lambda job: _back(job, text),
            JobTakenBack(hand_over=job.moving.hand_over, reason=text),
            only_in={JobState.MOVING},
        )

    async def _hold_in_doubt(self, job: Job) -> None:
        assert job.moving is not None
        log.error("server knows nothing of the hand-over job_id=%d uuid=%s", job.job_id, job.uuid)
        reason = (
            f"The Application Server forgot that it was on its way to {job.moving.queue}: see whether it was printed "
            "there, then release or cancel it."
        )
        await self._jobs.step(
            job.job_id,
            JobEvent.HELD,
            lambda job: replace(
                job,
                moving=None,
                hold_wanted=False,
                in_doubt=True,
                cancelled_by=None,
                job_state_reasons=("job-hold-until-specified",),
                job_state_message=reason,
            ),
            JobHeld(reason=reason, in_doubt=True),
            only_in={JobState.MOVING},
        )


def _given(job: Job, queue: Queue | None, order: HandOverJob, *, password_given: bool) -> Job:
    moving = OnItsWay(
        hand_over=order.hand_over,
        queue=order.queue,
        by=order.by,
        given_at=datetime.now(UTC),
        was=job.state,
        reasons=job.job_state_reasons,
        hold_after=stays_held(job, queue),
        password_given=password_given,
    )
    text = f"On its way to {order.queue} of another print server, sent by {order.by}."
    return replace(job, moving=moving, job_state_reasons=(), job_state_message=text)


def _back(job: Job, text: str) -> Job:
    assert job.moving is not None
    return replace(
        job,
        moving=None,
        findings=None,
        attempt=job.attempt + 1,
        hold_wanted=job.moving.hold_after,
        device_uri=None,
        device_job_id=None,
        job_state_reasons=(),
        job_state_message=text,
    )


def _withdrawal(hand_over: str, job: Job) -> Withdraw:
    by = job.cancelled_by or ""
    reason = "it was cancelled" if by else "its print server did not take it in time"
    return Withdraw(hand_over=hand_over, reason=reason, cancelled_by=by)


async def _until_changed(jobs: Jobs, job: Job) -> None:
    await jobs.until_changed(job)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_piece(path: Path, number: int) -> bytes:
    with path.open("rb") as file:
        file.seek(number * PIECE_OCTETS)
        return file.read(PIECE_OCTETS)
