"""Any provider answers for any job of the installation, and the same as the job's own provider does.

Real processes: one server, the provider *north* with the queues of the jobs, and *south* with a queue of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from rig import ipptool
from rig.everprint import Provider, Server, run_provider, run_server
from rig.virtual_printer import run_virtual_printer
from rig.waiting import wait_for
from tests.provider.submit import FOUR_PAGES, ONE_PAGE

# What a client needs to follow a job; the host in a URI is the one that the client asked.
FOLLOWED = (
    "job-id", "job-uuid", "job-name", "job-originating-user-name", "job-state", "job-state-reasons",
    "job-state-message", "job-impressions", "job-media-sheets", "job-impressions-completed",
    "job-media-sheets-completed", "job-k-octets", "document-format", "number-of-documents", "job-hold-until",
    "date-time-at-creation", "date-time-at-processing", "date-time-at-completed",
)  # fmt: skip
PIN = ["ATTR octetString job-password 83140275", "ATTR keyword job-password-encryption none"]
WRONG_PIN = ["ATTR octetString job-password 83140276", "ATTR keyword job-password-encryption none"]


@dataclass(frozen=True, slots=True)
class World:
    server: Server
    north: Provider
    south: Provider

    def print(self, queue: str, user: str = "alice", lines: Sequence[str] = (), **how: object) -> int:
        """Prints at north; the job-id."""
        who = [f"ATTR name requesting-user-name {user}", "ATTR name job-name report"]
        what = [*who, "ATTR mimeMediaType document-format application/pdf", *lines]
        answer = ipptool.ask(self.north.uri(queue), "Print-Job", what, document=FOUR_PAGES)
        assert answer.status == "successful-ok", answer.message
        number = answer.first["job-id"]
        assert isinstance(number, int)
        return number

    def about(
        self, at: Provider, job: int, operation: str = "Get-Job-Attributes", *lines: str, user: str = "alice"
    ) -> ipptool.Answer:
        """An operation on a job; at south by the URI of south's own queue."""
        queue = "office" if at is self.north else "far"
        who = [f"ATTR integer job-id {job}", f"ATTR name requesting-user-name {user}"]
        return ipptool.ask(at.uri(queue), operation, [*who, *lines])

    def by_job_uri(self, at: Provider, queue: str, job: int) -> ipptool.Answer:
        """Get-Job-Attributes of a job-uri, at whichever host."""
        return ipptool.ask(
            at.uri(queue),
            "Get-Job-Attributes",
            [f"ATTR integer job-id {job}", "ATTR name requesting-user-name alice"],
        )

    def wait_for_the_same(self, queue: str, job: int, state: str) -> ipptool.Attributes:
        """Until both say that state, and the same of all that a client follows; what they say."""
        seen: list[dict[str, object]] = []

        def look() -> ipptool.Attributes | None:
            answers = [self.by_job_uri(self.north, queue, job), self.by_job_uri(self.south, queue, job)]
            answers.append(self.about(self.south, job))
            seen[:] = [{name: answer.first.get(name) for name in FOLLOWED} for answer in answers]
            same = seen[0] == seen[1] == seen[2] and answers[0].status == "successful-ok"
            return answers[1].first if same and state in _state(answers[0]) else None

        try:
            found = wait_for(f"job {job} to be {state} at both", look, within_s=60, every_s=0.1)
        except TimeoutError as error:
            raise AssertionError(_differences(seen)) from error
        assert found is not None
        return found


def _state(answer: ipptool.Answer) -> tuple[str, ...]:
    names = {
        "3": "pending",
        "4": "pending-held",
        "5": "processing",
        "7": "canceled",
        "8": "aborted",
        "9": "completed",
    }
    said = str(answer.first.get("job-state"))
    return (said, names.get(said, ""))


def _differences(seen: Sequence[dict[str, object]]) -> str:
    return "\n".join(f"{name}: {[one[name] for one in seen]}" for name in FOLLOWED)


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        server = stack.enter_context(run_server(create_users_on_first_print="true", initial_credit="100.00"))
        printer = stack.enter_context(run_virtual_printer("--pictures", "none", "--pages-per-minute", "10000"))
        north = stack.enter_context(run_provider(server, "north", device_poll_s="0.5"))
        south = stack.enter_context(run_provider(server, "south", device_poll_s="0.5"))
        server.add_printer("office", north.name, printer.uri)
        server.add_printer("pull", north.name, printer.uri, "--hold")
        server.add_printer("far", south.name, printer.uri)
        for provider, queue in ((north, "office"), (north, "pull"), (south, "far")):
            provider.wait_for_queue(queue)
        yield World(server, north, south)


def test_both_say_the_same_of_a_job_all_its_life(world: World) -> None:
    printed = world.print("office")
    world.wait_for_the_same("office", printed, "completed")
    held = world.print("pull")
    said = world.wait_for_the_same("pull", held, "pending-held")
    assert said["job-impressions"] == 4 and said["job-state-message"] == "Held until it is released."
    assert str(said["job-uri"]).endswith(f":{world.south.port}/ipp/print/pull/{held}")
    by_uuid = [f"ATTR uri job-uuid {said['job-uuid']}", "ATTR name requesting-user-name alice"]
    for provider, queue in ((world.north, "office"), (world.south, "far")):
        named = ipptool.ask(provider.uri(queue), "Get-Job-Attributes", by_uuid)
        assert (named.status, named.first.get("job-id")) == ("successful-ok", held), (queue, named.message)
    # Numbers are given once: those of south begin in another block.
    own = ipptool.ask(
        world.south.uri("far"),
        "Print-Job",
        ["ATTR name requesting-user-name alice", "ATTR mimeMediaType document-format application/pdf"],
        document=ONE_PAGE,
    ).first["job-id"]
    assert isinstance(own, int) and own // 10_000 != held // 10_000
    # It is alice's, wherever one asks.
    for provider in (world.north, world.south):
        assert world.about(provider, printed, user="bert").status == "client-error-not-authorized"
        assert world.about(provider, 999_999).status == "client-error-not-found"
    for which, mine in (("completed", {printed}), ("all", {printed})):
        for user, whose in (("alice", mine), ("bert", set())):
            asked = [f"ATTR name requesting-user-name {user}", f"ATTR keyword which-jobs {which}"]
            listed = ipptool.ask(world.south.uri("office"), "Get-Jobs", [*asked, "ATTR boolean my-jobs true"])
            assert {group["job-id"] for group in listed.groups} == whose, (which, user)
    stranger = ["ATTR name requesting-user-name bert", "ATTR keyword requested-attributes all"]
    at_north, at_south = (
        ipptool.ask(provider.uri("pull"), "Get-Jobs", stranger) for provider in (world.north, world.south)
    )
    assert [set(group) for group in at_south.groups] == [set(group) for group in at_north.groups]
    assert "job-name" not in at_south.first and at_south.first["job-id"] == held


def test_what_is_ordered_at_the_other_is_done_and_answered_as_by_its_own(world: World) -> None:
    job = world.print("pull")
    world.wait_for_the_same("pull", job, "pending-held")
    assert world.about(world.south, job, "Release-Job", user="bert").status == "client-error-not-authorized"
    assert world.about(world.south, job, "Release-Job").status == "successful-ok"
    world.wait_for_the_same("pull", job, "completed")
    too_late = world.about(world.south, job, "Cancel-Job")
    assert too_late.status == "client-error-not-possible"
    assert too_late.message == f"job {job} is completed and cannot be cancelled"

    secret = world.print("office", lines=PIN)
    said = world.wait_for_the_same("office", secret, "pending-held")
    assert said["job-state-reasons"] == "job-password-wait"
    assert world.about(world.south, secret, "Release-Job").status == "client-error-not-possible"
    wrong = world.about(world.south, secret, "Release-Job", *WRONG_PIN)
    assert wrong.status == "client-error-not-authorized" and "4 more tries" in wrong.message
    assert world.about(world.south, secret, "Release-Job", *PIN).status == "successful-ok"
    world.wait_for_the_same("office", secret, "completed")

    unwanted = world.print("pull")
    world.wait_for_the_same("pull", unwanted, "pending-held")
    assert world.about(world.south, unwanted, "Hold-Job").status == "successful-ok"
    assert world.about(world.south, unwanted, "Cancel-Job").status == "successful-ok"
    said = world.wait_for_the_same("pull", unwanted, "canceled")
    assert said["job-state-message"] == "Cancelled by alice."


def test_what_cannot_be_known_or_done_now_is_said(world: World) -> None:
    job = world.print("pull")
    world.wait_for_the_same("pull", job, "pending-held")
    world.north.process.stop()
    # The record is there without its provider; the order waits for it.
    assert world.by_job_uri(world.south, "pull", job).status == "successful-ok"
    assert world.about(world.south, job, "Cancel-Job").status == "server-error-temporary-error"
    world.north.process.start()
    world.wait_for_the_same("pull", job, "canceled")

    world.server.process.stop()

    def away() -> bool:
        return world.about(world.south, job).status == "server-error-service-unavailable"

    wait_for("south to find the server away", away, within_s=60)
    assert world.by_job_uri(world.north, "pull", job).status == "successful-ok"
    # Numbers are in stock.
    assert world.print("pull") == job + 1
