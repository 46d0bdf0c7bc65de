"""What a device says is a stranger's word: it stops nothing, forges nothing, and is shown only where it fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.ipp.codec import decode, encode_attributes
from everprint.ipp.message import Group
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import ValueTag
from everprint.provider.dns_sd_text import text_record
from everprint.server.providers.contract.bounds import check_event
from rig import curl, ipptool
from rig.curl import ENUM, INTEGER, KEYWORD, MIME_TYPE, NAME, attribute
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.odd_printer import (
    BOOLEAN,
    OCTET_STRING,
    PRINTER_GROUP,
    RANGE,
    TEXT,
    OddPrinter,
    answer,
    job,
    number,
    run_odd_printer,
)
from tests.provider.submit import job_id, submit
from tests.provider.test_queue import queue, shown
from tests.provider.world import PrintServer, run_print_server

FORGED = b"\n2026-01-01 00:00:00,000 INFO forged everything is fine"
MOST = number(2**31 - 1)

HOSTILE = b"".join(
    (
        bytes([PRINTER_GROUP]),
        attribute(ENUM, "printer-state", number(99)),
        attribute(KEYWORD, "printer-state-reasons", b"none", b"$(reboot)", b"x" * 255),
        attribute(TEXT, "printer-state-message", b"`reboot`" + FORGED),
        attribute(TEXT, "printer-make-and-model", b"\x1b[2J\x07Evil"),
        attribute(INTEGER, "sides-default", number(1)),
        attribute(INTEGER, "sides-supported", number(1)),
        attribute(INTEGER, "urf-supported", number(1)),
        attribute(BOOLEAN, "print-color-mode-default", b"\1"),
        attribute(RANGE, "copies-supported", number(-5) + number(5)),
        attribute(INTEGER, "copies-default", number(-1)),
        attribute(INTEGER, "number-up-default", MOST),
        attribute(KEYWORD, "color-supported", b"true"),
        attribute(OCTET_STRING, "media-default", bytes(range(256))),
        attribute(NAME, "media-supported", b"; rm -rf /", b"iso_a4_210x297mm"),
        attribute(MIME_TYPE, "document-format-supported", b"application/pdf", b"application/octet-stream"),
        attribute(KEYWORD, "operations-supported", b"everything"),
        attribute(TEXT, "evil-supported", b"*FoomaticRIPCommandLine: reboot"),
    )
)


def hostile_group() -> Group:
    return decode(answer(0, HOSTILE), tolerant=True).printer


@pytest.fixture
def odd() -> Iterator[OddPrinter]:
    with run_odd_printer() as printer:
        printer.answers[Operation.GET_PRINTER_ATTRIBUTES] = lambda: answer(0, HOSTILE)
        yield printer


@pytest.fixture
def office(server: ContractServer, odd: OddPrinter) -> Iterator[PrintServer]:
    server.add_queue("office", odd.uri)
    with run_print_server(server.url) as print_server:
        print_server.wait_for_queue("office")
        yield print_server


def test_a_value_of_another_syntax_is_not_shown() -> None:
    group = shown(queue(hostile_group()))
    assert group.string("sides-default") == "one-sided"
    assert group.boolean("color-supported") is False
    assert [(one.lower, one.upper) for one in group.ranges("copies-supported")] == [(1, 1)]
    assert group.string("printer-make-and-model") == "Printer"
    assert group.string("media-default") == "iso_a4_210x297mm"
    assert "urf-supported" not in group and "evil-supported" not in group
    operations = group.get("operations-supported")
    assert operations is not None and set(operations.tags) == {ValueTag.ENUM}, "that is ours to say"
    assert encode_attributes(group.attributes)


def test_no_default_of_a_device_breaks_a_ticket_or_an_announcement() -> None:
    of = queue(hostile_group())
    ticket = of.default_ticket
    assert (ticket.copies, ticket.number_up, ticket.sides, ticket.print_color_mode) == (1, 1, "one-sided", "auto")
    assert text_record(of, "", tls=True)["Duplex"] == "F"


def test_the_provider_lives_with_it_and_starts_with_what_it_remembers_of_it(
    server: ContractServer, office: PrintServer
) -> None:
    server.bump()  # the queues are looked at anew
    office.process.kill()
    office.process.start()
    office.wait_for_queue("office")
    asked = ipptool.ask(office.uri("office"), "Get-Printer-Attributes", [])
    assert asked.status == "successful-ok"
    assert asked.first["printer-state"] == 5, "a state that is none is a stopped printer"
    assert asked.first["printer-make-and-model"] == "Printer"
    assert office.health()[0] == 200


def test_nothing_that_strangers_say_becomes_a_line_of_the_log(
    odd: OddPrinter, office: PrintServer, tmp_path: Path
) -> None:
    odd.answers[Operation.CREATE_JOB] = lambda: answer(0, job(7))
    odd.answers[Operation.SEND_DOCUMENT] = lambda: answer(Status.SERVER_ERROR_DEVICE_ERROR)
    odd.answers[Operation.CANCEL_JOB] = lambda: answer(Status.SERVER_ERROR_DEVICE_ERROR, message=b"no" + FORGED)
    submit(office)
    wait_for("the device's word in the log", lambda: "no\\n2026-01-01" in office.process.log_tail(1000))
    nowhere = f"ipp://localhost:{office.port}/ipp/print/nowhere%0A2026-01-01%20INFO%20forged"
    name = curl.attribute(NAME, "requesting-user-name", b"anna")
    curl.post(office.uri("neither"), curl.request(curl.PRINT_JOB, nowhere, name), tmp_path)
    assert not [line for line in office.process.log_tail(1000).splitlines() if line.startswith("2026-01-01")]


@pytest.mark.parametrize("device_job_id", [-7, 0, None], ids=["negative", "zero", "none"])
def test_a_job_number_that_is_none_ends_the_job_and_every_event_can_be_taken(
    server: ContractServer, odd: OddPrinter, office: PrintServer, device_job_id: int | None
) -> None:
    groups = [] if device_job_id is None else [job(device_job_id)]
    odd.answers[Operation.CREATE_JOB] = lambda: answer(0, *groups)
    (finished,) = (submit(office), server.finished(1))[1]
    assert finished.state is JobState.ABORTED and finished.output.impressions == 0
    for event in server.events:
        check_event(event, "event")


def test_a_printer_that_takes_a_document_and_says_that_it_failed_prints_it_once(
    server: ContractServer, odd: OddPrinter, office: PrintServer
) -> None:
    """It counts nothing, and completes what it was asked to cancel: sent again, it would be on paper twice."""
    odd.answers[Operation.CREATE_JOB] = lambda: answer(0, job(7))
    odd.answers[Operation.SEND_DOCUMENT] = lambda: answer(Status.SERVER_ERROR_INTERNAL_ERROR)
    odd.answers[Operation.CANCEL_JOB] = lambda: answer(Status.CLIENT_ERROR_NOT_POSSIBLE)
    odd.answers[Operation.GET_JOB_ATTRIBUTES] = lambda: answer(
        0, job(7, attribute(ENUM, "job-state", number(9)), attribute(KEYWORD, "job-state-reasons", b"none"))
    )
    submit(office)
    (finished,) = server.finished(1)
    assert (finished.state, finished.output.impressions) == (JobState.COMPLETED, 1)
    assert odd.count(Operation.SEND_DOCUMENT) == 1


def test_a_printer_that_counts_absurdly_is_not_believed_beyond_what_can_be_told(
    server: ContractServer, odd: OddPrinter, office: PrintServer
) -> None:
    odd.answers[Operation.CREATE_JOB] = lambda: answer(0, job(2**31 - 1))
    odd.answers[Operation.SEND_DOCUMENT] = lambda: answer(0)
    odd.answers[Operation.GET_JOB_ATTRIBUTES] = lambda: answer(
        0,
        job(
            7,
            attribute(ENUM, "job-state", number(9)),
            attribute(INTEGER, "job-impressions-completed", MOST),
            attribute(INTEGER, "job-media-sheets-completed", MOST),
        ),
    )
    of_no_kind = office.folder / "of-no-kind"
    of_no_kind.write_bytes(bytes(range(256)))
    submit(office, of_no_kind, document_format="application/octet-stream")
    (finished,) = server.finished(1)
    assert finished.output.impressions > 1_000_000
    for event in wait_for("all events", lambda: list(server.events)):
        check_event(event, "event")


@pytest.mark.parametrize(
    ("called", "of", "state"),
    [
        (b"Somebody else's", b"anna", JobState.HELD),
        (b"Letter", b"bob", JobState.HELD),
        (b"Letter", b"anna", JobState.COMPLETED),
        (b"Let", b"anna", JobState.COMPLETED),
    ],
    ids=["another name", "another owner", "ours", "ours, its name cut short"],
)
def test_a_printer_that_counts_anew_has_another_job_of_that_number(
    server: ContractServer, odd: OddPrinter, office: PrintServer, called: bytes, of: bytes, state: JobState
) -> None:
    """What became of ours nobody can say: neither is another's end its own, nor is it sent again."""
    odd.answers[Operation.CREATE_JOB] = lambda: answer(0, job(1))
    odd.answers[Operation.SEND_DOCUMENT] = lambda: answer(0)
    odd.answers[Operation.GET_JOB_ATTRIBUTES] = lambda: answer(
        0,
        job(
            1,
            attribute(ENUM, "job-state", number(9)),
            attribute(NAME, "job-name", called),
            attribute(NAME, "job-originating-user-name", of),
        ),
    )
    office.wait_for_state(job_id(submit(office, user="anna", name="Letter")), state, within_s=120)
    assert odd.count(Operation.SEND_DOCUMENT) == 1
