"""A queue with several printers: jobs are spread, sick printers avoided, and nothing is printed twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import DeliveryBegun, FetchSnapshot, JobHeld, OneWay, PrinterStatus
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.provider.job import Job
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.odd_printer import answer, run_odd_printer
from tests.provider.pjl_printer import run_pjl_printer
from tests.provider.submit import FOUR_PAGES, job_id, submit
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def printers() -> Iterator[list[VirtualPrinter]]:
    with ExitStack() as stack:
        options = (("--mono",), ("--colour", "--paper", "a4", "--paper", "a3"))
        yield [stack.enter_context(run_virtual_printer("--pictures", "none", *option)) for option in options]


@pytest.fixture
def site(server: ContractServer, printers: list[VirtualPrinter]) -> Iterator[PrintServer]:
    make_pool(server, *(one.uri for one in printers))
    with run_print_server(server.url) as site:
        wait_for_devices(server, ["idle", "idle"])
        yield site


def make_pool(server: ContractServer, first: str, *more: str, **settings: object) -> None:
    server.add_queue("office", first, pool=more, **settings)


def wait_for_devices(server: ContractServer, states: list[str]) -> None:
    """Until the pool's printers are last said to be in these states."""

    def look() -> bool:
        facts = [event.fact for event in server.events if isinstance(event.fact, PrinterStatus)]
        return bool(facts) and [device.state for device in facts[-1].devices] == states

    wait_for(f"printers to be {states}", look, within_s=120)


def went_to(server: ContractServer, uuid: str) -> list[str]:
    return [fact.device_uri for fact in server.facts(uuid) if isinstance(fact, DeliveryBegun)]


GREY = ("ATTR keyword print-color-mode monochrome",)


def print_one(site: PrintServer, *template: str) -> Job:
    return site.wait_for_state(job_id(submit(site, template=template)), JobState.COMPLETED, within_s=120)


def test_jobs_are_spread_over_the_printers_that_can_print_them(
    server: ContractServer, site: PrintServer, printers: list[VirtualPrinter]
) -> None:
    grey, colour = printers
    uuids = [print_one(site, *GREY).uuid for _ in range(4)]
    assert [len(printer.jobs()) for printer in printers] == [2, 2]
    server.finished(4)
    assert {uri for uuid in uuids for uri in went_to(server, uuid)} == {grey.uri, colour.uri}
    for template in (("ATTR keyword media iso_a3_297x420mm", *GREY), ("ATTR keyword print-color-mode color",), ()):
        for _ in range(2):
            print_one(site, *template)  # the last one is in colour of its own
    assert [len(printer.jobs()) for printer in printers] == [2, 8]


def test_a_sick_printer_is_avoided_and_taken_again_when_it_is_well(
    server: ContractServer, site: PrintServer, printers: list[VirtualPrinter]
) -> None:
    grey, colour = printers
    colour.tell("empty", 0)
    wait_for_devices(server, ["idle", "stopped"])
    for _ in range(3):
        print_one(site, *GREY)
    assert len(grey.jobs()) == 3 and not colour.jobs()
    grey.tell("power-off")
    wait_for_devices(server, ["unreachable", "stopped"])
    waiting = job_id(submit(site, template=GREY))
    site.wait_for_state(waiting, JobState.AUTHORISED)
    colour.tell("refill")
    site.wait_for_state(waiting, JobState.COMPLETED, within_s=120)
    assert len(colour.jobs()) == 1


def test_a_printer_that_fails_before_anything_was_sent_hands_its_job_to_another(
    server: ContractServer, printers: list[VirtualPrinter]
) -> None:
    busy, refused = Status.SERVER_ERROR_BUSY, Status.CLIENT_ERROR_NOT_POSSIBLE
    with run_odd_printer() as odd:
        said = [busy, refused, *[busy] * 100]
        odd.answers[Operation.GET_PRINTER_ATTRIBUTES] = lambda: idle()
        odd.answers[Operation.CREATE_JOB] = lambda: answer(said.pop(0), message=b"not now")
        make_pool(server, odd.uri, printers[0].uri)
        with run_print_server(server.url) as site:
            wait_for_devices(server, ["idle", "idle"])
            printed = 0
            # After its first failure it is left alone for a moment: some jobs go past it.
            while odd.count(Operation.CREATE_JOB) < 2:
                print_one(site)
                printed += 1
        assert not odd.count(Operation.SEND_DOCUMENT)
    assert len(printers[0].jobs()) == printed
    assert server.asked[-1].attempt == 1  # under the decision that it had


def test_what_a_printer_may_have_printed_goes_to_no_other(
    server: ContractServer, printers: list[VirtualPrinter]
) -> None:
    """A raw port breaks in the middle: the job is held, its printer avoided, and the others go on."""
    described = OneWay(document_formats=("application/pdf",), media=("iso_a4_210x297mm",))
    with run_pjl_printer() as raw:
        make_pool(server, raw.uri, printers[0].uri, one_way=described)
        with run_print_server(server.url) as site:
            wait_for_devices(server, ["idle", "idle"])
            raw.hangs_up_after = 1000
            broken = job_id(submit(site, FOUR_PAGES))
            held = site.wait_for_state(broken, JobState.HELD, within_s=120)
            assert held.in_doubt and held.device_uri == raw.uri
            raw.hangs_up_after = None
            for _ in range(3):
                print_one(site)
            assert len(printers[0].jobs()) == 3
            wait_for(
                "the hold",
                lambda: any(isinstance(fact, JobHeld) and fact.in_doubt for fact in server.facts(held.uuid)),
            )


def test_a_job_is_resumed_at_the_printer_that_has_it(
    server: ContractServer, site: PrintServer, printers: list[VirtualPrinter]
) -> None:
    for printer in printers:
        printer.tell("slow", 20)
    for number in (1, 2):
        assert job_id(submit(site, FOUR_PAGES, template=GREY)) == number
        site.wait_for_state(number, JobState.PRINTING)
    site.process.kill()
    for printer in printers:
        printer.tell("slow", 0)
    site.process.start()
    for number in (1, 2):
        site.wait_for_state(number, JobState.COMPLETED)
    assert [len(printer.jobs()) for printer in printers] == [1, 1]


def test_a_printer_is_taken_out_of_the_pool_and_its_jobs_go_to_the_others(
    server: ContractServer, site: PrintServer, printers: list[VirtualPrinter]
) -> None:
    for printer in printers:
        printer.tell("power-off")
    wait_for_devices(server, ["unreachable", "unreachable"])
    waiting = job_id(submit(site))
    site.wait_for_state(waiting, JobState.AUTHORISED)
    printers[0].tell("power-on")
    printers[0].tell("empty", 0)
    with run_virtual_printer("--pictures", "none") as third:
        make_pool(server, printers[0].uri, third.uri)
        server.order(FetchSnapshot())
        site.wait_for_state(waiting, JobState.COMPLETED, within_s=120)
        assert len(third.jobs()) == 1


def idle() -> bytes:
    """The attributes of a printer that says little of itself."""
    from rig.curl import attribute
    from tests.provider.odd_printer import PRINTER_GROUP, number

    enum_tag, mime_tag = 0x23, 0x49
    said = attribute(enum_tag, "printer-state", number(3)) + attribute(
        mime_tag, "document-format-supported", b"application/pdf"
    )
    return answer(0, bytes([PRINTER_GROUP]) + said)
