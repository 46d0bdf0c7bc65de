"""Whom to charge, in the client's words (PWG 5100.7): told to the server and to nobody else."""

from __future__ import annotations

from pathlib import Path

from everprint.contract.messages import JobReceived
from rig import curl, ipptool
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer


def test_the_server_is_told_and_the_printer_is_not(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    named = ['ATTR name job-account-id "Project Zürich　7"', "ATTR name job-accounting-user-id 4711"]
    answer = submit(office, template=[*named, "ATTR integer copies 2"])
    assert answer.status == "successful-ok"
    number = job_id(answer)
    (finished,) = server.finished(1)
    assert finished.output.impressions == 2
    received = [fact for event in server.events if isinstance(fact := event.fact, JobReceived)]
    said = [(fact.job.job_account_id, fact.job.job_accounting_user_id) for fact in received]
    assert said == [("Project Zürich　7", "4711")]
    assert server.asked[0].job.job_account_id == "Project Zürich　7"
    shown = about(office, "Get-Job-Attributes", number).first
    assert shown["job-account-id"] == "Project Zürich　7"
    lines = ["ATTR integer job-id 1", "ATTR keyword requested-attributes all"]
    at_device = ipptool.ask(printer.uri, "Get-Job-Attributes", lines).first
    assert at_device["job-name"] == "report"
    assert {"job-account-id", "job-accounting-user-id"}.isdisjoint(at_device)


def test_what_is_no_name_is_refused(office: PrintServer, tmp_path: Path) -> None:
    for line in ("ATTR integer job-account-id 7", "ATTR name job-account-id a,b", "ATTR text job-account-id a"):
        assert submit(office, template=[line]).status == "client-error-bad-request", line
    uri = office.uri("office")
    user = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
    job = b"\x02" + curl.attribute(curl.NAME, "job-account-id", b"sales\x1b[31m")
    body = curl.request(curl.PRINT_JOB, uri, user + job) + ONE_PAGE.read_bytes()
    assert curl.post(uri, body, tmp_path)[1][2:4] == b"\x04\x00"
    assert office.jobs() == []
