"""When a job of a CUPS queue may print, and how that ended. The journal knows each step before its effect.

1. *delivery-begun* is journaled, with the run of the backend that is there for the job.
2. CUPS's number for the job is journaled as the device's. Only then is the document handed to the backend, which
   starts the real one. So a job without a number was never begun.
3. The backend tells how the real one ended; outcome.py says what that means.

If the provider ends in the middle, the backend goes on and tells the next provider. If the backend ends, its lock
goes with it, and with the lock of the real backend: then nobody lives who could print or tell.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import DeliveryBegun, DeliveryFailed, InDoubtPolicy
from everprint.provider.changes import AT_DEVICE
from everprint.provider.cups.channel import Gone
from everprint.provider.cups.cupsd import Cupsd
from everprint.provider.cups.outcome import Ended, Verdict, judge, sides_out
from everprint.provider.cups.sessions import Exit, Result, Session, Sessions, any_of
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.delivery.endings import Endings
from everprint.provider.delivery.line import Line
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)

_LOOK_S = 0.3
# A backend that lives connects anew within so long (backend._WAIT_S).
_GRACE_S = 4.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class CupsDelivery:
    """Delivers the jobs of one queue that CUPS owns: cupsd says whose turn it is."""

    def __init__(self, jobs: Jobs, spool: Spool, queue: Queue, sessions: Sessions, cupsd: Cupsd) -> None:
        self._jobs = jobs
        self._spool = spool
        self._queue = queue
        self._sessions = sessions
        self._cupsd = cupsd
        self._endings = Endings(jobs, queue, Line(1))  # cupsd says whose turn it is
        self._failures: Counter[int] = Counter()

    async def deliver(self, job: Job) -> None:
        """Waits until CUPS has started the backend for an authorised job, and lets it print.

        Returns early when the job goes another way. Raises Moved, JournalFailed.
        """
        session = await self._sessions.until_attached(job)
        if session is None:
            return
        if self._queue.control.paused:
            await self._pause(session, job, "Paused by an operator.", _FIRST_PAUSE_S)
            return
        assert job.cups is not None
        begun = replace(job.cups, run=session.run)
        uri = self._queue.settings.device_uri
        job = await self._jobs.step(
            job.job_id,
            JobEvent.DELIVERY_BEGUN,
            lambda job: replace(job, device_uri=uri, device_job_id=None, cups=begun, job_state_message=""),
            DeliveryBegun(),
            only_in={JobState.AUTHORISED},
        )
        await self._hand_over(job, session)

    async def resume(self, job: Job) -> None:
        """Goes on with a job that was at the backend when the provider stopped. Raises Moved, JournalFailed."""
        log.info("cups delivery in doubt job_id=%d uuid=%s", job.job_id, job.uuid)
        if job.device_job_id is None:
            await self._again(job, None, "The print server stopped before it was printed.")
            return
        loop = asyncio.get_running_loop()
        patience = loop.time() + _GRACE_S
        while (session := self._sessions.of_run(job)) is None and loop.time() < patience:
            if not self._somebody_lives(job) and self._sessions.is_attached(job.job_id):
                break  # cupsd has begun anew
            await self._sessions.until_changed(job, _LOOK_S)
            job = self._jobs.current(job)
        if session is not None and not session.began:
            await self._again(job, session, "The print server stopped before it was printed.")
            return
        await self._conclude(job, await self._until_ended(job), None)

    async def _hand_over(self, job: Job, session: Session) -> None:
        path = self._spool.path(job.uuid)
        try:
            document = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            await self._endings.abort(job, f"Its document cannot be read from the spool: {error.strerror}.")
            return
        try:
            assert job.cups is not None
            number = job.cups.job_id
            job = await self._jobs.amend(
                job.job_id, lambda job: replace(job, device_job_id=number), only_in={JobState.DELIVERING}
            )
            try:
                self._say_print(job, session, document)
            except (Gone, OSError) as error:
                await self._again(job, session, f"CUPS did not take it: {error}.")
                return
            result = await self._until_ended(job)
            await self._conclude(job, result, None if session.submission.by_file else document)
        finally:
            os.close(document)

    def _say_print(self, job: Job, session: Session, document: int) -> None:
        """From here on it may be on paper. Raises Gone, OSError; then it is not."""
        if session.began:  # it has the lock already
            session.expect_result()
            session.channel.hand_over(document, do="print")
            return
        lock = os.open(self._spool.path(job.uuid), os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            session.expect_result()
            session.channel.hand_over(document, lock, do="print")
            session.began = True
        finally:
            os.close(lock)  # ours; theirs holds it

    def _somebody_lives(self, job: Job) -> bool:
        """True while the backend that was told to print, or the real one, is a process."""
        try:
            probe = os.open(self._spool.path(job.uuid), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(probe)
        return False

    async def _until_ended(self, job: Job) -> Result | None:
        """The real backend's result; None if nobody lives any more who could tell it."""
        told = False
        while True:
            job = self._jobs.current(job)
            session = self._sessions.of_run(job)
            if session is not None:
                if job.cancelled_by is not None and not told:
                    with suppress(Gone):
                        await session.channel.say(do="cancel")
                        told = True
                if session.result is not None:
                    return session.result
                await any_of(self._jobs.until_changed(job), session.gone.wait(), session.ended.wait())
            elif not self._somebody_lives(job) and self._sessions.of_run(self._jobs.current(job)) is None:
                return None
            else:
                await self._sessions.until_changed(job, _LOOK_S)

    async def _conclude(self, job: Job, result: Result | None, document: int | None) -> None:
        """`document` says how far it was read; without it only the backend's own word counts."""
        job = self._jobs.current(job)
        assert job.cups is not None and job.document is not None
        taken = result.taken if result else None if document is None else os.lseek(document, 0, os.SEEK_CUR)
        terminated = result is not None and result.terminated
        cancelled = job.cancelled_by is not None and (result is None or terminated or result.status != 0)
        if terminated and not cancelled and await self._cupsd.is_cancelled(job.cups.job_id, job.cups.job_uuid):
            cancelled = True
        ended = Ended(
            status=result.status if result else None,
            taken=taken,
            size=job.document.octets,
            pages=result.pages if result else None,
            terminated=terminated,
            cancelled=cancelled,
        )
        verdict = judge(ended)
        log.info("cups backend ended job_id=%d uuid=%s %s verdict=%s", job.job_id, job.uuid, ended, verdict)
        session = self._sessions.of_run(job)
        if verdict not in (Verdict.AGAIN, Verdict.IN_DOUBT):
            self._failures.pop(job.job_id, None)
        match verdict:
            case Verdict.PRINTED:
                impressions = ended.pages if self._counts() else None
                await self._endings.finish(job, DeviceJob(9, frozenset(), impressions or None, None, 1))
            case Verdict.CANCELLED:
                await self._cancelled(job, ended)
            case Verdict.HAND_BACK:
                if session is not None and result is not None:
                    session.exit_as = Exit(result.status)
                await self._again(job, None, "The printer's backend gave it back to CUPS.")
            case Verdict.AGAIN:
                await self._again(job, session, "The printer did not take it.")
            case Verdict.IN_DOUBT if self._queue.settings.in_doubt is InDoubtPolicy.RESEND:
                reason = "Nobody can say what became of it. It is sent again, and may come out twice."
                await self._again(job, session, reason)
            case Verdict.IN_DOUBT:
                await self._endings.ask_a_person(job)

    def _counts(self) -> bool:
        """True if the real backend's count of a finished job is the job's: an IPP printer says it."""
        return self._queue.settings.device_uri.startswith(("everprint:ipp:", "everprint:ipps:"))

    async def _cancelled(self, job: Job, ended: Ended) -> None:
        by = job.cancelled_by or ("CUPS" if ended.terminated else "the printer")
        job = await self._jobs.amend(job.job_id, lambda job: replace(job, cancelled_by=by), only_in=AT_DEVICE)
        expected = job.findings.output.impressions if job.findings and job.findings.output else None
        out = sides_out(ended, expected)
        await self._endings.finish(job, DeviceJob(7, frozenset({"job-canceled-at-device"}), out, None, 1))

    async def _again(self, job: Job, session: Session | None, reason: str) -> None:
        """Nothing is on paper, or the queue says to act so: it goes again, after a while if the backend waits."""
        if job.cancelled_by is not None:
            await self._endings.nothing_printed(job, reason)
            return
        job = await self._jobs.step(
            job.job_id,
            JobEvent.DELIVERY_FAILED,
            lambda job: replace(job, device_job_id=None, job_state_message=reason),
            DeliveryFailed(reason=reason),
            only_in=AT_DEVICE,
        )
        if session is not None:
            self._failures[job.job_id] += 1
            wait_s = min(_FIRST_PAUSE_S * 1.6 ** (self._failures[job.job_id] - 1), _LONGEST_PAUSE_S)
            await self._pause(session, job, reason, wait_s)

    async def _pause(self, session: Session, job: Job, reason: str, wait_s: float) -> None:
        with suppress(Gone):
            await session.channel.say(do="state", text=f"{reason} It is tried again.")
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._jobs.until_changed(job)
