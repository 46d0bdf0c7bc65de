"""Devices that only take octets: raw ports and LPD, by foreign programs, and a printer that answers in PJL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    CancelJob,
    DeliveryFailed,
    FetchSnapshot,
    InDoubtPolicy,
    JobFinished,
    JobHeld,
    OneWay,
)
from rig import ipptool
from rig.cupsd import run_cupsd
from rig.one_way_printers import run_lpd, run_raw_port
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.pjl_printer import PjlPrinter, run_pjl_printer
from tests.provider.submit import FOUR_PAGES, ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

GREY_A4 = OneWay(document_formats=("application/pdf",), media=("iso_a4_210x297mm",))


@pytest.fixture
def raw(server: ContractServer) -> Iterator[PjlPrinter]:
    with run_pjl_printer() as raw:
        server.add_queue("raw", raw.uri, one_way=GREY_A4)
        yield raw


@pytest.fixture
def site(server: ContractServer, raw: PjlPrinter) -> Iterator[PrintServer]:
    with run_print_server(server.url) as site:
        site.wait_for_queue("raw")
        yield site


def _change_queue(server: ContractServer, name: str, device_uri: str, **settings: object) -> None:
    server.add_queue(name, device_uri, **settings)
    server.order(FetchSnapshot())


def test_a_raw_port_gets_the_document_octet_by_octet(server: ContractServer, tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    with run_raw_port(paper) as port:
        server.add_queue("raw", f"socket://127.0.0.1:{port}", one_way=OneWay(pjl=False))
        with run_print_server(server.url) as site:
            site.wait_for_queue("raw")
            for _ in range(3):
                submit(site, FOUR_PAGES, queue="raw")
            finished = server.finished(3)
    assert {job.state for job in finished} == {JobState.COMPLETED}
    assert {job.output.impressions for job in finished} == {4}
    assert paper.read_bytes() == FOUR_PAGES.read_bytes()


def test_lpd_by_a_foreign_server(server: ContractServer, printer: VirtualPrinter) -> None:
    with run_cupsd() as cupsd:
        cupsd.add_raw_queue("behind", printer.uri, started=True)
        with run_lpd(cupsd) as port:
            server.add_queue("line", f"lpd://127.0.0.1:{port}/behind", one_way=OneWay(pjl=False))
            with run_print_server(server.url) as site:
                site.wait_for_queue("line")
                submit(site, FOUR_PAGES, queue="line", user="anna", name="Été; rm -rf")
                (finished,) = server.finished(1)
                (printed,) = wait_for("the paper", lambda: [job for job in printer.jobs() if job.impressions])
    assert (finished.state, finished.output.impressions) == (JobState.COMPLETED, 4)
    assert printed.impressions == 4


def test_an_lpd_queue_that_is_not_there_is_waited_for(server: ContractServer) -> None:
    with run_cupsd() as cupsd, run_lpd(cupsd) as port:
        server.add_queue("line", f"lpd://127.0.0.1:{port}/nowhere", one_way=OneWay(pjl=False))
        with run_print_server(server.url) as site:
            site.wait_for_queue("line")
            number = job_id(submit(site, queue="line"))
            wait_for("the job to say why it waits", lambda: "take a job" in site.job(number).job_state_message)
            assert site.job(number).state is JobState.DELIVERING
            assert about(site, "Cancel-Job", number, queue="line").status == "successful-ok"
            assert server.finished(1)[0].state is JobState.CANCELLED


def test_options_reach_a_raw_port_by_pjl(server: ContractServer, raw: PjlPrinter, site: PrintServer) -> None:
    _change_queue(server, "raw", raw.uri, one_way=OneWay(colour=True, two_sided=True))
    wait_for("the queue to print on both sides", lambda: _sides(site) > 1)
    raw.pages = 8
    template = [
        "ATTR integer copies 2",
        "ATTR keyword sides two-sided-short-edge",
        "ATTR keyword media na_letter_8.5x11in",
        "ATTR keyword print-color-mode monochrome",
    ]
    submit(site, FOUR_PAGES, queue="raw", name="Grüße", template=template)
    (finished,) = server.finished(1)
    assert (finished.output.impressions, finished.output.sheets) == (8, 4)
    lines = raw.pjl()
    assert [line for line in lines if " SET " in line] == [
        "@PJL SET QTY=2",
        "@PJL SET DUPLEX=ON",
        "@PJL SET BINDING=SHORTEDGE",
        "@PJL SET PAPER=LETTER",
        "@PJL SET RENDERMODE=GRAYSCALE",
    ]
    assert lines[-1] == "@PJL ENTER LANGUAGE=PDF"
    assert any('DISPLAY="Gr??e"' in line for line in lines)


def _sides(site: PrintServer) -> int:
    answer = about_printer(site)
    found = answer["sides-supported"]
    return len(found) if isinstance(found, list) else 1


def about_printer(site: PrintServer) -> dict[str, object]:
    return dict(ipptool.ask(site.uri("raw"), "Get-Printer-Attributes", []).first)


def test_a_printer_that_counts_is_believed(server: ContractServer, raw: PjlPrinter, site: PrintServer) -> None:
    raw.pages = 3
    submit(site, FOUR_PAGES, queue="raw")
    assert server.finished(1)[0].output.impressions == 3


def test_a_printer_that_prints_long_is_waited_for(server: ContractServer, raw: PjlPrinter, site: PrintServer) -> None:
    raw.waits.clear()
    submit(site, FOUR_PAGES, queue="raw")
    wait_for("the document", lambda: raw.jobs and b"@PJL EOJ" in raw.jobs[0])
    assert not any(isinstance(event.fact, JobFinished) for event in server.events)
    raw.waits.set()
    assert server.finished(1)[0].state is JobState.COMPLETED


def test_its_state_is_told(server: ContractServer, raw: PjlPrinter, site: PrintServer) -> None:
    wait_for("idle", lambda: server.printer_states("raw")[-1:] == ["idle"])
    raw.status = 41203
    wait_for("out of paper", lambda: server.printer_states("raw")[-1] == "stopped")
    assert about_printer(site)["printer-state-reasons"] == "media-needed"


def test_a_connection_that_breaks_leaves_the_job_to_a_person(
    server: ContractServer, raw: PjlPrinter, site: PrintServer
) -> None:
    raw.hangs_up_after = 100_000
    number = job_id(submit(site, FOUR_PAGES, queue="raw"))
    job = site.wait_for_state(number, JobState.HELD)
    assert job.in_doubt
    assert "See whether it was printed" in job.job_state_message
    wait_for(
        "the server to be told",
        lambda: any(isinstance(fact, JobHeld) and fact.in_doubt for fact in server.facts(job.uuid)),
    )
    raw.hangs_up_after = None
    assert about(site, "Release-Job", number, queue="raw").status == "successful-ok"
    assert server.finished(1)[0].state is JobState.COMPLETED


def test_or_is_sent_again_if_the_queue_says_so(server: ContractServer, raw: PjlPrinter, site: PrintServer) -> None:
    _change_queue(server, "raw", raw.uri, one_way=GREY_A4, in_doubt=InDoubtPolicy.RESEND)
    raw.hangs_up_after = 100_000
    wait_for("the new policy", lambda: '"in_doubt":"resend"' in (site.state / "snapshot.json").read_text())
    submit(site, FOUR_PAGES, queue="raw")
    wait_for("the first try", lambda: raw.jobs)
    raw.hangs_up_after = None
    (finished,) = server.finished(1)
    assert finished.state is JobState.COMPLETED
    said = [event.fact.reason for event in server.events if isinstance(event.fact, DeliveryFailed)]
    assert any("may come out twice" in reason for reason in said)


def test_a_provider_killed_in_the_middle_asks_a_person(
    server: ContractServer, raw: PjlPrinter, site: PrintServer
) -> None:
    raw.waits.clear()
    number = job_id(submit(site, FOUR_PAGES, queue="raw"))
    wait_for("the document", lambda: raw.jobs and b"@PJL EOJ" in raw.jobs[0])
    site.process.kill()
    site.process.start()
    assert site.wait_for_state(number, JobState.HELD).in_doubt
    assert len(raw.jobs) == 1


def test_a_cancelled_job_costs_what_the_printer_took(
    server: ContractServer, raw: PjlPrinter, site: PrintServer
) -> None:
    raw.waits.clear()
    number = job_id(submit(site, FOUR_PAGES, queue="raw"))
    wait_for("the document", lambda: raw.jobs and b"@PJL EOJ" in raw.jobs[0])
    server.order(CancelJob(job_id=site.job(number).uuid, by="anna"))
    (finished,) = server.finished(1)
    assert (finished.state, finished.output.impressions) == (JobState.CANCELLED, 4)


def test_a_printer_that_is_off_is_waited_for(server: ContractServer, site: PrintServer, tmp_path: Path) -> None:
    _change_queue(server, "off", "socket://127.0.0.1:9", one_way=GREY_A4)
    wait_for("the printer to be missed", lambda: "unreachable" in server.printer_states("off"))
    number = job_id(submit(site, ONE_PAGE, queue="off"))
    site.wait_for_state(number, JobState.AUTHORISED, JobState.DELIVERING)
    with run_raw_port(tmp_path / "paper") as port:
        _change_queue(server, "off", f"socket://127.0.0.1:{port}", one_way=GREY_A4)
        assert server.finished(1, within_s=120)[0].state is JobState.COMPLETED


def test_a_job_in_line_goes_to_the_device_that_the_queue_has_by_then(
    server: ContractServer, raw: PjlPrinter, site: PrintServer, tmp_path: Path
) -> None:
    raw.waits.clear()
    submit(site, ONE_PAGE, queue="raw")
    wait_for("the first job at the printer", lambda: raw.jobs and b"@PJL EOJ" in raw.jobs[0])
    number = job_id(submit(site, ONE_PAGE, queue="raw"))
    site.wait_for_state(number, JobState.AUTHORISED)
    paper = tmp_path / "paper"
    with run_raw_port(paper) as port:
        _change_queue(server, "raw", f"socket://127.0.0.1:{port}", one_way=OneWay(pjl=False, colour=True))
        wait_for("the new device", lambda: about_printer(site)["color-supported"] is True)
        raw.waits.set()
        server.finished(2)
    assert paper.read_bytes() == ONE_PAGE.read_bytes()
    assert site.job(number).device_uri == f"socket://127.0.0.1:{port}"
    assert len(raw.jobs) == 1
