"""What giver and taker of a hand-over do at what the server says; the server's part is played, all else is real."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from msgspec import structs

from everprint.contract.client import ServerClient
from everprint.contract.hand_over import (
    PIECE_OCTETS,
    HandOverState,
    Offer,
    OpenHandOver,
    Parcel,
    Piece,
    Standing,
    WantPiece,
    Withdraw,
)
from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    HandOverEnded,
    HandOverJob,
    JobFact,
    JobFinished,
    JobGiven,
    JobTaken,
    JobTakenBack,
)
from everprint.documents.result import Output, Sides
from everprint.documents.ticket import SidesKeyword
from everprint.ipp.message import keyword
from everprint.provider.changes import NotPossible, cancel, hold, release
from everprint.provider.hand_over.giving import Giving
from everprint.provider.hand_over.parcel import job_for, parcel_of
from everprint.provider.hand_over.taking import Taking
from everprint.provider.job import Document, Job
from everprint.provider.job_ids import JobIds, NewJobId
from everprint.provider.job_password import JobPassword
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Entry, Journal
from everprint.provider.on_its_way import OnItsWay
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool
from tests.provider.jobs_for_tests import NOW, a_job, jobs
from tests.provider.test_queue import queue

DOCUMENT = b"%PDF" + b"x" * PIECE_OCTETS
SHA256 = hashlib.sha256(DOCUMENT).hexdigest()
H = "00000000-0000-4000-8000-000000000001"
ORDER = HandOverJob(job_id="", by="olga", hand_over=H, queue="far")


def _moving(was: JobState = JobState.HELD, **fields: object) -> Job:
    way = OnItsWay(hand_over=H, queue="far", by="olga", given_at=NOW, was=was, reasons=(), hold_after=True)
    return a_job(state=JobState.MOVING, moving=way, **fields)


@dataclass
class Server:
    """The referee, as the test says; it remembers what it was told."""

    state: HandOverState = HandOverState.ORDERED
    reason: str = ""
    document: bytes = b""
    withdrawn: list[Withdraw] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)
    open: tuple[OpenHandOver, ...] = ()
    parcel: Parcel | None = None
    whole: asyncio.Event = field(default_factory=asyncio.Event)

    def _says(self) -> Standing:
        if self.state is not HandOverState.ORDERED or self.parcel is None:
            return Standing(state=self.state, reason=self.reason)
        return Standing(state=self.state, wanted=len(self.document) // PIECE_OCTETS)

    async def offer(self, message: Offer) -> Standing:
        self.parcel = message.parcel
        return self._says()

    async def send_piece(self, message: Piece) -> Standing:
        self.document += message.octets
        if self.parcel is not None and len(self.document) == self.parcel.octets:
            self.state = HandOverState.OFFERED
            self.whole.set()
        return self._says()

    async def withdraw(self, message: Withdraw) -> Standing:
        self.withdrawn.append(message)
        if self.state in (HandOverState.ORDERED, HandOverState.OFFERED):
            self.state, self.reason = HandOverState.WITHDRAWN, message.reason
        return self._says()

    async def open_hand_overs(self) -> tuple[OpenHandOver, ...]:
        return self.open

    async def fetch_piece(self, message: WantPiece) -> Piece:
        start = message.number * PIECE_OCTETS
        return Piece(hand_over=H, number=message.number, octets=self.document[start : start + PIECE_OCTETS])

    async def claim(self, hand_over: str) -> Standing:
        if self.state is HandOverState.OFFERED:
            self.state = HandOverState.TAKEN
        return self._says()

    async def decline(self, hand_over: str, reason: str) -> Standing:
        self.declined.append(reason)
        self.state = HandOverState.DECLINED
        return self._says()


class Part:
    """A print server's journal, jobs and spool."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.spool = Spool(folder / "spool", 0)
        self.journal = Journal(folder / "journal.sqlite3", self.spool.folder)
        self.jobs = Jobs(self.journal, self.spool, 10)
        self.server = cast(ServerClient, server)

    def giving(self, patience_s: float = 1e9) -> Giving:
        return Giving(self.jobs, self.spool, self.server, patience_s)

    def taking(self, queues: dict[str, Queue], walked: list[int]) -> Taking:
        class Numbers:
            async def take(self) -> NewJobId:
                return NewJobId(77, is_unique=True)

        numbers = cast(JobIds, Numbers())
        return Taking(self.journal, self.jobs, numbers, queues, self.spool, self.server, walked.append)

    async def add(self, job: Job) -> Job:
        async def pieces():  # noqa: ANN202 - an iterator of octets
            yield DOCUMENT

        document = await self.spool.receive(job.uuid, pieces())
        job = replace(job, document=Document("application/pdf", len(DOCUMENT)))
        await self.jobs.add(job, document)
        return job

    def facts(self, uuid: str) -> list[JobFact]:
        return [event.fact for event in self.journal.events_after(0, 100) if event.job_id == uuid]  # type: ignore[misc]


def use(folder: Path, server: Server, what: Callable[[Part], Awaitable[None]]) -> None:
    async def main() -> None:
        part = Part(folder, server)
        try:
            async with asyncio.timeout(60):
                await what(part)
        finally:
            part.journal.close()

    asyncio.run(main())


async def bring_until_changed(part: Part, giving: Giving, job: Job) -> Job | None:
    """As its walk does, until it is on its way no more."""
    now: Job | None = job
    while now is not None and now.state is JobState.MOVING:
        await giving.bring(now)
        now = part.jobs.get(job.job_id)
    return now


def test_a_given_job_goes_in_pieces_and_is_forgotten_when_the_other_has_it(tmp_path: Path) -> None:
    server = Server()

    async def give(part: Part) -> None:
        giving = part.giving()
        job = await part.add(a_job(state=JobState.HELD))
        for _ in range(2):  # the order comes again after a crash
            await giving.give(part.jobs.current(job), None, ORDER)
        on_its_way = part.jobs.current(job)
        assert on_its_way.state is JobState.MOVING and part.jobs.active_count_of("anna") == 1
        assert part.facts(job.uuid) == [JobGiven(hand_over=H, queue="far", by="olga")]
        for what in (hold(part.jobs, on_its_way, ""), release(part.jobs, on_its_way)):
            with pytest.raises(NotPossible, match="moving"):
                await what
        bringing = asyncio.create_task(bring_until_changed(part, giving, on_its_way))
        await server.whole.wait()
        assert server.document == DOCUMENT and part.spool.path(job.uuid).exists()
        server.state = HandOverState.TAKEN
        ended = HandOverEnded(job_id=job.uuid, hand_over=H, kept=True)
        for _ in range(2):
            await giving.end(ended)
        assert await bringing is None
        assert part.jobs.get(job.job_id) is None and not part.spool.path(job.uuid).exists()
        assert part.jobs.active_count() == part.jobs.active_count("office") == part.jobs.active_count_of("anna") == 0
        assert not part.journal.jobs()

    use(tmp_path, server, give)


@pytest.mark.parametrize("state", [HandOverState.DECLINED, HandOverState.WITHDRAWN])
def test_a_job_that_is_not_taken_comes_back_and_is_held_as_it_was(tmp_path: Path, state: HandOverState) -> None:
    async def give(part: Part) -> None:
        job = await part.add(_moving())
        back = await bring_until_changed(part, part.giving(), job)
        assert back is not None and (back.state, back.hold_wanted, back.attempt) == (JobState.ACCEPTED, True, 2)
        assert back.moving is None
        text = "It did not get to far: no paper."
        assert back.job_state_message == text
        assert part.facts(job.uuid) == [JobTakenBack(hand_over=H, reason=text)]

    use(tmp_path, Server(state, "no paper"), give)


def test_one_with_a_pin_goes_with_its_pin_only_and_needs_it_again_if_it_comes_back(tmp_path: Path) -> None:
    server = Server(HandOverState.DECLINED, "no paper")
    pin = JobPassword("none", b"salt", b"digest")
    order = structs.replace(ORDER, release=True)

    async def give(part: Part) -> None:
        giving = part.giving()
        job = await part.add(a_job(state=JobState.HELD, job_password=pin))
        with pytest.raises(NotPossible, match="with its PIN only"):
            await giving.give(job, None, order)
        await giving.give(job, None, order, password_given=True)
        on_its_way = part.jobs.current(job)
        parcel = parcel_of(on_its_way, SHA256).pin
        assert parcel is not None and parcel.given
        back = await bring_until_changed(part, giving, on_its_way)
        assert back is not None and back.job_password == pin

    use(tmp_path, server, give)


def test_one_that_nobody_takes_in_time_is_wanted_back(tmp_path: Path) -> None:
    server = Server(HandOverState.OFFERED)

    async def give(part: Part) -> None:
        job = await part.add(_moving())  # given away long ago
        back = await bring_until_changed(part, part.giving(patience_s=1), job)
        assert back is not None and back.state is JobState.ACCEPTED
        assert [one.cancelled_by for one in server.withdrawn] == [""]

    use(tmp_path, server, give)


def test_a_cancel_on_the_way_is_done_here_or_passed_on(tmp_path: Path) -> None:
    for state, expected in ((HandOverState.OFFERED, JobState.CANCELLED), (HandOverState.TAKEN, None)):
        server = Server(state)

        async def give(part: Part, server: Server = server, expected: JobState | None = expected) -> None:
            giving = part.giving()
            job = await part.add(_moving())
            await cancel(part.jobs, job, "anna")
            if expected is None:
                await giving.end(HandOverEnded(job_id=job.uuid, hand_over=H, kept=True))
            after = await bring_until_changed(part, giving, part.jobs.get(job.job_id) or job)
            assert (after.state if after else None) is expected
            assert server.withdrawn[0].cancelled_by == "anna"

        use(tmp_path / state.value, server, give)


def test_a_server_that_forgot_it_leaves_the_job_to_a_person(tmp_path: Path) -> None:
    async def give(part: Part) -> None:
        job = await part.add(_moving())
        held = await bring_until_changed(part, part.giving(), job)
        assert held is not None and (held.state, held.in_doubt, held.moving) == (JobState.HELD, True, None)

    use(tmp_path, Server(HandOverState.UNKNOWN), give)


def offered(job: Job, sha256: str = SHA256, *, release: bool = False) -> OpenHandOver:
    return OpenHandOver(hand_over=H, queue="office", by="olga", release=release, parcel=parcel_of(job, sha256))


def _job_elsewhere(**fields: object) -> Job:
    document = Document("application/pdf", len(DOCUMENT))
    return _moving(job_id=20_001, job_id_unique=True, document=document, **fields)


def test_a_job_is_taken_over_once_with_its_number(tmp_path: Path) -> None:
    server, walked = Server(HandOverState.OFFERED, document=DOCUMENT), list[int]()

    async def take(part: Part) -> None:
        taking = part.taking({"office": queue()}, walked)
        server.open = (offered(_job_elsewhere()),)
        for _ in range(2):
            assert await taking._look() > 30
        (job,) = part.journal.jobs()
        assert (job.job_id, job.state, job.hold_wanted, job.attempt) == (20_001, JobState.ACCEPTED, True, 2)
        assert part.spool.path(job.uuid).read_bytes() == DOCUMENT
        assert [type(fact) for fact in part.facts(job.uuid)] == [JobTaken] and walked == [20_001]
        # Its number says nothing of our own ones.
        assert part.journal.last_job_id() == 0
        # The server has the report, and was restored since: it is told again, once.
        await part.journal.write(Entry(taken=1))
        for _ in range(2):
            await taking._look()
        assert [type(fact) for fact in part.facts(job.uuid)] == [JobTaken]

    use(tmp_path, server, take)


def test_a_restored_server_is_told_how_a_job_ended_that_was_taken_over(tmp_path: Path) -> None:
    server = Server(HandOverState.TAKEN, document=DOCUMENT)

    async def take(part: Part) -> None:
        elsewhere = _job_elsewhere()
        server.open = (offered(elsewhere),)
        output = Output(sheets=1, sides=(Sides("iso_a4_210x297mm", colour=False, two_sided=False, impressions=1),))
        done = replace(elsewhere, moving=None, state=JobState.COMPLETED, output=output, job_state_message="Printed.")
        await part.jobs.add(done)
        for _ in range(2):
            await part.taking({"office": queue()}, [])._look()
        assert part.facts(done.uuid) == [
            JobTaken(hand_over=H, job=done.description()),
            JobFinished(state=JobState.COMPLETED, output=output, reason="Printed."),
        ]

    use(tmp_path, server, take)


@pytest.mark.parametrize("state", [HandOverState.WITHDRAWN, HandOverState.KEPT, HandOverState.UNKNOWN])
def test_a_job_that_is_not_ours_to_claim_is_not_taken(tmp_path: Path, state: HandOverState) -> None:
    server, walked = Server(state, document=DOCUMENT), list[int]()

    async def take(part: Part) -> None:
        server.open = (offered(_job_elsewhere()),)
        await part.taking({"office": queue()}, walked)._look()
        assert not part.journal.jobs() and not list(part.spool.folder.iterdir())

    use(tmp_path, server, take)


def test_what_cannot_be_printed_here_is_declined_and_what_is_not_known_yet_waits(tmp_path: Path) -> None:
    server, walked = Server(HandOverState.OFFERED, document=DOCUMENT), list[int]()

    async def take(part: Part) -> None:
        server.open = (offered(_job_elsewhere()),)
        assert await part.taking({}, walked)._look() < 30 and not server.declined
        await part.taking({"office": queue(accepting=False)}, walked)._look()
        assert server.declined == ["the queue office takes no jobs"]
        server.state, server.open = HandOverState.OFFERED, (offered(_job_elsewhere(), "0" * 64),)
        await part.taking({"office": queue()}, walked)._look()
        assert server.declined[1:] == ["its document was damaged on the way"]
        assert not part.journal.jobs() and not list(part.spool.folder.iterdir())

    use(tmp_path, server, take)


@settings(max_examples=30)
@given(jobs)
def test_nothing_of_a_job_is_lost_on_the_way(job: Job) -> None:
    job = replace(
        job, moving=_moving(was=JobState.AUTHORISED).moving, document=Document("application/pdf", 1, "a.pdf")
    )
    job = replace(job, job_password=JobPassword("sha2-256", b"salt", b"digest", 3, True))
    there = job_for(queue(), offered(job), job.job_id, is_unique=job.job_id_unique)
    assert (there.uuid, there.owner, there.job_name, there.created_at) == (
        job.uuid, job.owner, job.job_name, job.created_at,
    )  # fmt: skip
    assert (there.job_password, there.document, there.first_queue) == (
        job.job_password, job.document, job.first_queue or job.queue,
    )  # fmt: skip
    assert (there.state, there.attempt, there.by_rules) == (JobState.ACCEPTED, job.attempt + 1, job.by_rules)


def test_one_that_is_sent_to_be_printed_at_once_is_not_held_there() -> None:
    job = _job_elsewhere(attributes=(keyword("sides", "two-sided-long-edge"),))
    assert job_for(queue(), offered(job), 1, is_unique=True).hold_wanted
    there = job_for(queue(), offered(job, release=True), 1, is_unique=True)
    assert not there.hold_wanted and there.ticket.sides is SidesKeyword.TWO_SIDED_LONG_EDGE
