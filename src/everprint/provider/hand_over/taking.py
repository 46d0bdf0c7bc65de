"""The taker's side of hand-overs: fetches jobs that other print servers have for this one.

Invariant: a job is put into the journal here only after the server gave it to us (*claim*), and the report that it
is there is written in the same step; so it is there once, however often the server offers it and whatever is killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from everprint.contract.client import ServerClient
from everprint.contract.hand_over import PIECE_OCTETS, HandOverState, OpenHandOver, WantPiece
from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFact, JobFinished, JobTaken
from everprint.contract.servers import BadMessage, ContractError, UnknownQueue
from everprint.documents.result import NOTHING
from everprint.provider.changes import NotPossible
from everprint.provider.hand_over.parcel import job_for
from everprint.provider.job import Job
from everprint.provider.job_ids import JobIds
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Entry, JobEventFact, Journal, JournalFailed
from everprint.provider.queue import Queue
from everprint.provider.redirection import require_takes
from everprint.provider.spool import ClaimedAlready, Spool, SpoolFull

log = logging.getLogger(__name__)

_AT_ONCE = 4
_RETRY_S, _OLD_SERVER_S = 5.0, 300.0
# The server says when there is something; this is for a word that got lost.
_LOOK_AGAIN_S = 60.0


class _Later(Exception):
    """It cannot be taken now; the text says why."""


class Taking:
    """Takes jobs over, each once."""

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        job_ids: JobIds,
        queues: Mapping[str, Queue],
        spool: Spool,
        server: ServerClient,
        walk: Callable[[int], None],
    ) -> None:
        self._journal = journal
        self._jobs = jobs
        self._job_ids = job_ids
        self._queues = queues
        self._spool = spool
        self._server = server
        self._walk = walk
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._bell = asyncio.Event()

    def look(self) -> None:
        """The server has something for us."""
        self._bell.set()

    async def run(self) -> None:
        """Takes jobs over until it is cancelled."""
        while True:
            self._bell.clear()
            wait_s = await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._bell.wait()

    async def _look(self) -> float:
        """Takes all that is there; how long to wait before looking again."""
        try:
            found = await self._server.open_hand_overs()
        except UnknownQueue:
            return _OLD_SERVER_S
        except ContractError as error:
            log.debug("hand-overs cannot be asked for reason=%s", error)
            return _RETRY_S
        done = await asyncio.gather(*(self._take_or_say_why(one) for one in found))
        return _LOOK_AGAIN_S if all(done) else _RETRY_S

    async def _take_or_say_why(self, hand_over: OpenHandOver) -> bool:
        """False if it is to be tried again soon."""
        parcel = hand_over.parcel
        async with self._places:
            try:
                await self._take(hand_over)
            except (_Later, ContractError, JournalFailed, SpoolFull, ClaimedAlready) as error:
                log.warning("job cannot be taken over now job_id=0 uuid=%s reason=%s", parcel.job_id, error)
                return False
            return True

    async def _take(self, hand_over: OpenHandOver) -> None:
        """Raises _Later and much else: then nothing of it is here."""
        parcel = hand_over.parcel
        known = self._jobs.by_uuid(parcel.job_id)
        if known is not None:
            await self._report_again(hand_over, known_is_ours=known.state is not JobState.MOVING)
            return
        queue = self._queues.get(hand_over.queue)
        if queue is None:
            raise _Later(f"there is no queue {hand_over.queue} here, or not yet")
        try:
            require_takes(queue, parcel.document_format)
        except NotPossible as error:
            await self._server.decline(hand_over.hand_over, str(error))
            return
        with self._spool.claim(parcel.job_id):
            digest = hashlib.sha256()
            document = await self._spool.receive(parcel.job_id, self._pieces(hand_over, digest.update))
            try:
                is_ours = await self._claim(hand_over, damaged=digest.hexdigest() != parcel.sha256)
            except BaseException:
                document.discard()
                raise
            if not is_ours:
                document.discard()
                return
            keeps = parcel.is_unique and self._jobs.get(parcel.ipp_job_id) is None
            if keeps:
                job_id, is_unique = parcel.ipp_job_id, True
            else:
                new = await self._job_ids.take()
                job_id, is_unique = new.number, new.is_unique
            job = job_for(queue, hand_over, job_id, is_unique=is_unique)
            fact = JobTaken(hand_over=hand_over.hand_over, job=job.description())
            await self._jobs.add(job, document, fact, taken_over=keeps)
        log.info("job taken over job_id=%d uuid=%s queue=%s", job.job_id, job.uuid, job.queue)
        self._walk(job.job_id)

    async def _claim(self, hand_over: OpenHandOver, *, damaged: bool) -> bool:
        """True if the job is ours now, and not in the journal yet."""
        if damaged:
            await self._server.decline(hand_over.hand_over, "its document was damaged on the way")
            return False
        # Looked at before the server is asked: if the report that we have it is gone from here, the server has it,
        # and says *kept*.
        if self._journal.has_untold(hand_over.parcel.job_id):
            return False
        standing = await self._server.claim(hand_over.hand_over)
        return standing.state is HandOverState.TAKEN

    async def _report_again(self, hand_over: OpenHandOver, *, known_is_ours: bool) -> None:
        """A server that was restored has forgotten that we told it, and how the job ended if it did. Nothing while
        our report is on its way."""
        parcel = hand_over.parcel
        if not known_is_ours:
            raise _Later("it is on its way from here to another print server")
        if self._journal.has_untold(parcel.job_id):
            return
        job = self._jobs.by_uuid(parcel.job_id)
        if job is None:
            return
        facts: list[JobFact] = [JobTaken(hand_over=hand_over.hand_over, job=job.description())]
        if job.state.is_final:
            facts.append(_ending(job))
        now = datetime.now(UTC)
        await self._journal.write(Entry(facts=tuple(JobEventFact(now, job.uuid, fact) for fact in facts)))

    async def _pieces(self, hand_over: OpenHandOver, note: Callable[[bytes], None]) -> AsyncIterator[bytes]:
        octets, number = 0, 0
        while octets < hand_over.parcel.octets:
            piece = await self._server.fetch_piece(WantPiece(hand_over=hand_over.hand_over, number=number))
            if not 0 < len(piece.octets) <= PIECE_OCTETS:
                raise BadMessage(f"The server sent a piece of {len(piece.octets)} octets.")
            note(piece.octets)
            octets, number = octets + len(piece.octets), number + 1
            yield piece.octets


def _ending(job: Job) -> JobFinished:
    """How it ended. One that the server refused, which it does not know any more, printed nothing."""
    state = JobState.ABORTED if job.state is JobState.REFUSED else job.state
    return JobFinished(state=state, output=job.output or NOTHING, reason=job.job_state_message)
