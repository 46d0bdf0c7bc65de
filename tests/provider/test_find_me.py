"""A Find-Me queue has no printer: its jobs wait, and are printed at another queue, also while the server is away."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from everprint.contract.failure_modes import FailureMode, OfflineTerms, Spendable
from everprint.contract.job_life import JobState
from everprint.contract.messages import Authorise, Decision, Hold, OneWay, PrinterStatus, RedirectJob
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import PRINT, ContractServer
from tests.provider.submit import FOUR_PAGES, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server


def as_the_server_does(message: Authorise) -> Decision:
    if message.job.queue == "anywhere":
        return Hold(reason="Waits until it is released at a printer.")
    return PRINT


@pytest.fixture
def site(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    server.decide = as_the_server_does
    server.offline = OfflineTerms(offline_credit=Decimal("1.00"))
    server.people = [Spendable("anna", Decimal("1.00"))]
    mode = FailureMode.PRINT_AND_LOG_LATER
    server.add_queue("office", printer.uri, failure_mode=mode)
    described = OneWay(document_formats=("application/pdf",), colour=True, two_sided=True)
    server.add_queue("anywhere", "find-me:", one_way=described, failure_mode=mode)
    with run_print_server(server.url, spendable_s=0.3, server_time_out_s=0.5) as site:
        site.wait_for_queue("office")
        site.wait_for_queue("anywhere")
        site.wait_for_amounts()
        yield site


def test_it_waits_and_is_printed_where_it_is_sent(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter
) -> None:
    number = job_id(submit(site, FOUR_PAGES, queue="anywhere"))
    uuid = site.wait_for_state(number, JobState.HELD).uuid
    assert about(site, "Release-Job", number, queue="anywhere").status == "successful-ok"
    wait_for("the second question", lambda: len(server.asked) == 2)
    site.wait_for_state(number, JobState.HELD)
    server.order(RedirectJob(job_id=uuid, by="anna", queue="office", release=True))
    site.wait_for_state(number, JobState.COMPLETED)
    assert len(printer.jobs()) == 1
    assert [asked.job.queue for asked in server.asked] == ["anywhere", "anywhere", "office"]


def test_what_both_queues_can_do_is_told(server: ContractServer, site: PrintServer) -> None:
    def told(queue: str) -> PrinterStatus | None:
        facts = [event.fact for event in server.events if isinstance(event.fact, PrinterStatus)]
        return next((one for one in reversed(facts) if one.queue == queue and one.abilities is not None), None)

    wait_for("both", lambda: told("anywhere") and told("office"))
    virtual, real = told("anywhere"), told("office")
    assert virtual is not None and virtual.abilities is not None
    assert (virtual.abilities.colour, virtual.abilities.two_sided) == (True, True)
    assert real is not None and real.abilities is not None
    assert "application/pdf" in real.abilities.document_formats
    assert "iso_a4_210x297mm" in real.abilities.media


def test_its_owner_releases_it_at_a_queue_of_the_same_print_server_while_the_server_is_away(
    server: ContractServer, site: PrintServer, printer: VirtualPrinter
) -> None:
    number = job_id(submit(site, FOUR_PAGES, queue="anywhere"))
    site.wait_for_state(number, JobState.HELD)
    server.away = True
    unheard = job_id(submit(site, FOUR_PAGES, queue="anywhere"))
    site.wait_for_state(unheard, JobState.ANALYSED)
    assert about(site, "Release-Job", number, user="bert").status == "client-error-not-authorized"
    for waits in (number, unheard):
        assert about(site, "Release-Job", waits).status == "successful-ok"
    for waits in (number, unheard):
        assert site.wait_for_state(waits, JobState.COMPLETED).queue == "office"
    assert len(printer.jobs()) == 2


def test_one_with_a_pin_is_released_at_another_queue_with_it(site: PrintServer, printer: VirtualPrinter) -> None:
    pin = "ATTR octetString job-password 8314"
    number = job_id(submit(site, FOUR_PAGES, queue="anywhere", operation=[pin]))
    site.wait_for_state(number, JobState.HELD)
    assert about(site, "Release-Job", number).status == "client-error-not-possible"
    assert about(site, "Release-Job", number, pin.replace("8314", "1111")).status == "client-error-not-authorized"
    assert about(site, "Release-Job", number, pin).status == "successful-ok"
    assert site.wait_for_state(number, JobState.COMPLETED).queue == "office"
    assert len(printer.jobs()) == 1
