"""Pictures of pages: drawn and sent when a server wants them, and never in a job's way."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from everprint.contract.job_life import JobState
from everprint.contract.messages import PageRun, Preview
from everprint.contract.servers import Conflict, ServerAway
from everprint.documents.result import Analysis, Confidence, Language, Page
from everprint.documents.ticket import SILENT, Ticket
from everprint.provider import previews
from everprint.provider.analysis import summarise
from everprint.provider.job import Job
from everprint.provider.previews import Previews
from everprint.provider.spool import Spool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.jobs_for_tests import a_job
from tests.provider.submit import FOUR_PAGES, job_id, submit
from tests.provider.world import run_print_server


def test_a_server_that_wants_them_gets_pictures_of_the_first_pages(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.takes_pictures = True
    server.add_queue("office", printer.uri)
    with run_print_server(server.url, previews=3) as office:
        office.wait_for_queue("office")
        job = office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        drawn = wait_for("the pictures", lambda: server.pictures.get(job.uuid), within_s=120)
        assert sorted(drawn) == [1, 2, 3]
        assert job.findings is not None
        run = job.findings.page_runs[0]
        picture = Image.open(io.BytesIO(drawn[1]))
        assert picture.width == pytest.approx(run.width_mm / 25.4 * 24, abs=2)
        assert picture.height == pytest.approx(run.height_mm / 25.4 * 24, abs=2)
        assert list((office.state / "previews").iterdir()) == []


class Server:
    """Takes pictures, or refuses them as the test says."""

    def __init__(self, *answers: type[Exception]) -> None:
        self.answers = list(answers)
        self.sent: list[list[int]] = []
        self.sent_one = asyncio.Event()

    async def previews(self, job_id: str, pictures: Sequence[Preview]) -> int:
        if self.answers:
            raise self.answers.pop(0)("as the test says")
        self.sent.append([picture.page for picture in pictures])
        self.sent_one.set()
        return len(pictures)


def analysed(pages: int, size_mm: float = 297.0) -> Job:
    found = tuple(Page(number, 210, size_mm, "iso_a4_210x297mm", False) for number in range(1, pages + 1))
    return a_job(findings=summarise(Analysis(Language.PDF, Confidence.EXACT, found), SILENT, Ticket()))


class World:
    def __init__(self, folder: Path, server: Server, *, first_pages: int = 3, wanted: bool = True) -> None:
        self.folder = folder / "previews"
        self.spool = Spool(folder / "spool", 1)
        self.pictures = Previews(
            self.folder,
            self.spool,
            server,
            first_pages=first_pages,
            memory_octets=1 << 30,
            wanted=lambda: wanted,
        )

    def offer(self, job: Job, document: Path = FOUR_PAGES) -> Job:
        self.spool.path(job.uuid).write_bytes(document.read_bytes())
        self.pictures.offer(job)
        self.spool.remove(job.uuid)  # the job is over
        return job

    def waiting(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


def run_until(world: World, server: Server, messages: int) -> None:
    """Draws and sends until so many messages are sent."""

    async def run() -> None:
        running = asyncio.create_task(world.pictures.run())
        async with asyncio.timeout(120):
            while len(server.sent) < messages:
                server.sent_one.clear()
                await server.sent_one.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_a_job_that_is_over_has_its_pictures_and_leaves_nothing(tmp_path: Path) -> None:
    server = Server()
    world = World(tmp_path, server)
    world.offer(analysed(4))
    assert len(world.waiting()) == 1
    run_until(world, server, 1)
    assert server.sent == [[1, 2, 3]]
    assert world.waiting() == []


def test_a_server_that_hears_of_the_job_later_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_PATIENCE_S", (0.01, 0.01))
    server = Server(Conflict, Conflict)
    world = World(tmp_path, server)
    world.offer(analysed(1))
    run_until(world, server, 1)
    assert server.sent == [[1]]


def test_pictures_are_dropped_when_the_server_is_away_and_the_next_job_has_its_own(tmp_path: Path) -> None:
    server = Server(ServerAway)
    world = World(tmp_path, server)
    world.offer(analysed(1))
    world.offer(analysed(2))
    run_until(world, server, 1)
    assert server.sent == [[1, 2]]


def test_what_cannot_be_drawn_has_no_pictures_and_stops_nobody(tmp_path: Path) -> None:
    server = Server()
    world = World(tmp_path, server)
    nothing = tmp_path / "nothing"
    nothing.write_bytes(b"\x00 is drawn by nobody")
    world.offer(analysed(1), nothing)
    world.offer(analysed(9))  # of which the document has four
    world.offer(analysed(1))
    run_until(world, server, 2)
    assert server.sent == [[1, 2, 3], [1]]


def test_nothing_is_kept_where_no_pictures_are_wanted(tmp_path: Path) -> None:
    for number, world in enumerate(
        (World(tmp_path / "a", Server(), first_pages=0), World(tmp_path / "b", Server(), wanted=False))
    ):
        world.offer(analysed(1 + number))
        assert world.waiting() == []
    world = World(tmp_path / "c", Server())
    world.offer(replace(analysed(1), findings=None))
    world.offer(analysed(1, size_mm=5000))  # a banner: even small it would be large
    world.pictures.offer(analysed(1))  # its document is gone
    assert world.waiting() == []


def test_no_more_documents_wait_than_can_be_drawn_soon(tmp_path: Path) -> None:
    world = World(tmp_path, Server())
    for _ in range(60):
        world.offer(analysed(1))
    assert len(world.waiting()) == 50
    World(tmp_path, Server())  # the next start
    assert world.waiting() == []


def test_large_paper_is_drawn_smaller() -> None:
    run = PageRun(first=1, last=9, width_mm=841, height_mm=1189, media="iso_a0_841x1189mm", colour=False)
    assert list(previews._pages_to_draw([run], 2)) == [(1, 10), (2, 10)]


def test_no_message_is_larger_than_the_server_takes() -> None:
    pictures = [Preview(page=page, png=bytes(500_000)) for page in range(1, 8)]
    assert [len(message) for message in previews._in_messages(pictures)] == [4, 3]
