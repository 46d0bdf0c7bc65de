"""The Application Server is stopped for a whole run of jobs: they print, and afterwards the books are as if it had
been there. What could not be paid is shown.

Real processes throughout. `make away` is the same with 500 jobs (EVERPRINT_OFFLINE_JOBS).
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from rig import ipptool
from rig.everprint import Provider, Row, Server, run_provider, run_server
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.submit import FOUR_PAGES, ONE_PAGE

JOBS = int(os.environ.get("EVERPRINT_OFFLINE_JOBS", "60"))
PEOPLE = [f"person-{number}" for number in range(6)]
CREDIT, SIDE = Decimal("100.00"), Decimal("0.10")


@dataclass(frozen=True, slots=True)
class World:
    server: Server
    provider: Provider
    printer: VirtualPrinter

    def print(self, user: str, name: str, queue: str = "office", document: object = ONE_PAGE) -> ipptool.Answer:
        return ipptool.ask(
            self.provider.uri(queue),
            "Print-Job",
            [
                f"ATTR name requesting-user-name {user}",
                f"ATTR name job-name {name}",
                "ATTR mimeMediaType document-format application/pdf",
            ],
            document=document,  # type: ignore[arg-type] # a path
        )

    def release(self, user: str, job_id: int) -> ipptool.Answer:
        lines = [f"ATTR integer job-id {job_id}", f"ATTR name requesting-user-name {user}"]
        return ipptool.ask(self.provider.uri("pull"), "Release-Job", lines)

    def health(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.provider.port}/health/ready", timeout=30) as answer:
            checks = {check["name"]: check["message"] for check in json.load(answer)["checks"]}
        return str(checks["application-server"])

    def at_provider(self) -> tuple[dict[str, JobState], int]:
        """The states of the provider's jobs by name, and how many events it has not told."""
        path = Path(self.provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"
        with closing(open_read_only(path)) as journal:
            (untold,) = journal.execute("SELECT count(*) FROM outbox WHERE job_uuid IS NOT NULL").fetchone()
            return {job.job_name: job.state for job in read_jobs(journal)}, untold

    def wait_for_ends(self, names: list[str]) -> None:
        def look() -> bool:
            states, _ = self.at_provider()
            return all(name in states and states[name].is_final for name in names)

        wait_for(f"{len(names)} jobs to end\n{self.provider.process.log_tail(20)}", look, within_s=120 + JOBS)

    def rows(self) -> dict[str, Row]:
        """The server's job log by document name."""
        return {str(row["name"]): row for row in self.server.listing("job", "list", "--limit", "100000")}


@dataclass(frozen=True, slots=True)
class Away:
    """What was seen while the server was away, and its books when it was back."""

    world: World
    health: str
    refused: ipptool.Answer
    over_limit: ipptool.Answer
    strict_state: JobState
    rows: dict[str, Row]
    printed: Counter[str]


@pytest.fixture(scope="module")
def away() -> Iterator[Away]:
    with ExitStack() as stack:
        server = stack.enter_context(run_server(offline_credit="60.00", initial_credit=str(CREDIT)))
        printer = stack.enter_context(run_virtual_printer("--pictures", "none", "--pages-per-minute", "10000"))
        provider = stack.enter_context(
            run_provider(
                server,
                device_poll_s="0.5",
                decision_wait_s="30",
                spendable_s="0.5",
                finished_jobs_kept=str(JOBS + 100),
                jobs_at_device="20",
            )
        )
        world = World(server, provider, printer)
        for queue, options in {
            "office": ["--over-limit", "refuse"],
            "pull": ["--hold"],
            "uncounted": ["--failure-mode", "print-and-do-not-log"],
            "strict": ["--failure-mode", "hold"],
        }.items():
            server.add_printer(queue, provider.name, printer.uri, *options)
        for queue in ("office", "pull"):
            server.set_cost(queue, str(SIDE), str(SIDE))
        server.add_user("poor", "0.10")
        server.add_user("careful", "50.00")
        server.command("account", "set-offline-credit", "careful", "0.10")
        for queue in ("office", "pull", "uncounted", "strict"):
            provider.wait_for_queue(queue)
        # These two have an account already; the others get theirs by their first print, without the server.
        assert world.print("spender", "before", document=FOUR_PAGES).status == "successful-ok"
        assert world.print("person-0", "first").status == "successful-ok"
        server.wait_for_settled(2)
        time.sleep(1.5)  # two rounds of spendable amounts
        yield _run(world)


def _run(world: World) -> Away:
    server = world.server
    server.process.stop()
    # The account is emptied behind the provider's back, but for a little.
    server.command("account", "adjust", "spender", "-99.30", "--comment", "withdrawn")
    began = time.monotonic()
    names = [f"job-{number}" for number in range(JOBS)]
    for number, name in enumerate(names):
        answer = world.print(PEOPLE[number % len(PEOPLE)], name)
        assert answer.status == "successful-ok", (answer.status, answer.message)
    assert world.print("spender", "overdrawn", document=FOUR_PAGES).status == "successful-ok"
    assert world.print("person-0", "nobodys", "uncounted").status == "successful-ok"
    assert world.print("person-1", "strict", "strict").status == "successful-ok"
    held = world.print("person-2", "pulled", "pull")
    job_id = held.first["job-id"]
    assert isinstance(job_id, int)
    wait_for("the job to be held", lambda: world.at_provider()[0]["pulled"] is JobState.HELD)
    assert world.release("person-2", job_id).status == "successful-ok"
    refused = world.print("poor", "too-dear", document=FOUR_PAGES)
    assert world.print("careful", "within").status == "successful-ok"
    over_limit = world.print("careful", "beyond")
    world.wait_for_ends([*names, "overdrawn", "nobodys", "pulled", "too-dear", "within", "beyond"])
    printed_s = time.monotonic() - began
    health, strict_state = world.health(), world.at_provider()[0]["strict"]
    # What is decided is on disk: a provider that is killed now still owes its reports.
    world.provider.process.kill()
    world.provider.process.start()
    server.process.start()
    back = time.monotonic()

    def all_told() -> bool:
        states, untold = world.at_provider()
        return not untold and all(state.is_final for state in states.values())

    wait_for(
        f"all reports\n{world.provider.process.log_tail(20)}\n{server.process.log_tail(20)}",
        all_told, within_s=120 + JOBS, every_s=0.3,
    )  # fmt: skip
    replayed_s = time.monotonic() - back
    rows = world.rows()
    assert len(rows) == JOBS + 9
    printed = Counter(job.job_name for job in world.printer.jobs() for _ in range(job.impressions_completed))
    figures = (
        f"{JOBS} jobs printed in {printed_s:.1f} s without the server; all told {replayed_s:.1f} s after its start"
    )
    print(figures)
    return Away(world, health, refused, over_limit, strict_state, rows, printed)


def test_every_job_is_printed_once(away: Away) -> None:
    for number in range(JOBS):
        assert away.printed[f"job-{number}"] == 1


def test_the_ledger_is_as_if_the_server_had_been_there(away: Away) -> None:
    spent = Counter(PEOPLE[number % len(PEOPLE)] for number in range(JOBS))
    spent["person-0"] += 1  # while the server was there
    spent["person-2"] += 1  # the pulled one
    balances = {str(row["name"]): Decimal(str(row["balance"])) for row in away.world.server.listing("user", "list")}
    for person in PEOPLE:
        assert balances[person] == CREDIT - spent[person] * SIDE, person
    assert balances["careful"] == Decimal("49.90")
    assert balances["poor"] == Decimal("0.10")
    away.world.server.command("audit")


def test_the_log_is_as_if_the_server_had_been_there(away: Away) -> None:
    for number in range(JOBS):
        row = away.rows[f"job-{number}"]
        assert (row["user"], row["printer"], row["state"]) == (PEOPLE[number % len(PEOPLE)], "office", "completed")
        assert (row["impressions"], row["sheets"], Decimal(str(row["charged"]))) == (1, 1, SIDE)
        assert row["offline"]
    assert Decimal(str(away.rows["pulled"]["charged"])) == SIDE


def test_what_could_not_be_paid_is_shown(away: Away) -> None:
    row = away.rows["overdrawn"]
    assert (row["state"], row["impressions"]) == ("completed", 4)
    # 100.00 less the first job's 0.40 and the 99.30 that were withdrawn.
    assert (Decimal(str(row["charged"])), Decimal(str(row["uncollected"]))) == (Decimal("0.30"), Decimal("0.10"))
    assert [row["name"] for row in away.world.server.listing("job", "list", "--unpaid")] == ["overdrawn"]
    assert away.world.server.balance("spender") == 0


def test_a_queue_that_does_not_log_charges_nobody_and_keeps_counts(away: Away) -> None:
    assert away.printed["nobodys"] == 1
    (row,) = [row for row in away.rows.values() if row["unlogged"]]
    assert (row["user"], row["name"], row["impressions"], Decimal(str(row["charged"]))) == ("", "", 1, 0)


def test_a_strict_queue_waits_for_the_server(away: Away) -> None:
    assert away.strict_state is JobState.ANALYSED
    row = away.rows["strict"]
    assert (row["state"], row["offline"]) == ("completed", False)


def test_who_cannot_pay_is_told_so_with_the_status_that_clients_know(away: Away) -> None:
    for answer, sum_ in ((away.refused, "€0.10"), (away.over_limit, "€0.00")):
        assert answer.status == "client-error-account-limit-reached"
        assert "Application Server is away" in answer.message
        assert sum_ in answer.message
    for name in ("too-dear", "beyond"):
        assert (away.rows[name]["state"], away.rows[name]["offline"]) == ("refused", True)


def test_the_period_shows_in_health_and_on_the_server(away: Away) -> None:
    assert f"{JOBS + 4} jobs were let through" in away.health
    assert "2 refused" in away.health
    world = away.world

    def look() -> Row:
        (row,) = world.server.listing("provider", "list")
        return row if row["away_ended"] else {}

    row = wait_for("the period", look)
    assert (row["away_printed"], row["away_unlogged"], row["away_refused"]) == (JOBS + 4, 1, 2)
    wait_for("health to say so", lambda: "Away since" not in world.health())


def test_afterwards_the_server_decides_again(away: Away) -> None:
    before = away.world.server.balance("person-3")
    assert away.world.print("person-3", "afterwards").status == "successful-ok"

    def look() -> Row:
        row = away.world.rows().get("afterwards", {})
        return row if row.get("state") == "completed" else {}

    assert not wait_for("the job", look)["offline"]
    assert away.world.server.balance("person-3") == before - SIDE
