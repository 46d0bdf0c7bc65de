"""A job over the limit that its queue holds: what clients are told of it, and what lets it go on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from everprint.contract.failure_modes import FailureMode, OfflineTerms, Spendable
from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    CancelJob,
    Decision,
    Hold,
    JobFinished,
    JobHeld,
    OverLimit,
    ReleaseJob,
)
from everprint.contract.pricing import Costs, SideCosts
from rig import ipptool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import PRINT, ContractServer
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

LIMIT = "account-limit-reached"
NO_CREDIT = Hold(reason="This job costs €0.40, and €0.10 can be spent.", keyword=LIMIT)
# What CUPS's IPP backend asks of a job that it follows; ipptool has its User-Agent, too.
AS_CUPS = "ATTR keyword requested-attributes " + ",".join(
    ("job-id", "job-impressions-completed", "job-media-sheets-completed", "job-name", "job-originating-user-name",
     "job-state", "job-state-reasons")
)  # fmt: skip


def without_credit_until(attempt: int) -> Callable[[Authorise], Decision]:
    return lambda message: PRINT if message.attempt >= attempt else NO_CREDIT


@pytest.fixture
def held(server: ContractServer, office: PrintServer) -> int:
    """A job that waits for credit."""
    server.decide = without_credit_until(2)
    made = submit(office)
    assert made.status == "successful-ok"
    return office.wait_for_state(job_id(made), JobState.HELD).job_id


def state_of(job: ipptool.Attributes) -> object:
    return job["job-state"]


def test_it_is_held_and_says_why_and_goes_on_by_order(server: ContractServer, office: PrintServer, held: int) -> None:
    shown = about(office, "Get-Job-Attributes", held).first
    assert (state_of(shown), shown["job-state-reasons"]) == (4, LIMIT)
    assert shown["job-state-message"] == NO_CREDIT.reason
    uuid = office.job(held).uuid
    server.order(ReleaseJob(job_id=uuid, by="", only_if=LIMIT))
    office.wait_for_state(held, JobState.COMPLETED)
    assert [asked.attempt for asked in server.asked] == [1, 2]


def test_cups_is_let_follow_it_to_its_end(server: ContractServer, office: PrintServer, held: int) -> None:
    followed = about(office, "Get-Job-Attributes", held, AS_CUPS).first
    assert (state_of(followed), followed["job-state-reasons"]) == (6, LIMIT)
    server.order(ReleaseJob(job_id=office.job(held).uuid, by="", only_if=LIMIT))
    office.wait_for_state(held, JobState.COMPLETED)
    assert state_of(about(office, "Get-Job-Attributes", held, AS_CUPS).first) == 9


def test_cups_is_told_of_every_other_held_job_that_it_is_held(server: ContractServer, office: PrintServer) -> None:
    server.decide = lambda message: Hold(reason="Waits until its owner releases it.")
    number = office.wait_for_state(job_id(submit(office)), JobState.HELD).job_id
    assert state_of(about(office, "Get-Job-Attributes", number, AS_CUPS).first) == 4


def test_one_that_its_owner_holds_meanwhile_does_not_go_on_by_itself(
    server: ContractServer, office: PrintServer, held: int
) -> None:
    assert about(office, "Hold-Job", held).status == "successful-ok"
    shown = about(office, "Get-Job-Attributes", held).first
    assert shown["job-state-reasons"] == "job-hold-until-specified"
    late = office.wait_for_state(job_id(submit(office, name="another")), JobState.HELD)
    server.order(ReleaseJob(job_id=office.job(held).uuid, by="", only_if=LIMIT))
    server.order(CancelJob(job_id=late.uuid, by="olga"))
    office.wait_for_state(late.job_id, JobState.CANCELLED)  # the orders are carried out
    assert office.job(held).state is JobState.HELD
    assert about(office, "Release-Job", held).status == "successful-ok"
    office.wait_for_state(held, JobState.COMPLETED)


def test_it_waits_through_a_crash(server: ContractServer, office: PrintServer, held: int) -> None:
    office.process.kill()
    server.order(ReleaseJob(job_id=office.job(held).uuid, by="", only_if=LIMIT))
    office.process.start()
    office.wait_for_state(held, JobState.COMPLETED)


@pytest.mark.parametrize("says", ["the provider", "the queue"])
def test_it_waits_so_long_and_not_for_ever(server: ContractServer, printer: VirtualPrinter, says: str) -> None:
    server.decide = without_credit_until(9)
    soon, by_queue = 2 / 3600, says == "the queue"
    server.add_queue("office", printer.uri, hold_hours=soon if by_queue else 0.0)
    with run_print_server(server.url, held_jobs_h=72.0 if by_queue else soon) as office:
        office.wait_for_queue("office")
        ended = office.wait_for_state(job_id(submit(office)), JobState.ABORTED)
        assert ended.job_state_reasons == ("aborted-by-system",)
        (finished,) = server.finished(1)
        assert not office.spooled()
    assert finished == JobFinished(state=JobState.ABORTED, output=finished.output, reason=ended.job_state_message)
    assert not finished.output.impressions


def test_while_the_server_is_away_it_is_held_on_what_is_known_and_the_server_is_asked_to_look(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.offline = OfflineTerms(offline_credit=Decimal("1.00"))
    server.people = [Spendable("anna", Decimal("0.10"))]
    costs = Costs(other=SideCosts(*[Decimal("0.10")] * 4))
    mode = FailureMode.PRINT_AND_LOG_LATER
    server.add_queue("office", printer.uri, failure_mode=mode, costs=costs, over_limit=OverLimit.HOLD)
    with run_print_server(server.url, spendable_s=0.3, server_time_out_s=0.5) as office:
        office.wait_for_queue("office")
        office.wait_for_amounts()
        server.away = True
        made = submit(office, FOUR_PAGES)
        assert made.status == "successful-ok"
        job = office.wait_for_state(job_id(made), JobState.HELD)
        assert job.job_state_reasons == (LIMIT,)
        assert "€0.40" in job.job_state_message
        assert "server is back" in job.job_state_message
        server.away = False
        wait_for("the report", lambda: [fact for fact in server.facts(job.uuid) if isinstance(fact, JobHeld)])
        server.order(ReleaseJob(job_id=job.uuid, by="", only_if=LIMIT))
        office.wait_for_state(job.job_id, JobState.COMPLETED)
    (told,) = [fact for fact in server.facts(job.uuid) if isinstance(fact, JobHeld)]
    assert told == JobHeld(reason=job.job_state_message, look_again=True)
    assert [asked.attempt for asked in server.asked] == [2]
