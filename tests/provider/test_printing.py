"""A job's life through a real print server: from a client's Print-Job to paper and the words to the server."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    CancelJob,
    DeliveryBegun,
    DocumentSent,
    Hold,
    HoldJob,
    JobAnalysed,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    Print,
    RefusalReason,
    Refuse,
    ReleaseJob,
)
from rig import curl, ipptool
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.submit import FOUR_PAGES, ONE_PAGE, about, job_id, submit
from tests.provider.world import PrintServer, run_print_server

REFUSAL = Refuse(reason=RefusalReason.ACCOUNT_LIMIT_REACHED, message="This job costs EUR 9, and EUR 1 can be spent.")


def ordered(server: ContractServer, uuid: str) -> list[type]:
    return [type(fact) for fact in server.facts(uuid)]


def test_a_job_is_printed_and_every_step_is_told(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    number = job_id(
        submit(office, FOUR_PAGES, template=["ATTR integer copies 2", "ATTR keyword sides two-sided-long-edge"])
    )
    (finished,) = server.finished(1)
    assert finished.state is JobState.COMPLETED
    assert (finished.output.impressions, finished.output.sheets) == (8, 4)
    (printed,) = printer.jobs()
    assert printed.ticket.copies == 2
    job = office.wait_for_state(number, JobState.COMPLETED)
    assert ordered(server, job.uuid) == [JobReceived, JobAnalysed, DeliveryBegun, DocumentSent, JobFinished]
    (asked,) = server.asked
    assert (asked.job.user_name, asked.job.copies, asked.document.pages) == ("anna", 2, 4)
    assert office.spooled() == []


def test_options_are_not_lost_while_a_job_is_held(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    options = [
        "ATTR keyword job-hold-until indefinite",
        "ATTR integer copies 3",
        "ATTR keyword sides two-sided-long-edge",
        "ATTR keyword print-color-mode monochrome",
    ]
    number = job_id(submit(office, FOUR_PAGES, template=options))
    job = office.wait_for_state(number, JobState.HELD)
    assert printer.jobs() == [] and server.asked == []
    office.process.kill()
    office.process.start()
    assert about(office, "Release-Job", number).status == "successful-ok"
    (finished,) = server.finished(1)
    assert finished.output.sheets == 6 and finished.output.colour_impressions == 0
    assert ordered(server, job.uuid)[2:4] == [JobHeld, JobReleased]
    (asked,) = server.asked
    assert asked.attempt == 2


def test_a_refused_job_says_why_and_prints_nothing(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    server.decide = lambda message: REFUSAL
    answer = submit(office)
    assert (answer.status, answer.message) == ("client-error-account-limit-reached", REFUSAL.message)
    (refused,) = office.jobs()
    assert refused.state is JobState.REFUSED
    seen = about(office, "Get-Job-Attributes", refused.job_id).first
    assert ipptool.strings(seen, "job-state-reasons") == ["account-limit-reached", "aborted-by-system"]
    assert seen["job-state-message"] == REFUSAL.message
    assert seen["job-state"] == 8
    assert printer.jobs() == []
    assert office.spooled() == []


def test_the_server_may_hold_and_let_go(server: ContractServer, printer: VirtualPrinter, office: PrintServer) -> None:
    def once(message: Authorise) -> Hold | Print:
        return Hold(reason="Ask your teacher.") if message.attempt == 1 else Print(cost=Decimal(0), account="x")

    server.decide = once
    number = job_id(submit(office))
    job = office.wait_for_state(number, JobState.HELD)
    assert about(office, "Get-Job-Attributes", number).first["job-state-message"] == "Ask your teacher."
    server.order(ReleaseJob(job_id=job.uuid, by="teacher"))
    server.finished(1)


def test_a_job_whose_account_must_be_chosen_says_so_to_its_client(
    server: ContractServer, office: PrintServer
) -> None:
    server.decide = lambda message: Hold(reason="Choose the account.", keyword="account-info-needed")
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.HELD)
    seen = about(office, "Get-Job-Attributes", number).first
    assert (seen["job-state"], ipptool.strings(seen, "job-state-reasons")) == (4, ["account-info-needed"])
    assert seen["job-state-message"] == "Choose the account."


def test_orders_hold_and_cancel(server: ContractServer, printer: VirtualPrinter, office: PrintServer) -> None:
    server.away = True
    job = office.wait_for_state(job_id(submit(office)), JobState.ANALYSED)
    server.away = False
    server.decide = lambda message: Hold(reason="wait")
    server.order(HoldJob(job_id=job.uuid, by="operator"))
    office.wait_for_state(job.job_id, JobState.HELD)
    server.order(CancelJob(job_id=job.uuid, by="operator"))
    server.order(CancelJob(job_id="00000000-0000-7000-8000-000000000000", by="operator"))  # unknown: no harm
    (finished,) = server.finished(1)
    assert (finished.state, finished.reason) == (JobState.CANCELLED, "Cancelled by operator.")
    assert finished.output.impressions == 0
    assert printer.jobs() == []


def test_a_job_cancelled_while_it_prints_costs_what_came_out(server: ContractServer) -> None:
    with run_virtual_printer("--pictures", "none", "--pages-per-minute", "120") as printer:
        server.add_queue("slow", printer.uri)
        with run_print_server(server.url) as slow:
            slow.wait_for_queue("slow")
            number = job_id(submit(slow, FOUR_PAGES, queue="slow"))
            slow.wait_for_state(number, JobState.PRINTING)
            wait_for("a first sheet", lambda: printer.jobs()[0].impressions_completed >= 1)
            assert about(slow, "Cancel-Job", number, queue="slow").status == "successful-ok"
            (finished,) = server.finished(1)
            assert finished.state is JobState.CANCELLED
            assert finished.output.impressions == printer.jobs()[0].impressions_completed
            assert 1 <= finished.output.impressions < 4


def test_a_job_that_the_printer_aborts_costs_what_came_out(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    printer.tell("abort-after", 2)
    submit(office, FOUR_PAGES)
    (finished,) = server.finished(1)
    assert finished.state is JobState.ABORTED
    assert finished.output.impressions == 2
    submit(office, ONE_PAGE)
    assert server.finished(2)[1].state is JobState.COMPLETED


def test_a_busy_printer_is_waited_for(server: ContractServer, printer: VirtualPrinter, office: PrintServer) -> None:
    printer.tell("busy")
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.DELIVERING)
    wait_for(
        "the job to say why it waits",
        lambda: "takes no job now" in str(about(office, "Get-Job-Attributes", number).first["job-state-message"]),
    )
    printer.tell("accept")
    assert server.finished(1)[0].state is JobState.COMPLETED
    assert len(printer.jobs()) == 1


def test_a_job_cancelled_while_the_printer_is_busy_never_gets_there(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    printer.tell("busy")
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.DELIVERING)
    assert about(office, "Cancel-Job", number).status == "successful-ok"
    assert server.finished(1)[0].state is JobState.CANCELLED
    assert printer.jobs() == []


def test_a_printer_that_is_off_gets_its_jobs_in_their_order_when_it_is_on(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    printer.process.stop()
    for number in range(1, 6):
        submit(office, name=f"job {number}")
    wait_for("the printer to be missed", lambda: "unreachable" in server.printer_states("office"))
    assert office.jobs()[0].state in (JobState.AUTHORISED, JobState.DELIVERING)
    printer.start()
    finished = server.finished(5, within_s=120)
    assert {job.state for job in finished} == {JobState.COMPLETED}
    assert [job.job_name for job in printer.jobs()] == [f"job {number}" for number in range(1, 6)]
    wait_for("the printer to be seen again", lambda: server.printer_states("office")[-1] in ("idle", "processing"))


def test_a_job_waits_for_a_server_that_is_away_and_says_so(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    server.away = True
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.ANALYSED)
    wait_for(
        "the job to say why it waits",
        lambda: "Waits for the Application Server" in office.job(number).job_state_message,
    )
    submit(office, name="another one is taken meanwhile")
    server.away = False
    assert [job.state for job in server.finished(2)] == [JobState.COMPLETED] * 2
    assert len(printer.jobs()) == 2


def test_a_print_server_starts_and_accepts_without_server_and_printer(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    office.process.stop()
    server.away = True
    printer.process.stop()
    office.process.start()
    seen = ipptool.ask(office.uri("office"), "Get-Printer-Attributes").first
    assert "irtual" in str(seen["printer-make-and-model"])
    job_id(submit(office))
    printer.start()
    server.away = False
    assert server.finished(1, within_s=120)[0].state is JobState.COMPLETED


def test_one_bad_job_does_not_stop_the_queue(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer, tmp_path: Path
) -> None:
    def refuse_unknown(message: Authorise) -> Print | Refuse:
        if message.document.output is None:
            return Refuse(reason=RefusalReason.DOCUMENT_UNPRINTABLE, message=message.document.reason)
        return Print(cost=Decimal(0), account="x")

    server.decide = refuse_unknown
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(bytes(range(256)) * 10)
    first = job_id(submit(office, bad))
    second = job_id(submit(office))
    office.wait_for_state(second, JobState.COMPLETED)
    refused = office.wait_for_state(first, JobState.REFUSED)
    assert refused.job_state_reasons[0] == "document-unprintable-error"


def test_a_created_job_gets_its_document_later(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    made = ipptool.ask(
        office.uri("office"), "Create-Job", ["ATTR name requesting-user-name anna", "ATTR name job-name letter"]
    )
    number = job_id(made)
    assert about(office, "Get-Job-Attributes", number).first["job-state-reasons"] == "job-incoming"
    assert about(office, "Close-Job", number).status == "client-error-bad-request"
    office.process.kill()
    office.process.start()
    sent = ipptool.ask(
        office.uri("office"),
        "Send-Document",
        [
            f"ATTR integer job-id {number}",
            "ATTR name requesting-user-name anna",
            "ATTR boolean last-document false",
            "ATTR mimeMediaType document-format application/pdf",
        ],
        document=ONE_PAGE,
    )
    assert sent.status == "successful-ok"
    assert office.job(number).state is JobState.INCOMING and len(office.spooled()) == 1
    office.process.kill()
    office.process.start()
    assert len(office.spooled()) == 1
    assert about(office, "Close-Job", number).status == "successful-ok"
    assert server.finished(1)[0].state is JobState.COMPLETED


def test_a_job_without_its_document_is_aborted_in_time(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri)
    with run_print_server(server.url, multiple_operation_time_out_s=1) as office:
        office.wait_for_queue("office")
        number = job_id(ipptool.ask(office.uri("office"), "Create-Job", ["ATTR name requesting-user-name anna"]))
        office.wait_for_state(number, JobState.ABORTED)
        assert "did not come" in office.job(number).job_state_message
        assert server.events == [] or all(event.job_id is None for event in server.events)


def test_a_waiting_job_of_a_removed_queue_is_held_and_never_goes_to_its_old_device(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    from everprint.contract.messages import FetchSnapshot, JobHeld, ReleaseJob

    printer.process.stop()
    number = job_id(submit(office))
    office.wait_for_state(number, JobState.AUTHORISED, JobState.DELIVERING)
    (queue,) = server.queues
    server.queues = []
    server.bump()
    server.order(FetchSnapshot())
    wait_for(
        "the queue to be gone",
        lambda: ipptool.ask(office.uri("office"), "Get-Printer-Attributes").status == "client-error-not-found",
    )
    held = office.wait_for_state(number, JobState.HELD)
    assert held.job_state_message.startswith("Its queue office was removed before it was printed.")
    wait_for("the report", lambda: any(isinstance(fact, JobHeld) for fact in server.facts(held.uuid)))
    printer.start()
    server.queues = [queue]
    server.bump()
    server.order(FetchSnapshot())
    office.wait_for_queue("office")
    assert office.job(number).state is JobState.HELD
    server.order(ReleaseJob(job_id=held.uuid, by="root"))
    assert server.finished(1)[0].state is JobState.COMPLETED


def test_finished_jobs_are_kept_in_bounds(server: ContractServer, printer: VirtualPrinter) -> None:
    server.add_queue("office", printer.uri)
    server.decide = lambda message: REFUSAL
    with run_print_server(server.url, finished_jobs_kept=3) as office:
        office.wait_for_queue("office")
        for _ in range(8):
            assert submit(office).status == "client-error-account-limit-reached"
        wait_for("old jobs to go", lambda: len(office.jobs()) < 6)
        office.process.kill()
        office.process.start()
        submit(office)
        assert office.jobs()[-1].job_id == 9


@pytest.mark.parametrize("copies", [1, 5])
def test_an_instant_printer_adds_little_to_a_jobs_time(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer, copies: int
) -> None:
    submit(office)  # warms what is started on first use
    server.finished(1)
    began = time.monotonic()
    submit(office, template=[f"ATTR integer copies {copies}"])
    server.finished(2)
    assert time.monotonic() - began < 15


def test_a_document_that_is_gone_from_the_spool_ends_its_job_and_no_other(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer
) -> None:
    printer.tell("busy")
    number = job_id(submit(office))
    job = office.wait_for_state(number, JobState.DELIVERING)
    (office.state / "spool" / job.uuid).unlink()
    printer.tell("accept")
    (finished,) = server.finished(1)
    assert (finished.state, finished.output.impressions) == (JobState.ABORTED, 0)
    assert "cannot be read from the spool" in finished.reason
    submit(office)
    assert server.finished(2)[1].state is JobState.COMPLETED


def test_a_document_on_its_way_is_not_late(server: ContractServer, printer: VirtualPrinter, tmp_path: Path) -> None:
    """curl sends the document slower than a job may wait for one."""
    server.add_queue("office", printer.uri)
    with run_print_server(server.url, multiple_operation_time_out_s=1) as office:
        office.wait_for_queue("office")
        uri = office.uri("office")
        name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
        number = job_id(ipptool.ask(uri, "Create-Job", ["ATTR name requesting-user-name anna"]))
        send_document = 0x0006
        body = curl.request(
            send_document,
            uri,
            curl.attribute(curl.INTEGER, "job-id", number.to_bytes(4, "big")),
            name,
            curl.attribute(0x22, "last-document", b"\x01"),
        )
        _, answer = curl.post(uri, body + ONE_PAGE.read_bytes(), tmp_path, ["--limit-rate", "12k"])
        assert answer[2:4] == b"\0\0"
        assert server.finished(1)[0].state is JobState.COMPLETED


def test_a_document_without_a_format_is_sent_as_what_it_is(
    server: ContractServer, printer: VirtualPrinter, office: PrintServer, tmp_path: Path
) -> None:
    uri = office.uri("office")
    name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
    curl.post(uri, curl.request(curl.PRINT_JOB, uri, name) + ONE_PAGE.read_bytes(), tmp_path)
    assert server.finished(1)[0].state is JobState.COMPLETED
    assert printer.jobs()[0].document_format == "application/pdf"
