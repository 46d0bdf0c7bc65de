"""Clients that we did not write print to a queue and read its status; and a printer that we did not write prints."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from everprint.contract.job_life import JobState
from rig import curl
from rig.cupsd import run_cupsd
from rig.ippeveprinter import run_ippeveprinter
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server


def test_curl_with_octets_laid_by_hand(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer, tmp_path: Path
) -> None:
    uri = office.uri("office")
    name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
    status, answer = curl.post(uri, curl.request(curl.PRINT_JOB, uri, name) + ONE_PAGE.read_bytes(), tmp_path)
    assert (status, answer[:4]) == (200, b"\x02\x00\x00\x00")
    assert server.finished(1)[0].output.impressions == 1
    status, answer = curl.post(uri, curl.request(curl.GET_PRINTER_ATTRIBUTES, uri), tmp_path)
    assert b"printer-uri-supported" in answer


def test_a_driverless_queue_of_cups(server: ContractServer, printer: VirtualPrinter, office: PrintServer) -> None:
    with run_cupsd() as cups:
        cups.add_driverless_queue("theirs", office.uri("office"))
        cups.lp(FOUR_PAGES, "theirs", user="anna", options={"sides": "two-sided-long-edge", "copies": "2"})
        (finished,) = server.finished(1, within_s=120)
    assert finished.state is JobState.COMPLETED
    assert (finished.output.impressions, finished.output.sheets) == (8, 4)
    assert printer.jobs()[0].impressions_completed == 8


def test_cups_sends_a_pin(server: ContractServer, office: PrintServer) -> None:
    with run_cupsd() as cups:
        cups.add_driverless_queue("theirs", office.uri("office"))
        cups.lp(ONE_PAGE, "theirs", user="anna", options={"job-password": "8314"})
        wait_for("the job to wait for its PIN", lambda: [one for one in office.jobs() if one.job_password])
        job = office.wait_for_state(1, JobState.HELD)
        assert job.job_state_reasons == ("job-password-wait",)
        pin = "ATTR octetString job-password 8314"
        assert about(office, "Release-Job", 1, pin).status == "successful-ok"
        server.finished(1)


def test_pyipp_reads_a_printer(server: ContractServer, office: PrintServer) -> None:
    from pyipp import IPP

    async def read() -> object:
        async with IPP(host="localhost", port=office.port, base_path="/ipp/print/office") as ipp:
            return await ipp.printer()

    seen = asyncio.run(read())
    assert "office" in str(seen)


def test_a_printer_that_we_did_not_write(server: ContractServer) -> None:
    """ippeveprinter takes one job at a time: the second waits for it."""
    with run_ippeveprinter() as device:
        server.add_queue("foreign", device.uri)
        with run_print_server(server.url) as print_server:
            print_server.wait_for_queue("foreign")
            for _ in range(3):
                job_id(submit(print_server, ONE_PAGE, queue="foreign"))
            finished = server.finished(3, within_s=120)
            assert [(job.state, job.output.impressions) for job in finished] == [(JobState.COMPLETED, 1)] * 3


def test_ipptool_is_told_why_a_job_was_refused(server: ContractServer, office: PrintServer) -> None:
    """CUPS's own IPP backend maps these reasons to what its users are shown (PWG 5100.16)."""
    from everprint.contract.messages import RefusalReason, Refuse

    server.decide = lambda message: Refuse(reason=RefusalReason.ACCOUNT_LIMIT_REACHED, message="Not enough credit.")
    assert submit(office).status == "client-error-account-limit-reached"
    shown = subprocess.run(
        ["ipptool", "-tv", office.uri("office"), "/usr/share/cups/ipptool/get-completed-jobs.test"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "account-limit-reached" in shown
