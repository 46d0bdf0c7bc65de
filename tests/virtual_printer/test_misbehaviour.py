"""Each way to misbehave: what the printer says of itself, and what is on paper when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from everprint.ipp.client import IppClient, NotIpp
from rig.ipptool import NoAnswer, ask, strings
from rig.ports import is_listening
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.virtual_printer.asking import about_job, job_id_of, print_job, print_job_message, printed

IDLE, PROCESSING, STOPPED = 3, 4, 5


@pytest.fixture(autouse=True)
def _mended(printer: VirtualPrinter) -> Iterator[None]:
    yield
    printer.tell("mend")
    printer.tell("slow", 0)


def said(printer: VirtualPrinter) -> tuple[object, list[str]]:
    """printer-state and printer-state-reasons."""
    attributes = ask(printer.uri, "Get-Printer-Attributes").first
    return attributes["printer-state"], strings(attributes, "printer-state-reasons")


def stopped_after(printer: VirtualPrinter, job_id: int) -> int:
    """The sheets that are out once the job has stopped half way."""
    wait_for("the job to stop", lambda: printer.job(job_id).state == "processing-stopped")
    return printer.job(job_id).sheets_completed


@pytest.mark.parametrize(
    ("trouble", "cure", "reason"),
    [("jam", "clear", "media-jam-error"), ("empty", "refill", "media-empty-error")],
)
def test_it_stops_after_so_many_sheets_and_goes_on_when_it_is_mended(
    printer: VirtualPrinter, four_pages: Path, trouble: str, cure: str, reason: str
) -> None:
    printer.tell(trouble, 3)
    job_id = printed(printer, four_pages)
    assert stopped_after(printer, job_id) == 3
    state, reasons = said(printer)
    assert (state, reasons[0]) == (STOPPED, reason)
    told = about_job(printer, "Get-Job-Attributes", job_id).first
    assert (told["job-state"], told["job-state-reasons"]) == (6, "printer-stopped")
    assert told["job-impressions-completed"] == 3
    printer.tell(cure)
    job = printer.wait_for_end(job_id)
    assert (job.state, job.sheets_completed) == ("completed", 4)
    assert said(printer) == (IDLE, ["none"])


@pytest.mark.parametrize(
    ("trouble", "number", "cure", "cure_number", "reason"),
    [
        ("jam", None, "clear", None, "media-jam-error"),
        ("empty", None, "refill", None, "media-empty-error"),
        ("door-open", None, "door-close", None, "door-open-error"),
        ("toner", 0, "toner", 50, "toner-empty-error"),
    ],
)
def test_what_is_wrong_before_a_job_comes_lets_nothing_out(
    printer: VirtualPrinter,
    four_pages: Path,
    trouble: str,
    number: float | None,
    cure: str,
    cure_number: float | None,
    reason: str,
) -> None:
    printer.tell(trouble, number)
    assert said(printer)[0] == STOPPED
    assert reason in said(printer)[1]
    job_id = printed(printer, four_pages)
    assert stopped_after(printer, job_id) == 0
    printer.tell(cure, cure_number)
    assert printer.wait_for_end(job_id).sheets_completed == 4


def test_low_toner_warns_and_prints(printer: VirtualPrinter, four_pages: Path) -> None:
    printer.tell("toner", 5)
    assert said(printer) == (IDLE, ["toner-low-warning"])
    assert ask(printer.uri, "Get-Printer-Attributes").first["marker-levels"] == [5, 5, 5, 5]
    assert printer.wait_for_end(printed(printer, four_pages)).state == "completed"


def test_a_job_aborts_after_so_many_sheets_and_the_next_does_not(printer: VirtualPrinter, four_pages: Path) -> None:
    printer.tell("abort-after", 2)
    first, second = printed(printer, four_pages), printed(printer, four_pages)
    job = printer.wait_for_end(first)
    assert (job.state, job.sheets_completed, job.state_reasons) == ("aborted", 2, ("aborted-by-system",))
    assert about_job(printer, "Get-Job-Attributes", first).first["job-impressions-completed"] == 2
    assert printer.wait_for_end(second).state == "completed"


def test_a_job_that_is_stopped_by_a_jam_can_be_cancelled(printer: VirtualPrinter, four_pages: Path) -> None:
    printer.tell("jam", 1)
    job_id = printed(printer, four_pages)
    assert stopped_after(printer, job_id) == 1
    assert about_job(printer, "Cancel-Job", job_id).status == "successful-ok"
    job = printer.job(job_id)
    assert (job.state, job.sheets_completed) == ("canceled", 1)


def test_it_prints_at_the_speed_it_is_told_and_shows_how_far_it_is(printer: VirtualPrinter, four_pages: Path) -> None:
    printer.tell("slow", 300)  # 0.2 s a side
    began = time.monotonic()
    job_id = printed(printer, four_pages)
    wait_for("the second sheet", lambda: printer.job(job_id).sheets_completed == 2, every_s=0.01)
    assert said(printer) == (PROCESSING, ["none"])
    assert about_job(printer, "Get-Job-Attributes", job_id).first["job-state"] == 5
    printer.wait_for_end(job_id)
    assert time.monotonic() - began >= 0.8
    assert ask(printer.uri, "Get-Printer-Attributes").first["pages-per-minute"] == 300


def test_a_job_is_cancelled_between_two_sheets(printer: VirtualPrinter, four_pages: Path) -> None:
    printer.tell("slow", 60)
    job_id = printed(printer, four_pages, "integer copies 100")
    wait_for("the first sheet", lambda: printer.job(job_id).sheets_completed >= 1, every_s=0.01)
    assert about_job(printer, "Cancel-Job", job_id).status == "successful-ok"
    job = printer.job(job_id)
    assert job.state == "canceled"
    assert 1 <= job.sheets_completed <= 2


def test_it_takes_its_time_over_answers(printer: VirtualPrinter) -> None:
    printer.tell("delay", 0.5)
    began = time.monotonic()
    said(printer)
    assert time.monotonic() - began >= 0.5
    printer.tell("delay", 0)


@pytest.mark.parametrize(
    ("mood", "status", "accepting"),
    [("busy", "server-error-busy", True), ("not-accepting", "server-error-not-accepting-jobs", False)],
)
def test_it_refuses_new_jobs(
    printer: VirtualPrinter, four_pages: Path, mood: str, status: str, accepting: bool
) -> None:
    printer.tell(mood)
    assert print_job(printer, four_pages).status == status
    assert ask(printer.uri, "Create-Job").status == status
    assert ask(printer.uri, "Validate-Job").status == status
    assert ask(printer.uri, "Get-Printer-Attributes").first["printer-is-accepting-jobs"] is accepting
    printer.tell("accept")
    assert printer.wait_for_end(printed(printer, four_pages)).state == "completed"


def test_it_answers_nonsense_and_does_what_it_was_asked_all_the_same(
    printer: VirtualPrinter, four_pages: Path
) -> None:
    before = {job.key for job in printer.jobs()}
    printer.tell("garbage")
    with pytest.raises(NotIpp):
        asyncio.run(_print(printer.uri, four_pages.read_bytes()))
    printer.tell("sane")
    wait_for("the job to be over", lambda: not printer.state()["queued"])
    (job,) = [job for job in printer.jobs() if job.key not in before]
    assert (job.state, job.sheets_completed) == ("completed", 4)


async def _print(uri: str, document: bytes) -> None:
    async def octets() -> AsyncIterator[bytes]:
        yield document

    client = IppClient()
    try:
        await client.send(uri, print_job_message(uri), octets())
    finally:
        await client.close()


def test_without_power_it_takes_no_connections_but_its_page_answers(printer: VirtualPrinter) -> None:
    off = printer.tell("power-off")
    assert (off["power"], off["state"], off["state_message"]) == (False, "off", "Switched off.")
    assert not is_listening(printer.port)
    with pytest.raises(NoAnswer):
        ask(printer.uri, "Get-Printer-Attributes")
    assert printer.state()["power"] is False
    printer.tell("power-on")
    assert said(printer) == (IDLE, ["none"])


def test_a_jam_outlasts_a_loss_of_power(printer: VirtualPrinter) -> None:
    printer.tell("jam")
    printer.tell("power-off")
    printer.tell("power-on")
    assert said(printer) == (STOPPED, ["media-jam-error"])


def test_it_shows_itself_when_asked(printer: VirtualPrinter) -> None:
    before = printer.state()["identified"]
    assert isinstance(before, int)
    ask(printer.uri, "Identify-Printer", ["ATTR name requesting-user-name anna"])
    assert printer.state()["identified"] == before + 1


def test_a_job_prints_by_sheets_if_trouble_comes_while_its_pictures_are_taken(four_pages: Path) -> None:
    with run_virtual_printer("--pictures", "all") as photographed:
        photographed.tell("jam", 2)
        job_id = job_id_of(print_job(photographed, four_pages))
        assert stopped_after(photographed, job_id) == 2
        assert photographed.job(job_id).pictures == ["sheet-001-front.png", "sheet-002-front.png"]
        photographed.tell("clear")
        assert len(photographed.wait_for_end(job_id).pictures) == 4
