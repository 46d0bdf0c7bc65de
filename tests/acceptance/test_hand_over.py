"""Jobs that wait go to printers of another print server: printed once, charged once, at the price there.

Real processes: one server, and the providers *north* and *south*, which know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from rig import ipptool
from rig.everprint import Provider, Server, run_provider, run_server
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.submit import FOUR_PAGES

CREDIT = Decimal("5.00")
HELD, COMPLETED = "4", "9"


@dataclass(frozen=True, slots=True)
class World:
    server: Server
    north: Provider
    south: Provider
    at_south: VirtualPrinter

    def print(self, user: str) -> int:
        """A job of four pages that is held at north; its job-id."""
        who = [f"ATTR name requesting-user-name {user}", f"ATTR name job-name {user}"]
        answer = ipptool.ask(
            self.north.uri("pull"),
            "Print-Job",
            [*who, "ATTR mimeMediaType document-format application/pdf"],
            document=FOUR_PAGES,
        )
        assert answer.status == "successful-ok", answer.message
        number = answer.first["job-id"]
        assert isinstance(number, int)
        self.wait_for_state(self.north, user, number, HELD)
        return number

    def ask(self, at: Provider, user: str, number: int, operation: str = "Get-Job-Attributes") -> ipptool.Answer:
        queue = "pull" if at is self.north else "far"
        who = [f"ATTR integer job-id {number}", f"ATTR name requesting-user-name {user}"]
        return ipptool.ask(at.uri(queue), operation, who)

    def wait_for_state(self, at: Provider, user: str, number: int, state: str) -> ipptool.Attributes:
        """Until that provider says so of the job; what it says."""
        names = {"pending-held": HELD, "completed": COMPLETED}

        def look() -> ipptool.Attributes | None:
            said = self.ask(at, user, number).first
            here = str(said.get("job-state"))
            return said if names.get(here, here) == state else None

        found = wait_for(f"{user}'s job to be {state}", look, within_s=120)
        assert found is not None
        return found

    def redirect(self, *users: str) -> None:
        """Sends their jobs to south, once the server knows that they are held."""

        def held() -> list[str]:
            jobs = {job["user"]: str(job["number"]) for job in self.server.jobs() if job["state"] == "held"}
            return [jobs[user] for user in users] if jobs.keys() >= set(users) else []

        numbers = wait_for("the jobs to be held", held, within_s=60, every_s=0.5)
        self.server.command("job", "redirect", *numbers, "--to", "far", "--to-provider", self.south.name)

    def spooled(self, at: Provider) -> list[str]:
        folder = Path(at.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "spool"
        return [path.name for path in folder.iterdir()]


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
        server.set_cost("pull", "0.10", "0.10")
        server.set_cost("far", "0.20", "0.20")
        north.wait_for_queue("pull")
        south.wait_for_queue("far")
        yield World(server, north, south, at_south)
        assert not at_north.jobs()


def test_a_job_goes_to_another_print_server_and_is_printed_and_charged_there_once(world: World) -> None:
    number = world.print("alice")
    world.redirect("alice")
    # It stays held, and is the taker's to release; its number holds, whichever print server is asked.
    wait_for("the giver to forget it", lambda: not world.spooled(world.north), within_s=60)
    for at in (world.north, world.south):
        said = world.wait_for_state(at, "alice", number, HELD)
        assert str(said["job-uri"]).endswith(f"/ipp/print/far/{number}")
    assert world.ask(world.north, "alice", number, "Release-Job").status == "successful-ok"
    for at in (world.north, world.south):
        world.wait_for_state(at, "alice", number, COMPLETED)
    assert [job.impressions_completed for job in world.at_south.jobs()] == [4]
    due = CREDIT - 4 * Decimal("0.20")
    wait_for("the charge", lambda: world.server.balance("alice") == due, within_s=60, every_s=0.5)
    assert not world.spooled(world.south)
