"""Loss of power, by command and by kill -9 at any moment: records stay whole and never say more than came out."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from everprint.ipp.codec import encode
from rig.folder import private_folder
from rig.ipptool import NoAnswer, ask
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.virtual_printer.asking import about_job, print_job, print_job_message, printed


@contextmanager
def printer_with(*options: str) -> Iterator[VirtualPrinter]:
    """A slow printer (0.1 s a side) that may be killed and started again."""
    with private_folder("printer") as folder:
        printer = VirtualPrinter(folder, "--pictures", "none", "--pages-per-minute", "600", *options)
        printer.start()
        try:
            yield printer
        finally:
            printer.process.stop()


def lose_power(printer: VirtualPrinter, how: str) -> None:
    if how == "command":
        printer.tell("power-off")
        printer.tell("power-on")
    else:
        printer.process.kill()
        printer.start()


def half_printed(printer: VirtualPrinter, document: Path) -> int:
    job_id = printed(printer, document, "integer copies 50")
    wait_for("two sheets", lambda: printer.job(job_id).sheets_completed >= 2, every_s=0.01)
    return job_id


@pytest.mark.parametrize("how", ["command", "kill"])
def test_the_job_in_hand_is_aborted_with_the_sheets_that_were_out(four_pages: Path, how: str) -> None:
    with printer_with() as printer:
        over = printer.wait_for_end(printed(printer, four_pages))
        job_id = half_printed(printer, four_pages)
        waiting = printed(printer, four_pages)
        lose_power(printer, how)
        told = about_job(printer, "Get-Job-Attributes", job_id).first
        job = printer.job(job_id)
        assert (told["job-state"], told["job-state-reasons"]) == (8, "aborted-by-system")
        assert told["job-impressions-completed"] == job.sheets_completed
        assert 2 <= job.sheets_completed < 200
        assert printer.job(waiting).state == "aborted"
        assert about_job(printer, "Get-Job-Attributes", over.job_id).first["job-uuid"] == over.job_uuid
        assert printed(printer, four_pages) == waiting + 1


@pytest.mark.parametrize("how", ["command", "kill"])
def test_a_forgetful_printer_denies_its_active_jobs_but_its_folder_does_not(four_pages: Path, how: str) -> None:
    with printer_with("--forgets", "active") as printer:
        over = printer.wait_for_end(printed(printer, four_pages)).job_id
        job_id = half_printed(printer, four_pages)
        lose_power(printer, how)
        assert about_job(printer, "Get-Job-Attributes", job_id).status == "client-error-not-found"
        assert about_job(printer, "Get-Job-Attributes", over).status == "successful-ok"
        job = printer.job(job_id)
        assert (job.forgotten, job.state) == (True, "aborted")
        assert job.sheets_completed >= 2
        assert printed(printer, four_pages) == job_id + 1


def test_a_very_forgetful_printer_begins_its_numbers_anew(four_pages: Path) -> None:
    with printer_with("--forgets", "all") as printer:
        first = printer.wait_for_end(printed(printer, four_pages))
        lose_power(printer, "kill")
        assert about_job(printer, "Get-Job-Attributes", first.job_id).status == "client-error-not-found"
        again = printer.wait_for_end(printed(printer, four_pages))
        assert again.job_id == first.job_id == 1
        assert again.job_uuid != first.job_uuid
        assert [job.state for job in printer.jobs()] == ["completed", "completed"]


def test_a_document_on_its_way_is_lost_with_the_power(four_pages: Path) -> None:
    with printer_with() as printer:
        connection = http.client.HTTPConnection("127.0.0.1", printer.port, timeout=30)
        connection.putrequest("POST", "/ipp/print")
        connection.putheader("content-type", "application/ipp")
        connection.putheader("content-length", "1000000")
        connection.endheaders(encode(print_job_message(printer.uri)) + b"%PDF-1.7 and so on")
        wait_for("the job to begin", lambda: printer.state()["queued"] == 1)
        printer.tell("power-off")
        with pytest.raises(ConnectionError):
            connection.getresponse()
        printer.tell("power-on")
        assert (printer.state()["queued"], printer.jobs()) == (0, [])
        assert printer.wait_for_end(printed(printer, four_pages)).sheets_completed == 4


def test_its_identity_stays(four_pages: Path) -> None:
    with printer_with() as printer:
        before = ask(printer.uri, "Get-Printer-Attributes").first["printer-uuid"]
        lose_power(printer, "kill")
        assert ask(printer.uri, "Get-Printer-Attributes").first["printer-uuid"] == before


def test_a_kill_at_any_moment_leaves_records_that_can_be_read_and_believed(four_pages: Path) -> None:
    """Jobs keep coming from two clients while the printer is killed and started ten times."""
    answered: list[str] = []
    stop = threading.Event()

    def keep_printing(printer: VirtualPrinter) -> None:
        while not stop.is_set():
            try:
                answer = print_job(printer, four_pages)
            except NoAnswer:
                time.sleep(0.02)
                continue
            if answer.status == "successful-ok":
                answered.append(str(answer.first["job-uuid"]))

    dice = random.Random(20)
    with private_folder("printer") as folder:
        printer = VirtualPrinter(folder, "--pictures", "none", "--pages-per-minute", "0")
        printer.start()
        clients = [threading.Thread(target=keep_printing, args=(printer,)) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            for _ in range(10):
                time.sleep(dice.uniform(0, 0.15))
                printer.process.kill()
                jobs = printer.jobs()  # readable although nobody tidied up
                assert all(job.sheets_completed == (4 if job.state == "completed" else 0) for job in jobs)
                printer.start()
        finally:
            stop.set()
            for client in clients:
                client.join()
        wait_for("all jobs to be over", lambda: not printer.state()["queued"])
        printer.process.stop()
        jobs = printer.jobs()
    assert set(answered) <= {job.job_uuid for job in jobs}
    assert {job.state for job in jobs} <= {"completed", "aborted"}
    assert len({job.job_id for job in jobs}) == len(jobs)
