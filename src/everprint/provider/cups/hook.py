"""Where the backends of CUPS connect, and how each of them comes to its job.

A run of the backend either brings a new job, or one that is known: CUPS starts it anew after a hold, after a restart
and after a crash. Whom we talk to is what the kernel says (SO_PEERCRED), not what they say.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from everprint.contract.device_uris import behind_hook
from everprint.contract.job_life import JobState
from everprint.contract.messages import JobReceived
from everprint.documents.ticket import Ticket
from everprint.ipp.client import PrinterError
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.changes import AT_DEVICE, NotPossible, cancel, release
from everprint.provider.cups.arrival import HOLD, Arrival, Known, arrival_of, exit_of
from everprint.provider.cups.channel import Channel, Gone, uid_of
from everprint.provider.cups.cups_job import CupsJob, key_of
from everprint.provider.cups.cupsd import CupsRefused
from everprint.provider.cups.parts import CupsParts
from everprint.provider.cups.sessions import Exit, Result, Session, any_of
from everprint.provider.cups.submission import BadHello, Hello, Submission, read_hello, submission_of
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_ids import JobIds, NewJobId
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.jobs import Jobs, Moved
from everprint.provider.journal import JournalFailed
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool, SpoolFull
from everprint.provider.tickets import read_ticket

log = logging.getLogger(__name__)

_BACKLOG = 64
_BACKENDS = ["root", "lp"]
_AGAIN_S = 2.0
_MOST_DOCUMENTS = 1000
_UNFINISHED = frozenset({JobState.ACCEPTED, JobState.ANALYSED, JobState.HELD, JobState.AUTHORISED})


class Hook:
    """The socket for backends. Run it as a background task."""

    def __init__(
        self,
        path: Path,
        users: list[str],
        queues: Mapping[str, Queue],
        jobs: Jobs,
        job_ids: JobIds,
        spool: Spool,
        cups: CupsParts,
        walk: Callable[[int], None],
        max_document_octets: int,
    ) -> None:
        self._path = path
        self._uids = {os.geteuid(), *_uids(users or _BACKENDS)}
        self._queues = queues
        self._jobs = jobs
        self._job_ids = job_ids
        self._spool = spool
        self._sessions = cups.sessions
        self._cupsd = cups.cupsd
        self._walk = walk
        self._max_document_octets = max_document_octets
        self._talks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Listens until it is cancelled."""
        try:
            listening = _listen(self._path)
        except OSError as error:
            log.warning("backends of cups cannot connect socket=%s reason=%s", self._path, error)
            return
        loop = asyncio.get_running_loop()
        try:
            while True:
                connection, _ = await loop.sock_accept(listening)
                talk = asyncio.create_task(self._talk(connection), name="cups backend")
                self._talks.add(talk)
                talk.add_done_callback(self._talks.discard)
        finally:
            listening.close()
            for talk in list(self._talks):
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, connection: socket.socket) -> None:
        channel = Channel(connection)
        try:
            uid = uid_of(connection)
            if uid not in self._uids:
                log.warning("stranger at the socket for backends uid=%d", uid)
                return
            await self._receive(channel)
        except Gone as error:
            log.debug("cups backend is gone reason=%s", error)
        except BadHello as error:
            log.warning("cups backend not understood reason=%s", error)
            with suppress(Gone):
                await _say_exit(channel, Exit(HOLD, f"Everprint does not understand this job: {error}"))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("talk with a cups backend failed")
        finally:
            channel.close()

    async def _receive(self, channel: Channel) -> None:
        hello = read_hello(await channel.hear())
        if hello.printing:
            submission = submission_of(hello, "")
            job = await self._job_that_prints(channel, submission)
        else:
            queue = await self._queue(channel, hello)
            submission = submission_of(hello, behind_hook(queue.settings.device_uri))
            if submission.octets == 0:
                await _say_exit(channel, Exit(0, "Its document is empty."))
                return
            job = await self._job(channel, submission, queue)
        if isinstance(job, Exit):
            await _say_exit(channel, job)
            return
        await self._accompany(Session(job.job_id, channel, submission, began=submission.printing))

    async def _queue(self, channel: Channel, hello: Hello) -> Queue:
        """The queue that the job is for, once the Application Server has it. Raises Gone."""
        while True:
            queue = self._queues.get(hello.queue)
            if queue is not None and queue.is_hooked:
                return queue
            await channel.say(do="state", text="Waits until the Application Server knows this queue.")
            await asyncio.sleep(_AGAIN_S)

    async def _job_that_prints(self, channel: Channel, submission: Submission) -> Job | Exit:
        """The job of a run that has started the real backend, whatever became of its queue since. Raises Gone."""
        while True:
            known, _ = await self._known(submission)
            if known is None:
                return Exit(0)  # it was printed and forgotten
            job, arrival = known.job, arrival_of(known, submission)
            log.info("cups job=%d printing arrival=%s job_id=%d", submission.job_id, arrival, job.job_id)
            try:
                job = await self._note_pass(job, submission)
            except Moved:
                continue
            except JournalFailed as error:
                await channel.say(do="state", text=str(error))
                await asyncio.sleep(_AGAIN_S)
                continue
            return exit_of(job) or Exit(0) if arrival is Arrival.ENDED else job

    async def _job(self, channel: Channel, submission: Submission, queue: Queue) -> Job | Exit:
        """The job that it is about, or how the backend is to end at once. Raises Gone."""
        while True:
            known, number = await self._known(submission)
            job = known.job if known else None
            arrival = arrival_of(known, submission)
            log.info(
                "cups job=%d document=%d queue=%s arrival=%s job_id=%s",
                submission.job_id, number, queue.name, arrival, job.job_id if job else None,
            )  # fmt: skip
            try:
                if job is not None and arrival is Arrival.REPLACED:
                    await cancel(self._jobs, job, "CUPS, where it has other options now")
                if job is None or arrival in (Arrival.NEW, Arrival.REPLACED):
                    return await self._accept(channel, submission, queue, number)
                if arrival is Arrival.ENDED:
                    await self._note_pass(job, submission)
                    return exit_of(job) or Exit(0)
                if arrival is Arrival.RELEASED:
                    await release(self._jobs, job)
                return await self._note_pass(self._jobs.current(job), submission)
            except (Moved, NotPossible):
                continue
            except (SpoolFull, JournalFailed) as error:
                await channel.say(do="state", text=str(error))
                await asyncio.sleep(_AGAIN_S)

    async def _known(self, submission: Submission) -> tuple[Known | None, int]:
        """What is known of the document that this run brings, and its number within the job (backends of some
        queues are started once a document)."""
        for number in range(1, _MOST_DOCUMENTS):
            job = self._jobs.by_uuid(key_of(submission.job_uuid, number))
            if job is None or job.cups is None:
                return None, number
            if submission.printing and job.cups.run != submission.run:
                continue
            same_pass = job.cups.pass_at == submission.pass_at
            if submission.printing or not job.state.is_final or not same_pass or job.cups.closed:
                return Known(job, job.cups), number
            if await self._documents(submission) <= number:
                return Known(job, job.cups), number
        return None, _MOST_DOCUMENTS

    async def _documents(self, submission: Submission) -> int:
        try:
            return (await self._cupsd.standing(submission.job_id, submission.job_uuid)).documents
        except (PrinterError, CupsRefused):
            return 1  # rather than print it again

    async def _accept(self, channel: Channel, submission: Submission, queue: Queue, number: int) -> Job | Exit:
        """A new job, on disk; or how the backend is to end. Raises Gone, SpoolFull, JournalFailed."""
        if submission.octets > self._max_document_octets:
            # Held and not waited for: it would keep all others of its queue from their turn.
            return Exit(HOLD, "Its document is larger than this print server takes.")
        while not (queue.settings.accepting and not queue.is_drained):
            await channel.say(do="state", text="The print server takes no jobs at the moment.")
            await asyncio.sleep(_AGAIN_S)
        self._spool.require_space(submission.octets)
        job = _new_job(await self._job_ids.take(), submission, queue, number)
        await channel.say(do="send")
        file = await self._spool.receive(job.uuid, channel.document(submission.octets))
        await self._jobs.add(job, file, JobReceived(job=job.description()))
        self._walk(job.job_id)
        return job

    async def _note_pass(self, job: Job, submission: Submission) -> Job:
        """CUPS goes at it (again), so it holds it no more. Raises Moved, JournalFailed."""
        assert job.cups is not None
        noted = replace(job.cups, pass_at=submission.pass_at, held=False)
        if noted == job.cups:
            return job
        return await self._jobs.amend(job.job_id, lambda job: replace(job, cups=noted), only_in=frozenset(JobState))

    async def _accompany(self, session: Session) -> None:
        """Until the job's state says how the backend is to end. Raises Gone."""
        self._sessions.attach(session)
        hearing = asyncio.create_task(_listen_to(session))
        said = ""
        try:
            while not session.gone.is_set():
                job = self._jobs.get(session.job_id)
                if job is None:
                    return
                ending = session.exit_as if job.state not in AT_DEVICE else None
                if (ending := ending or exit_of(job)) is not None:
                    if await self._end(session, job, ending):
                        return
                    continue
                if session.terminated.is_set() and job.state not in AT_DEVICE:
                    await self._terminated(session, job)
                    return
                if job.job_state_message and job.job_state_message != said:
                    said = job.job_state_message
                    await session.channel.say(do="state", text=said)
                await _until_news(self._jobs, job, session)
        finally:
            hearing.cancel()
            self._sessions.detach(session)

    async def _end(self, session: Session, job: Job, ending: Exit) -> bool:
        """A hold is journaled before CUPS holds it: whoever releases our job then has CUPS release its own, too.

        False if the job moved meanwhile. Raises Gone.
        """
        if job.state is JobState.HELD and job.cups is not None and not job.cups.held:
            held = replace(job.cups, held=True)
            try:
                job = await self._jobs.amend(job.job_id, lambda job: replace(job, cups=held), only_in={JobState.HELD})
            except (Moved, JournalFailed):
                return False
        if ending.code == 3 and ending.text and job.cups is not None:
            with suppress(PrinterError, CupsRefused):
                await self._cupsd.say(job.cups.job_id, job.cups.job_uuid, ending.text)
        await _say_exit(session.channel, ending)
        await session.gone.wait()
        return True

    async def _terminated(self, session: Session, job: Job) -> None:
        """CUPS asked the backend to end: because the job is cancelled, or because CUPS stops."""
        assert job.cups is not None
        if await self._cupsd.is_cancelled(job.cups.job_id, job.cups.job_uuid):
            with suppress(NotPossible, JournalFailed):
                await cancel(self._jobs, job, "CUPS")
        await _say_exit(session.channel, Exit(0))
        await session.gone.wait()


async def _listen_to(session: Session) -> None:
    """Takes what the backend says, until it hangs up."""
    try:
        while True:
            octets = await session.channel.hear()
            message = msgspec.json.decode(octets, type=dict)
            if message.get("do") == "terminated":
                session.terminated.set()
            elif message.get("do") == "result":
                session.take_result(msgspec.convert(message, Result))
    except (Gone, msgspec.DecodeError, msgspec.ValidationError):
        session.gone.set()


async def _until_news(jobs: Jobs, job: Job, session: Session) -> None:
    waiting = [jobs.until_changed(job), session.gone.wait()]
    if not session.terminated.is_set():
        waiting.append(session.terminated.wait())
    await any_of(*waiting)


async def _say_exit(channel: Channel, ending: Exit) -> None:
    await channel.say(do="exit", code=ending.code, text=ending.text, jobstate=ending.jobstate)


def _new_job(job_id: NewJobId, submission: Submission, queue: Queue, number: int) -> Job:
    default = Ticket(
        sides=submission.two_sided_by_default,
        print_color_mode="monochrome" if submission.grey_by_default else "auto",
    )
    return Job(
        job_id=job_id.number,
        job_id_unique=job_id.is_unique,
        uuid=new_job_uuid(),
        queue=queue.name,
        owner=Owner(submission.user_name, authenticated=False, client_address=submission.host),
        job_name=submission.job_name,
        attributes=submission.attributes,
        ticket=read_ticket(Group(GroupTag.JOB, submission.attributes), default),
        created_at=datetime.now(UTC),
        state=JobState.ACCEPTED,
        document=Document(submission.document_format, submission.octets, submission.document_name),
        hold_wanted=queue.settings.hold,
        cups=CupsJob(
            job_id=submission.job_id,
            job_uuid=submission.job_uuid,
            document=number,
            options=submission.digest,
            pass_at=submission.pass_at,
            repeats=submission.repeats,
        ),
    )


def _listen(path: Path) -> socket.socket:
    """Raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of a provider that was killed: only one has the state folder's lock
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.setblocking(False)
    listening.bind(str(path))
    path.chmod(0o666)  # who may is asked of the kernel
    listening.listen(_BACKLOG)
    return listening


def _uids(users: list[str]) -> set[int]:
    found: set[int] = set()
    for user in users:
        with suppress(KeyError):
            found.add(pwd.getpwnam(user).pw_uid)
    return found
