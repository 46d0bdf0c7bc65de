"""A print server whose Application Server is away, hangs, or loses its answers: what it does, and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from everprint.contract import endpoints
from everprint.contract.failure_modes import FailureMode, OfflineTerms, Spendable
from everprint.contract.job_life import JobState
from everprint.contract.messages import DecidedOffline, JobFinished, OfflinePeriod, Print, Refuse
from everprint.contract.pricing import Costs, SideCosts
from everprint.contract.rules import Action, People, Rule
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

COSTS = Costs(other=SideCosts(*[Decimal("0.10")] * 4))
ANNA = Spendable("anna", Decimal("10.00"))


@contextmanager
def an_office(server: ContractServer, printer: VirtualPrinter, **settings: str | float) -> Iterator[PrintServer]:
    """A print server that may decide alone, and was told what people have."""
    server.offline = OfflineTerms(offline_credit=Decimal("1.00"))
    server.people = [ANNA]
    server.add_queue("office", printer.uri, failure_mode=FailureMode.PRINT_AND_LOG_LATER, costs=COSTS)
    server.add_queue("strict", printer.uri, failure_mode=FailureMode.HOLD, costs=COSTS)
    with run_print_server(server.url, spendable_s=0.3, server_time_out_s=0.5, **settings) as office:
        office.wait_for_queue("office")
        office.wait_for_amounts()
        yield office


def decided_alone(server: ContractServer, uuid: str) -> list[DecidedOffline]:
    return [fact for fact in server.facts(uuid) if isinstance(fact, DecidedOffline)]


def periods_of(server: ContractServer) -> list[OfflinePeriod]:
    return [event.fact for event in server.events if isinstance(event.fact, OfflinePeriod)]


def ends(server: ContractServer, uuid: str) -> list[JobFinished]:
    return [fact for fact in server.facts(uuid) if isinstance(fact, JobFinished)]


def test_the_decision_is_on_disk_before_the_job_prints_and_is_told_in_order(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    with an_office(server, printer) as office:
        server.away = True
        job = office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        server.away = False
        wait_for("the report", lambda: ends(server, job.uuid))
        periods = wait_for("the period", lambda: periods_of(server))
    assert [type(fact).__name__ for fact in server.facts(job.uuid)] == [
        "JobReceived", "JobAnalysed", "DecidedOffline", "DeliveryBegun", "DocumentSent", "JobFinished",
    ]  # fmt: skip
    (decided,) = decided_alone(server, job.uuid)
    assert decided == DecidedOffline(
        attempt=1, user_name="anna", decision=Print(cost=Decimal("0.40"), account="anna", costs=COSTS), logged=True
    )
    assert [(period.printed, period.refused) for period in periods] == [(1, 0)]


def test_a_lost_answer_is_settled_under_the_key_it_was_asked_with(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    with an_office(server, printer) as office:
        server.silent.add(endpoints.AUTHORISE)  # it decides, and nobody hears it
        job = office.wait_for_state(job_id(submit(office)), JobState.COMPLETED)
        server.silent.clear()
        wait_for("the report", lambda: ends(server, job.uuid))
    assert [(asked.job.job_id, asked.attempt) for asked in server.asked] == [(job.uuid, 1)]
    assert [decided.attempt for decided in decided_alone(server, job.uuid)] == [1]


def test_nobody_prints_beyond_the_offline_credit_even_after_a_restart(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    with an_office(server, printer) as office:
        server.away = True
        for _ in range(2):
            office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        office.process.kill()
        office.process.start()
        answer = submit(office, FOUR_PAGES)
        assert answer.status == "client-error-account-limit-reached"
        assert "€0.20 more" in answer.message
        office.wait_for_state(job_id(submit(office)), JobState.COMPLETED)
        server.away = False
        wait_for(
            "the refusal's report",
            lambda: [
                event
                for event in server.events
                if isinstance(event.fact, DecidedOffline) and isinstance(event.fact.decision, Refuse)
            ],
        )
        # Told, and the amounts fetched anew: the credit is whole again.
        server.finished(3)
        office.wait_for_amounts()
        server.away = True
        office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)


def test_a_job_that_printed_nothing_is_not_counted(server: ContractServer, printer: VirtualPrinter) -> None:
    with an_office(server, printer) as office:
        server.away = True
        for _ in range(2):
            number = job_id(submit(office, FOUR_PAGES, template=['ATTR keyword job-hold-until "indefinite"']))
            office.wait_for_state(number, JobState.HELD)
            assert about(office, "Cancel-Job", number).status == "successful-ok"
        office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        assert submit(office, FOUR_PAGES).status == "client-error-account-limit-reached"


def test_somebody_the_server_never_told_of_waits_for_it(server: ContractServer, printer: VirtualPrinter) -> None:
    with an_office(server, printer) as office:
        server.away = True
        number = job_id(submit(office, user="zoe"))
        wait_for("its message", lambda: "told of no zoe" in office.job(number).job_state_message)
        assert office.job(number).state is JobState.ANALYSED
        server.away = False
        office.wait_for_state(number, JobState.COMPLETED, within_s=120)
        assert decided_alone(server, office.job(number).uuid) == []


def test_a_rule_for_a_group_is_for_whom_the_server_said_to_be_in_it(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.groups = {"Teachers": ("zoe",), "Pupils": ("anna", "ben")}
    rules = tuple(
        Rule(id=number, name=name, action=Action.REFUSE, people=People(groups=(name,)), message=f"Not for {name}.")
        for number, name in enumerate(server.groups, 1)
    )
    server.add_queue("ruled", printer.uri, failure_mode=FailureMode.PRINT_AND_LOG_LATER, costs=COSTS, rules=rules)
    with an_office(server, printer) as office:
        server.away = True
        answer = submit(office, queue="ruled")
        assert answer.status == "client-error-account-authorization-failed"
        assert "Not for Pupils." in answer.message


def test_a_provider_that_is_shut_out_prints_nothing_alone(server: ContractServer, printer: VirtualPrinter) -> None:
    with an_office(server, printer) as office:
        server.shut_out = True
        number = job_id(submit(office))
        wait_for("its message", lambda: "not known" in office.job(number).job_state_message)
        assert office.job(number).state is JobState.ANALYSED


def test_so_many_jobs_and_no_more_are_kept_untold(server: ContractServer, printer: VirtualPrinter) -> None:
    with an_office(server, printer, max_offline_jobs=1) as office:
        server.away = True
        office.wait_for_state(job_id(submit(office)), JobState.COMPLETED)
        number = job_id(submit(office))
        wait_for("its message", lambda: "must be told" in office.job(number).job_state_message)
        server.away = False
        office.wait_for_state(number, JobState.COMPLETED, within_s=120)


def test_a_server_that_knows_no_failure_modes_gets_no_report_of_one(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.add_queue("office", printer.uri, failure_mode=FailureMode.PRINT_AND_LOG_LATER)
    with run_print_server(server.url) as office:
        office.wait_for_queue("office")
        server.away = True
        number = job_id(submit(office))
        wait_for("its message", lambda: "Waits for" in office.job(number).job_state_message)
        server.away = False
        office.wait_for_state(number, JobState.COMPLETED, within_s=120)
    assert not [event for event in server.events if isinstance(event.fact, DecidedOffline | OfflinePeriod)]


@pytest.mark.parametrize("mode", list(FailureMode))
def test_a_queue_that_holds_holds_in_every_mode_and_releases_without_the_server(
    server: ContractServer, printer: VirtualPrinter, mode: FailureMode
) -> None:
    server.add_queue("pull", printer.uri, failure_mode=mode, costs=COSTS, hold=True)
    with an_office(server, printer) as office:
        server.away = True
        number = job_id(submit(office, queue="pull"))
        office.wait_for_state(number, JobState.HELD)
        assert about(office, "Release-Job", number, queue="pull").status == "successful-ok"
        if mode is FailureMode.HOLD:
            office.wait_for_state(number, JobState.ANALYSED)
            server.away = False
        job = office.wait_for_state(number, JobState.COMPLETED, within_s=120)
        server.away = False
        wait_for("the report", lambda: ends(server, job.uuid))
    decided = [(decided.attempt, decided.logged) for decided in decided_alone(server, job.uuid)]
    assert (
        decided
        == {
            FailureMode.HOLD: [],
            FailureMode.PRINT_AND_LOG_LATER: [(2, True)],
            FailureMode.PRINT_WITHOUT_LOG: [(2, False)],
        }[mode]
    )


def test_a_server_that_was_restored_is_told_once_more_what_it_had_taken(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    with an_office(server, printer) as office:
        jobs = [office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED) for _ in range(3)]
        for job in jobs:
            wait_for("its end to be told", lambda job=job: ends(server, job.uuid))
        before = list(server.events)
        server.restore(2)
        last = office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.COMPLETED)
        wait_for("the new job's end to be told", lambda: ends(server, last.uuid))
    assert server.events[: len(before)] == before, "all of it, word for word and in order"
    assert [len(ends(server, job.uuid)) for job in (*jobs, last)] == [1, 1, 1, 1]
    assert server.breaches == []
