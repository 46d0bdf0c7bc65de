"""What a rule wants of a job is carried out: in grey, on both sides, held, sent to another queue; each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    Change,
    Decision,
    Hold,
    JobChanged,
    JobRedirected,
    Print,
    Redirect,
    RefusalReason,
    Refuse,
    ReleaseJob,
)
from everprint.documents.ticket import SidesKeyword
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, job_id, submit
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def office(server: ContractServer, printer: VirtualPrinter, hall: VirtualPrinter) -> Iterator[PrintServer]:
    server.add_queue("office", printer.uri)
    with run_print_server(server.url) as office:
        office.wait_for_queue("office")
        office.wait_for_queue("hall")
        yield office


def by_attempt(*answers: Decision) -> Callable[[Authorise], Decision]:
    """These to the first attempts; later ones print."""

    def decide(message: Authorise) -> Decision:
        later = Print(cost=Decimal("0.10"), account="test")
        return answers[message.attempt - 1] if message.attempt <= len(answers) else later

    return decide


def test_a_job_is_printed_in_grey_and_on_both_sides_as_rules_want(
    server: ContractServer, office: PrintServer, printer: VirtualPrinter
) -> None:
    server.decide = by_attempt(
        Change(rule=1, message="In grey.", grey=True), Change(rule=2, message="On both sides.", two_sided=True)
    )
    options = ["ATTR keyword sides one-sided", "ATTR keyword print-color-mode color"]
    number = job_id(submit(office, FOUR_PAGES, template=options))
    done = office.wait_for_state(number, JobState.COMPLETED, within_s=60)
    server.finished(1)
    assert [asked.attempt for asked in server.asked] == [1, 2, 3]
    assert {"change", "redirect"} <= set(server.asked[0].understands)
    assert [asked.job.forced for asked in server.asked] == [(), ("grey",), ("grey", "two-sided")]
    last = server.asked[-1]
    assert last.job.sides == SidesKeyword.TWO_SIDED_LONG_EDGE
    assert last.document.output is not None
    assert (last.document.output.colour_impressions, last.document.output.sheets) == (0, 2)
    assert [fact for fact in server.facts(done.uuid) if isinstance(fact, JobChanged)] == [
        JobChanged(reason="In grey."), JobChanged(reason="On both sides."),
    ]  # fmt: skip
    (printed,) = printer.jobs()
    assert done.output is not None
    assert (done.output.sheets, done.output.colour_impressions) == (2, 0)
    assert not server.breaches
    assert printed


def test_a_job_that_a_rule_holds_says_so_until_somebody_releases_it_and_over_a_kill(
    server: ContractServer, office: PrintServer
) -> None:
    server.decide = by_attempt(Hold(reason="Really 400 pages?", rule=9))
    number = job_id(submit(office, FOUR_PAGES))
    held = office.wait_for_state(number, JobState.HELD)
    assert held.job_state_message == "Really 400 pages?"
    office.process.kill()
    office.process.start()
    assert office.job(number).by_rules.held_by == 9
    server.order(ReleaseJob(job_id=held.uuid, by="anna"))
    office.wait_for_state(number, JobState.COMPLETED, within_s=60)
    assert server.asked[-1].job.let_go == (9,)


def test_a_rule_sends_a_job_to_another_queue_once(
    server: ContractServer, office: PrintServer, printer: VirtualPrinter, hall: VirtualPrinter
) -> None:
    server.decide = by_attempt(Redirect(rule=3, queue="hall", message="Big jobs go to the hall."))
    number = job_id(submit(office, FOUR_PAGES))
    done = office.wait_for_state(number, JobState.COMPLETED, within_s=60)
    server.finished(1)
    assert [(asked.job.queue, asked.job.redirected) for asked in server.asked] == [("office", False), ("hall", True)]
    redirected = [fact for fact in server.facts(done.uuid) if isinstance(fact, JobRedirected)]
    assert redirected == [JobRedirected(queue="hall", by="a rule")]
    assert len(hall.jobs()) == 1
    assert not printer.jobs()


def test_a_job_that_cannot_be_sent_there_is_held_and_says_why(server: ContractServer, office: PrintServer) -> None:
    server.decide = by_attempt(Redirect(rule=3, queue="attic", message="Big jobs go to the attic."))
    held = office.wait_for_state(job_id(submit(office, FOUR_PAGES)), JobState.HELD)
    assert held.job_state_message.startswith("Big jobs go to the attic. It cannot be: there is no such queue")
    assert held.by_rules.held_by == 3


def test_a_refusal_by_a_rule_is_told_to_the_client_with_its_message(
    server: ContractServer, office: PrintServer
) -> None:
    refused = Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message="Not before nine.")
    server.decide = by_attempt(refused)
    answer = submit(office, FOUR_PAGES)
    assert (answer.status, answer.message) == ("client-error-account-authorization-failed", "Not before nine.")
