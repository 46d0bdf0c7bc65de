"""What keeps a delivery from its end without any fault of the job: it goes again, and others go past it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import Queue as QueueSettings
from everprint.documents.conversion.task import ConversionFailed, ConverterBroke, NoConverter
from everprint.ipp.client import PrinterUnreachable
from everprint.ipp.message import Attribute, Group
from everprint.provider.changes import cancel
from everprint.provider.delivery import delivery as module
from everprint.provider.delivery.delivery import Delivery, Others
from everprint.provider.delivery.described import Described
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.delivery.line import Line
from everprint.provider.delivery.outgoing import AsItIs, Outgoing
from everprint.provider.delivery.preparation import Preparation, Prepared
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.mirrored import NEVER_SEEN
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool, SpoolFull
from tests.provider.jobs_for_tests import a_job

Fault = Exception | None


class Printer:
    """A delivery.device.Device that prints whatever it gets; sending fails as `faults` say, one after the other."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.printed: list[int] = []
        self.faults: list[Fault] = []

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        self.made.append(job.job_id)
        return len(self.made)

    async def send_document(self, job: Job, device_job_id: int, document: Outgoing) -> None:
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        self.printed.append(job.job_id)

    async def job(self, job: Job, device_job_id: int) -> DeviceJob | None:
        if job.job_id in self.printed:
            return DeviceJob(9, frozenset(), None, None, 1)
        return DeviceJob(7, frozenset({"job-canceled-by-user"}), None, None, 0)

    async def cancel_job(self, job: Job, device_job_id: int) -> None:
        return

    async def empty_jobs(self, job: Job) -> list[int]:
        return []

    async def attributes(self, *requested: str) -> Group:
        return NEVER_SEEN

    async def identify(self, actions: Iterable[str], message: str) -> None:
        return


class Preparing:
    """Makes a job ready, unless a fault is due before its first piece."""

    def __init__(self, path: Path) -> None:
        self.faults: dict[int, list[Fault]] = {}
        self._path = path

    @asynccontextmanager
    async def prepared(self, job: Job, device: Described) -> AsyncIterator[Prepared]:
        faults = self.faults.get(job.job_id, [])
        if faults and (fault := faults.pop(0)) is not None:
            raise fault
        yield Prepared(AsItIs(self._path, "application/pdf"), ())


class OfAPool:
    """The others of a pool, none of which wants the job."""

    def could_take(self, job: Job) -> bool:
        return False

    def may_take_refused(self, job: Job) -> bool:
        return False


class World:
    """One queue with one printer."""

    def __init__(self, folder: Path, others: Others | None = None) -> None:
        self.spool = Spool(folder / "spool", 0)
        self.journal = Journal(folder / "journal.sqlite3", self.spool.folder)
        self.jobs = Jobs(self.journal, self.spool, 10)
        self.printer, self.preparing = Printer(), Preparing(folder / "document")
        settings = QueueSettings(name="office", device_uri="ipp://192.0.2.1/", printer_uuid="urn:uuid:1")
        self.delivery = Delivery(
            self.jobs, cast(Preparation, self.preparing), Queue(settings, NEVER_SEEN), self.printer, Line(1),
            others=others,
        )  # fmt: skip

    async def add(self, job_id: int) -> Job:
        job = a_job(job_id, state=JobState.AUTHORISED)
        await self.jobs.add(job)
        return job

    async def deliver(self, job: Job) -> Job:
        """As a walk does: again until it is over. Its last state."""
        while (now := self.jobs.get(job.job_id)) is not None and not now.state.is_final:
            await self.delivery.deliver(now)
        assert now is not None
        return now


def run(folder: Path, steps: Callable[[World], Awaitable[None]], others: Others | None = None) -> None:
    async def main() -> None:
        world = World(folder, others)
        try:
            async with asyncio.timeout(60):
                await steps(world)
        finally:
            world.journal.close()

    asyncio.run(main())


@pytest.fixture(autouse=True)
def short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_REST_S", 0.01)
    monkeypatch.setattr(module, "_LONGEST_REST_S", 0.05)


@pytest.mark.parametrize("fault", [NoConverter("no converter can be started: Cannot allocate memory"), SpoolFull("")])
@pytest.mark.parametrize("where", ["before its first piece", "while it is sent"])
def test_what_this_machine_lacks_ends_no_job(tmp_path: Path, fault: Exception, where: str) -> None:
    async def steps(world: World) -> None:
        faults: list[Fault] = [fault] * 12
        if where == "while it is sent":
            world.printer.faults = faults
        else:
            world.preparing.faults = {1: faults}
        job = await world.deliver(await world.add(1))
        assert (job.state, world.printer.printed) == (JobState.COMPLETED, [1])

    run(tmp_path, steps)


def test_a_converter_that_was_killed_is_started_again(tmp_path: Path) -> None:
    async def steps(world: World) -> None:
        world.preparing.faults = {1: [ConverterBroke("its converter ended in the middle of its work")] * 4}
        job = await world.deliver(await world.add(1))
        assert (job.state, world.printer.made) == (JobState.COMPLETED, [1])

    run(tmp_path, steps)


@pytest.mark.parametrize(
    ("fault", "tries", "said"),
    [
        (ConversionFailed("it has no pages"), 1, "printer takes: it has no pages."),
        (ConverterBroke("its converter ended"), 5, "printer takes, tried 5 times: its converter ended."),
    ],
)
def test_a_document_that_cannot_be_converted_ends_alone(
    tmp_path: Path, fault: Exception, tries: int, said: str
) -> None:
    async def steps(world: World) -> None:
        faults: list[Fault] = [fault] * 9
        world.preparing.faults = {1: faults}
        bad = await world.deliver(await world.add(1))
        assert (bad.state, len(faults)) == (JobState.ABORTED, 9 - tries)
        assert bad.job_state_message.endswith(said) and "document-format-error" in bad.job_state_reasons

    run(tmp_path, steps)


def test_while_it_rests_others_print_and_it_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_REST_S", 1000.0)
    monkeypatch.setattr(module, "_LONGEST_REST_S", 1000.0)

    async def steps(world: World) -> None:
        world.preparing.faults = {1: [NoConverter("no converter can be started")]}
        first = await world.add(1)
        resting = asyncio.create_task(world.delivery.deliver(first))
        waits = first
        while not waits.job_state_message:
            waits = await world.jobs.until_changed(waits)
        assert waits.state is JobState.AUTHORISED and "It is tried again." in waits.job_state_message
        assert (await world.deliver(await world.add(2))).state is JobState.COMPLETED
        await cancel(world.jobs, waits, "anna")
        await resting

    run(tmp_path, steps)


def test_a_printer_of_a_pool_that_cannot_be_connected_to_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everprint.provider.delivery.line._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("everprint.provider.delivery.line._LONGEST_PAUSE_S", 0.01)

    async def steps(world: World) -> None:
        world.printer.faults = [PrinterUnreachable("192.0.2.1:631", "cannot connect", in_doubt=False)] * 12
        job = await world.deliver(await world.add(1))
        assert (job.state, world.printer.printed) == (JobState.COMPLETED, [1])

    run(tmp_path, steps, OfAPool())
