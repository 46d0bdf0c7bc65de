"""kill -9 at every point of a job's life: the job is printed once and charged once.

The points are the steps that the journal takes, each before and after it is on disk: what a crash can separate.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from rig import ipptool
from rig.everprint import Provider, Server, run_provider, run_server
from rig.process import Process
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.submit import FOUR_PAGES

DEADLY_JOURNAL = Path(__file__).with_name("deadly_journal.py")
CREDIT, COST = Decimal("5.00"), Decimal("0.40")  # four pages of 0.10

# What the journal writes of a job that is printed.
STEPS = {
    1: "accepted",
    2: "analysed",
    3: "authorised",
    4: "delivering",
    5: "delivering, the device's number known",
    6: "printing",
    7: "completed",
}
POINTS = [(when, step) for step in STEPS for when in ("before", "after")]


@dataclass(frozen=True, slots=True)
class World:
    server: Server
    printer: VirtualPrinter
    provider: Provider

    def print_and_kill(self, user: str, when: str, step: int, victim: Process | None) -> bool:
        """Prints a document while something is killed; True if the client was told that it was accepted."""
        deadly = Process(
            [sys.executable, DEADLY_JOURNAL, when, str(step), str(victim.pid) if victim else "self"],
            log=self.provider.process.log,
            ready=self._answers,
            environment=self.provider.environment,
        )
        dying = victim or deadly
        accepted = False
        with deadly:
            with suppress(ipptool.NoAnswer):
                accepted = self.print_for(user)
            wait_for(f"the kill\n{deadly.log_tail()}", lambda: not dying.is_running())
            if victim is not None:
                victim.start()
                self.wait_until_settled(user)
        return accepted

    def print_for(self, user: str) -> bool:
        answer = ipptool.ask(
            self.provider.uri("office"),
            "Print-Job",
            [
                f"ATTR name requesting-user-name {user}",
                f"ATTR name job-name {user}",
                "ATTR mimeMediaType document-format application/pdf",
            ],
            document=FOUR_PAGES,
        )
        return answer.status == "successful-ok"

    def wait_until_settled(self, user: str) -> None:
        """Until the user's job is finished and the server was told all about it."""

        def look() -> bool:
            jobs, unreported = self.journal()
            mine = [job for job in jobs if job.owner.user_name == user]
            return bool(mine) and all(job.state.is_final for job in mine) and not unreported

        wait_for(f"the end of {user}'s job", look, within_s=120)

    def journal(self) -> tuple[list[Job], int]:
        """The jobs in the print server's journal, and how many events the server has not taken."""
        path = Path(self.provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"
        with closing(open_read_only(path)) as connection:
            (unreported,) = connection.execute("SELECT count(*) FROM outbox WHERE job_uuid IS NOT NULL").fetchone()
            return read_jobs(connection), unreported

    def _answers(self) -> bool:
        with suppress(ipptool.NoAnswer):
            return ipptool.ask(self.provider.uri("office"), "Get-Printer-Attributes").status == "successful-ok"
        return False

    def assert_printed_once_and_charged_once(self, user: str) -> None:
        """The printer's own record, the server's ledger, and this print server's journal agree."""
        printed = [job for job in self.printer.jobs() if job.job_name == user and job.impressions_completed]
        assert [job.impressions_completed for job in printed] == [4]
        assert self.server.balance(user) == CREDIT - COST
        (mine,) = [job for job in self.server.jobs() if job["user"] == user]
        assert mine["state"] == "completed"
        (kept,) = [job for job in self.journal()[0] if job.owner.user_name == user]
        assert kept.state is JobState.COMPLETED


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A server, a printer and a print server, which is started by each test."""
    with ExitStack() as stack:
        server = stack.enter_context(run_server(create_users_on_first_print="true", initial_credit=str(CREDIT)))
        printer = stack.enter_context(run_virtual_printer("--pictures", "none", "--pages-per-minute", "1200"))
        provider = stack.enter_context(run_provider(server, device_poll_s="0.5"))
        server.add_printer("office", provider.name, printer.uri)
        server.set_cost("office", "0.10", "0.10")
        provider.wait_for_queue("office")
        provider.process.stop()
        yield World(server, printer, provider)


@pytest.mark.parametrize(("when", "step"), [*POINTS, ("while-sending", 0)])
def test_a_killed_print_server(world: World, when: str, step: int) -> None:
    user = f"p-{when}-{step}"
    accepted = world.print_and_kill(user, when, step, victim=None)
    if step == 1:
        assert not accepted
    with world.provider.process:
        if (when, step) == ("before", 1):
            # Nothing was kept and nothing was promised: the client prints again.
            assert [job for job in world.journal()[0] if job.owner.user_name == user] == []
            assert world.print_for(user)
        world.wait_until_settled(user)
        world.assert_printed_once_and_charged_once(user)


@pytest.mark.parametrize(("when", "step"), POINTS)
def test_a_killed_server(world: World, when: str, step: int) -> None:
    user = f"s-{when}-{step}"
    assert world.print_and_kill(user, when, step, victim=world.server.process)
    world.assert_printed_once_and_charged_once(user)
