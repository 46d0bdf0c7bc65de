"""A job that waits for credit outlives every part, and no credit that came meanwhile is overlooked."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path

from everprint.contract.job_life import JobState
from rig import ipptool
from rig.everprint import Provider, run_provider, run_server
from rig.virtual_printer import run_virtual_printer
from rig.waiting import wait_for

# Each look is a process, and keeps a core busy that those who are waited for need.
wait = partial(wait_for, every_s=0.5)
ONE_PAGE = Path(__file__).parents[1] / "data" / "ipptool" / "onepage-a4.pdf"


def submit(provider: Provider, user: str) -> str:
    """A job of one side at 0.10; its UUID."""
    lines = [f"ATTR name requesting-user-name {user}", "ATTR mimeMediaType document-format application/pdf"]
    made = ipptool.ask(provider.uri("office"), "Print-Job", lines, document=ONE_PAGE)
    assert made.status == "successful-ok", (made.status, made.message)
    who = [lines[0], f"ATTR integer job-id {made.first['job-id']}"]
    asked = ipptool.ask(provider.uri("office"), "Get-Job-Attributes", who).first
    return str(asked["job-uuid"]).removeprefix("urn:uuid:")


def test_jobs_wait_through_crashes_and_print_on_credit_that_came_while_nobody_looked() -> None:
    with (
        run_virtual_printer("--pictures", "none") as printer,
        run_server(offline_credit="10.00") as server,
        run_provider(server, spendable_s="0.5", server_time_out_s="1") as provider,
    ):
        server.add_printer("office", provider.name, printer.uri)
        server.set_cost("office", "0.10", "0.10")
        for user in ("anna", "ben", "cora"):
            server.add_user(user, "0.05")
        provider.wait_for_queue("office")

        def state_at_provider(uuid: str) -> object:
            return next((job["state"] for job in provider.jobs() if job["uuid"] == uuid), None)

        def state_at_server(uuid: str) -> object:
            return next((job["state"] for job in server.jobs() if job["uuid"] == uuid), None)

        anna = submit(provider, "anna")
        wait("the server to know it is held", lambda: state_at_server(anna) == JobState.HELD)
        # The top-up is committed while no server runs that could see it; the provider dies, too.
        server.process.kill()
        provider.process.kill()
        server.command("account", "adjust", "anna", "0.10", "--comment", "while nobody looked")
        provider.process.start()
        # Without the server: held on what was told last. Ben gets credit that his print server does not know of.
        ben, cora = submit(provider, "ben"), submit(provider, "cora")
        for uuid in (anna, ben, cora):
            wait(f"{uuid} to be held", lambda uuid=uuid: state_at_provider(uuid) == JobState.HELD)
        assert not printer.jobs()
        server.command("account", "adjust", "ben", "0.10", "--comment", "while it was away")
        server.process.start()
        for uuid in (anna, ben):
            wait(f"{uuid} to print", lambda uuid=uuid: state_at_provider(uuid) == JobState.COMPLETED, within_s=90)

        def charged() -> bool:
            balances = server.balances()
            return [balances[user] for user in ("anna", "ben")] == [Decimal("0.05")] * 2

        wait("the charges", charged)
        wait("the server to hold Cora's", lambda: state_at_server(cora) == JobState.HELD)
        assert state_at_provider(cora) != JobState.COMPLETED
        server.command("account", "adjust", "cora", "0.05", "--comment", "at last")
        wait("Cora's to print", lambda: state_at_provider(cora) == JobState.COMPLETED, within_s=120)
        assert sorted(job.user_name for job in printer.jobs()) == ["anna", "ben", "cora"]
        server.command("audit")  # fails if anything is wrong with the ledger
