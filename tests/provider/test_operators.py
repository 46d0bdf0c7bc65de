"""What operators do to a queue by IPP: with a password, on every queue; kept over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from rig import ipptool
from rig.certificates import make_certificates
from rig.ipptool import strings
from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer
from tests.provider.submit import job_id, submit
from tests.provider.world import PrintServer, run_print_server

OPERATOR, USER = "olga:right", "anna:right"


@pytest.fixture
def office(server: ContractServer, printer: VirtualPrinter, tmp_path: Path) -> Iterator[PrintServer]:
    """A queue that knows people by name; there are an operator and a user who has a password, too."""
    server.add_queue("office", printer.uri)
    server.passwords = {"olga": "right", "anna": "right"}
    server.operators = {"olga"}
    tls = make_certificates(tmp_path / "tls")
    with run_print_server(server.url, certificate=str(tls.certificate), key=str(tls.key)) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def steer(at: PrintServer, operation: str, *lines: str, user: str = OPERATOR) -> ipptool.Answer:
    return ipptool.ask(at.uri("office", tls=True, user=user), operation, lines)


def shown(at: PrintServer) -> ipptool.Attributes:
    return ipptool.ask(at.uri("office"), "Get-Printer-Attributes").first


OPERATIONS = (
    "Pause-Printer", "Resume-Printer", "Disable-Printer", "Enable-Printer", "Cancel-Jobs", "Purge-Jobs",
    "Set-Printer-Attributes", "Get-Printer-Supported-Values",
)  # fmt: skip


def test_only_operators_may(office: PrintServer) -> None:
    message = ["GROUP printer-attributes-tag", 'ATTR text printer-message-from-operator "mine now"']
    for operation in OPERATIONS:
        lines = message if operation == "Set-Printer-Attributes" else []
        assert steer(office, operation, *lines, user=USER).status == "client-error-not-authorized", operation
        assert not steer(office, operation, *lines, user="olga:wrong").status.startswith("successful"), operation
        said = ["ATTR name requesting-user-name olga", *lines]
        assert not steer(office, operation, *said, user="").status.startswith("successful"), operation
        plain = ipptool.ask(office.uri("office"), operation, said)
        assert not plain.status.startswith("successful"), operation
    assert shown(office)["printer-message-from-operator"] == ""


def test_a_paused_printer_takes_jobs_and_prints_them_later(office: PrintServer, server: ContractServer) -> None:
    assert steer(office, "Pause-Printer").status == "successful-ok"
    paused = shown(office)
    assert (paused["printer-state"], paused["printer-is-accepting-jobs"]) == (5, True)
    assert "paused" in strings(paused, "printer-state-reasons")
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.AUTHORISED)
    office.process.stop()
    office.process.start()
    assert shown(office)["printer-state"] == 5
    office.wait_for_state(number, JobState.AUTHORISED)
    assert steer(office, "Resume-Printer").status == "successful-ok"
    server.finished(1)
    assert "paused" not in strings(shown(office), "printer-state-reasons")


def test_a_disabled_printer_takes_no_jobs(office: PrintServer) -> None:
    assert steer(office, "Disable-Printer").status == "successful-ok"
    assert shown(office)["printer-is-accepting-jobs"] is False
    assert submit(office).status == "server-error-not-accepting-jobs"
    assert steer(office, "Enable-Printer").status == "successful-ok"
    job_id(submit(office))


def test_a_message_from_the_operator(office: PrintServer) -> None:
    def say(*lines: str) -> ipptool.Answer:
        return steer(office, "Set-Printer-Attributes", "GROUP printer-attributes-tag", *lines)

    assert say('ATTR text printer-message-from-operator "Back at noon."').status == "successful-ok"
    assert shown(office)["printer-message-from-operator"] == "Back at noon."
    wrong = say("ATTR text printer-message-from-operator ok", "ATTR text printer-location elsewhere")
    assert wrong.status == "client-error-attributes-not-settable"
    assert set(wrong.first) == {"printer-location"}
    assert say(f"ATTR text printer-message-from-operator {'x' * 128}").status == "client-error-request-value-too-long"
    assert say("ATTR integer printer-message-from-operator 5").status == "client-error-bad-request"
    assert steer(office, "Set-Printer-Attributes").status == "client-error-bad-request"
    assert shown(office)["printer-message-from-operator"] == "Back at noon."
    assert list(steer(office, "Get-Printer-Supported-Values").first) == ["printer-message-from-operator"]
    assert say("ATTR delete-attribute printer-message-from-operator").status == "successful-ok"
    assert shown(office)["printer-message-from-operator"] == ""


def test_cancel_jobs_and_purge_jobs(office: PrintServer) -> None:
    steer(office, "Pause-Printer")
    numbers = [job_id(submit(office, user=user)) for user in ("anna", "bert", "carl")]
    assert steer(office, "Cancel-Jobs", "ATTR integer job-ids 1,99").status == "client-error-not-possible"
    assert steer(office, "Cancel-Jobs", f"ATTR integer job-ids {numbers[1]}").status == "successful-ok"
    assert office.wait_for_state(numbers[1], JobState.CANCELLED).job_state_message == "Cancelled by olga."
    assert not office.job(numbers[0]).state.is_final
    assert steer(office, "Purge-Jobs", f"ATTR integer job-ids {numbers[1]},{numbers[2]}").status == "successful-ok"
    assert [job.job_id for job in office.jobs()] == [numbers[0]]
    assert steer(office, "Purge-Jobs").status == "successful-ok"
    assert office.jobs() == []


def test_get_user_printer_attributes_checks_the_password(office: PrintServer) -> None:
    answer = steer(office, "0x0066", "ATTR name requesting-user-name anna")
    assert answer.first["printer-name"] == "office"
