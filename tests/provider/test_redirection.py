"""Waiting jobs are sent to another queue of the provider: decided anew there, printed once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from everprint.contract.job_life import TRANSITIONS, JobEvent, JobState
from everprint.contract.messages import (
    DeliveryFailed,
    FetchSnapshot,
    Hold,
    JobHeld,
    JobRedirected,
    PasswordRefused,
    Print,
    RedirectFailed,
    RedirectJob,
    ReleaseJob,
)
from everprint.provider.redirection import moved_to
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.jobs_for_tests import a_job
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.test_job_password import WITH_PIN
from tests.provider.test_queue import queue
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def site(server: ContractServer, printer: VirtualPrinter, hall: VirtualPrinter) -> Iterator[PrintServer]:
    server.add_queue("office", printer.uri)
    with run_print_server(server.url) as site:
        site.wait_for_queue("office")
        wait_for("both devices", lambda: len(list((site.state / "devices").iterdir())) == 2)
        yield site


def test_what_a_printer_has_of_a_queue_that_was_removed_is_followed_to_its_end_after_a_restart(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter
) -> None:
    printer.tell("slow", 20)
    number = job_id(submit(site, FOUR_PAGES))
    site.wait_for_state(number, JobState.PRINTING)
    site.process.kill()
    server.queues = [queue for queue in server.queues if queue.name != "office"]
    server.bump()
    site.process.start()
    snapshot = site.state / "snapshot.json"
    wait_for("the queue to be gone", lambda: '"office"' not in snapshot.read_text())
    site.process.kill()
    printer.tell("slow", 0)
    site.process.start()
    job = site.wait_for_state(number, JobState.COMPLETED)
    assert job.output is not None and job.output.impressions == 4
    assert len(printer.jobs()) == 1


def redirect(server: ContractServer, site: PrintServer, job: int, queue: str = "hall") -> str:
    uuid = site.job(job).uuid
    server.order(RedirectJob(job_id=uuid, by="olga", queue=queue))
    return uuid


def test_a_job_that_waits_is_decided_anew_and_printed_there_once(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter, hall: VirtualPrinter
) -> None:
    printer.tell("power-off")
    server.decide = lambda message: Print(cost=Decimal(message.attempt), account="test")
    number = job_id(submit(site))
    uuid = site.wait_for_state(number, JobState.AUTHORISED).uuid
    # From now on the printer is asked before each try, and the job waits.
    wait_for("a try", lambda: any(isinstance(fact, DeliveryFailed) for fact in server.facts(uuid)))
    site.wait_for_state(number, JobState.AUTHORISED)
    redirect(server, site, number)
    site.wait_for_state(number, JobState.COMPLETED, within_s=120)
    server.finished(1)
    assert [(asked.job.queue, asked.attempt) for asked in server.asked] == [("office", 1), ("hall", 2)]
    assert [fact for fact in server.facts(uuid) if isinstance(fact, JobRedirected)] == [
        JobRedirected(queue="hall", by="olga")
    ]
    assert len(hall.jobs()) == 1 and not printer.jobs()
    # Its client goes on asking where it printed.
    assert about(site, "Get-Job-Attributes", number).first["job-state"] in ("completed", 9)
    assert about(site, "Get-Job-Attributes", number, queue="hall").status == "successful-ok"


def test_a_held_job_stays_held_and_survives_a_kill(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter, hall: VirtualPrinter
) -> None:
    server.decide = lambda message: (
        Hold(reason="wait") if message.attempt == 1 else Print(cost=Decimal(1), account="x")
    )
    number = job_id(submit(site))
    site.wait_for_state(number, JobState.HELD)
    uuid = redirect(server, site, number)
    wait_for("the second hold", lambda: sum(isinstance(f, JobHeld) for f in server.facts(uuid)) == 2, within_s=120)
    site.process.kill()
    site.process.start()
    held = site.job(number)
    assert (held.queue, held.first_queue, held.state, held.attempt) == ("hall", "office", JobState.HELD, 2)
    server.order(ReleaseJob(job_id=uuid, by="olga"))
    site.wait_for_state(number, JobState.COMPLETED, within_s=120)
    assert len(hall.jobs()) == 1 and not printer.jobs()


def test_what_cannot_be_redirected_stays_and_says_why(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter
) -> None:
    server.decide = lambda message: Hold(reason="wait")
    number = job_id(submit(site))
    site.wait_for_state(number, JobState.HELD)
    server.add_queue("hall", printer.uri, accepting=False)
    server.order(FetchSnapshot())
    uuid = redirect(server, site, number, "attic")
    redirect(server, site, number, "office")
    failed = wait_for("two answers", lambda: _failures(server, uuid, 2), within_s=120)
    assert [fact.queue for fact in failed] == ["attic", "office"]
    assert "no such queue" in failed[0].reason and "already" in failed[1].reason
    assert site.job(number).state is JobState.HELD


def test_an_order_that_comes_again_after_a_crash_is_no_failure(server: ContractServer, site: PrintServer) -> None:
    server.decide = lambda message: Hold(reason="wait")
    number = job_id(submit(site))
    site.wait_for_state(number, JobState.HELD)
    uuid = redirect(server, site, number)
    wait_for("the job in its new queue", lambda: site.job(number).queue == "hall", within_s=60)
    for queue_name in ("hall", "attic"):
        redirect(server, site, number, queue_name)
    (failed,) = wait_for("one answer", lambda: _failures(server, uuid, 1), within_s=60)
    assert failed.queue == "attic"


def test_one_with_a_pin_is_printed_elsewhere_with_its_pin_only(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter, hall: VirtualPrinter
) -> None:
    server.decide = lambda message: Print(cost=Decimal(1), account="test")
    number = job_id(submit(site, operation=WITH_PIN))
    uuid = site.wait_for_state(number, JobState.HELD).uuid
    for given in (b"", b"83140276", b"83140275"):
        encryption = "none" if given else ""
        server.order(
            RedirectJob(
                job_id=uuid, by="anna", queue="hall", release=True, password=given, password_encryption=encryption
            )
        )
    site.wait_for_state(number, JobState.COMPLETED, within_s=120)
    without, wrong = wait_for("two answers", lambda: _failures(server, uuid, 2), within_s=60)
    assert "with its PIN only" in without.reason and "4 more tries" in wrong.reason
    assert [fact.reason for fact in server.facts(uuid) if isinstance(fact, PasswordRefused)] == [wrong.reason]
    assert len(hall.jobs()) == 1 and not printer.jobs()


def _failures(server: ContractServer, uuid: str, count: int) -> list[RedirectFailed]:
    found = [fact for fact in server.facts(uuid) if isinstance(fact, RedirectFailed)]
    return found if len(found) == count else []


def test_what_holds_a_job_after_it_was_redirected() -> None:
    plain, holds = queue(name="hall"), queue(name="safe", hold=True)

    def held(state: JobState, to: object, **fields: object) -> bool:
        return moved_to(to, "olga", a_job(state=state, **fields)).hold_wanted  # type: ignore[arg-type]

    assert held(JobState.HELD, plain)
    assert not held(JobState.HELD, plain, job_state_reasons=("account-limit-reached",))  # it may be cheaper there
    assert not held(JobState.AUTHORISED, holds)  # it was let through
    assert held(JobState.ACCEPTED, holds) and held(JobState.ANALYSED, holds)
    assert not held(JobState.ANALYSED, holds, attempt=2)  # it was released
    assert held(JobState.ACCEPTED, plain, hold_wanted=True)


def test_only_what_no_device_has_can_be_redirected() -> None:
    states = {state for state, event in TRANSITIONS if event is JobEvent.REDIRECTED}
    assert states == {JobState.ACCEPTED, JobState.ANALYSED, JobState.HELD, JobState.AUTHORISED}
