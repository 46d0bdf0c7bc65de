"""kill -9 of giver, taker and server at every point of a hand-over: each job is printed once and charged once.

Each part dies at each of its points (deadly_hand_over), and is started again as often; three jobs go through it all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from rig import ipptool
from rig.everprint import Provider, Server, run_provider, run_server
from rig.process import Process
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.submit import FOUR_PAGES

DEADLY = Path(__file__).with_name("deadly_hand_over.py")
POINTS = 13
USERS = ("alice", "bert", "carol")
CREDIT, COST = Decimal("5.00"), Decimal("0.80")  # four pages of 0.20


@dataclass(frozen=True, slots=True)
class World:
    server: Server
    north: Provider
    south: Provider
    at_north: VirtualPrinter
    at_south: VirtualPrinter


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        server = stack.enter_context(run_server(create_users_on_first_print="true", initial_credit=str(CREDIT)))
        at_north, at_south = (
            stack.enter_context(run_virtual_printer("--pictures", "none", "--pages-per-minute", "10000"))
            for _ in range(2)
        )
        north = stack.enter_context(run_provider(server, "north", device_poll_s="0.5"))
        south = stack.enter_context(run_provider(server, "south", device_poll_s="0.5"))
        server.add_printer("pull", north.name, at_north.uri, "--hold")
        server.add_printer("far", south.name, at_south.uri)
        server.set_cost("far", "0.20", "0.20")
        north.wait_for_queue("pull")
        south.wait_for_queue("far")
        yield World(server, north, south, at_north, at_south)


@contextmanager
def deadly(part: Server | Provider, role: str, notes: Path) -> Iterator[Process]:
    """The part as one that dies, instead of the real one."""
    part.process.stop()
    process = Process(
        [sys.executable, DEADLY, role, notes], log=part.process.log, ready=lambda: True, environment=part.environment
    )
    with process:
        yield process
    part.process.start()


def ask(provider: Provider, operation: str, lines: list[str], document: Path | None = None) -> ipptool.Answer | None:
    """None while it is dead."""
    queue = "pull" if provider.name == "north" else "far"
    with suppress(ipptool.NoAnswer):
        return ipptool.ask(provider.uri(queue), operation, lines, document=document)
    return None


def print_job(north: Provider, user: str) -> int:
    """A held job's number."""
    who = [f"ATTR name requesting-user-name {user}", f"ATTR name job-name {user}"]
    answer = ask(north, "Print-Job", [*who, "ATTR mimeMediaType document-format application/pdf"], FOUR_PAGES)
    assert answer is not None and answer.status == "successful-ok"
    number = answer.first["job-id"]
    assert isinstance(number, int)
    return number


def test_whoever_is_killed_when_each_job_is_printed_and_charged_once(world: World, tmp_path: Path) -> None:
    numbers = {user: print_job(world.north, user) for user in USERS}

    def held() -> list[str]:
        found = [str(job["number"]) for job in world.server.jobs() if job["state"] == "held"]
        return found if len(found) == len(USERS) else []

    jobs = wait_for("the jobs to be held", held, within_s=60, every_s=0.5)
    with ExitStack() as stack:
        parts = [
            stack.enter_context(deadly(part, role, tmp_path))
            for part, role in ((world.north, "giver"), (world.south, "taker"), (world.server, "server"))
        ]
        # With the database, whoever of the three is alive.
        world.server.command("job", "redirect", *jobs, "--to", "far", "--to-provider", world.south.name)

        def all_points_passed() -> bool:
            for part in parts:
                if not part.is_running():
                    part.start()
            return len(list(tmp_path.iterdir())) == POINTS and all(part.is_running() for part in parts)

        try:
            wait_for("all to die everywhere", all_points_passed, within_s=240, every_s=0.05)
        except TimeoutError:
            raise AssertionError(sorted(path.name for path in tmp_path.iterdir())) from None

        def released(user: str) -> bool:
            who = [f"ATTR integer job-id {numbers[user]}", f"ATTR name requesting-user-name {user}"]
            ask(world.south, "Release-Job", who)
            said = ask(world.south, "Get-Job-Attributes", who)
            return said is not None and str(said.first.get("job-state")) in ("completed", "9")

        for user in USERS:
            wait_for(f"{user}'s job to be printed", lambda user=user: released(user), within_s=120)
    printed = sorted((job.job_name, job.impressions_completed) for job in world.at_south.jobs())
    assert printed == [(user, 4) for user in USERS] and not world.at_north.jobs()

    def charged() -> bool:
        balances = world.server.balances()
        return [balances[user] for user in USERS] == [CREDIT - COST] * len(USERS)

    wait_for("the charges", charged, within_s=60, every_s=0.5)
    for part in (world.north, world.south):
        spool = Path(part.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "spool"
        wait_for(f"an empty spool of {part.name}", lambda spool=spool: not list(spool.iterdir()), within_s=60)
