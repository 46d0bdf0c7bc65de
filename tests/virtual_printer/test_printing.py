"""What a job asks for comes out, is counted, and is in its record."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rig.ipptool import ask, strings
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.virtual_printer.asking import about_job, job_id_of, print_job, printed
from tests.virtual_printer.documents import write_pdf


def out(printer: VirtualPrinter, job_id: int) -> tuple[int, int, int]:
    """Sheets, impressions and coloured impressions that came out of a job once it is over."""
    job = printer.wait_for_end(job_id)
    assert job.state == "completed", job
    return job.sheets_completed, job.impressions_completed, job.colour_impressions_completed


def test_the_record_says_who_printed_what(printer: VirtualPrinter, four_pages: Path) -> None:
    job_id = printed(printer, four_pages, operation=["name job-name Quarterly"])
    job = printer.wait_for_end(job_id)
    document = printer.folder / "jobs" / job.key / "document"
    assert (job.user_name, job.job_name, job.state, job.pages) == ("anna", "Quarterly", "completed", 4)
    assert document.read_bytes() == four_pages.read_bytes()
    assert job.document_sha256 == hashlib.sha256(four_pages.read_bytes()).hexdigest()
    assert job.document_octets == four_pages.stat().st_size


@pytest.mark.parametrize(
    ("asked", "sheets_impressions_colour"),
    [
        ([], (4, 4, 1)),
        (["integer copies 3"], (12, 12, 3)),
        (["keyword sides two-sided-long-edge"], (2, 4, 1)),
        (["integer number-up 2"], (2, 2, 1)),
        (["integer number-up 2", "keyword sides two-sided-short-edge", "integer copies 2"], (2, 4, 2)),
        (["rangeOfInteger page-ranges 2-3"], (2, 2, 1)),
        (["rangeOfInteger page-ranges 1-1,3-4"], (3, 3, 0)),
        (["keyword print-color-mode monochrome"], (4, 4, 0)),
    ],
)
def test_what_was_asked_for_comes_out(
    printer: VirtualPrinter, four_pages: Path, asked: list[str], sheets_impressions_colour: tuple[int, int, int]
) -> None:
    assert out(printer, printed(printer, four_pages, *asked)) == sheets_impressions_colour


def test_ipp_tells_the_same_figures_as_the_record(printer: VirtualPrinter, four_pages: Path) -> None:
    job_id = printed(printer, four_pages, "integer copies 2", "keyword sides two-sided-long-edge")
    printer.wait_for_end(job_id)
    told = about_job(printer, "Get-Job-Attributes", job_id).first
    assert {
        name: told[name] for name in told if name.startswith(("job-imp", "job-media", "job-pages", "copies"))
    } == {
        "copies": 2,
        "job-impressions": 8,
        "job-impressions-completed": 8,
        "job-media-sheets": 4,
        "job-media-sheets-completed": 4,
        "job-pages": 4,
    }
    assert strings(told, "job-state-reasons") == ["job-completed-successfully"]


def test_paper_is_chosen_by_its_size_too(four_pages: Path) -> None:
    with run_virtual_printer("--pictures", "none", "--paper", "a3", "--paper", "a4") as big:
        size = "MEMBER collection media-size { MEMBER integer x-dimension 14800 MEMBER integer y-dimension 21000 }"
        job_id = printed(big, four_pages, f"collection media-col {{ {size} }}")
        assert big.wait_for_end(job_id).ticket.media == "iso_a5_148x210mm"


def test_a_printer_without_colour_says_so_and_prints_grey(four_pages: Path) -> None:
    with run_virtual_printer("--pictures", "none", "--mono") as mono:
        said = ask(mono.uri, "Get-Printer-Attributes").first
        assert said["color-supported"] is False
        assert "color" not in strings(said, "print-color-mode-supported")
        assert "pages-per-minute-color" not in said
        assert out(mono, printed(mono, four_pages)) == (4, 4, 0)


@pytest.mark.parametrize("compression", ["gzip", "deflate"])
def test_compressed_documents_are_unpacked(printer: VirtualPrinter, four_pages: Path, compression: str) -> None:
    packed = [f"ATTR keyword compression {compression}", f"COMPRESSION {compression}"]
    job_id = job_id_of(ask(printer.uri, "Print-Job", packed, document=four_pages))
    assert out(printer, job_id) == (4, 4, 1)
    assert printer.job(job_id).document_octets == four_pages.stat().st_size


def test_octets_that_are_not_what_their_compression_says_abort_the_job(
    printer: VirtualPrinter, four_pages: Path
) -> None:
    answer = print_job(printer, four_pages, operation=["keyword compression gzip", "name job-name packed"])
    assert answer.status == "client-error-compression-error"
    assert [job.state for job in printer.jobs() if job.job_name == "packed"] == ["aborted"]


def test_what_it_cannot_do_is_left_out_and_said(printer: VirtualPrinter, four_pages: Path) -> None:
    answer = print_job(printer, four_pages, "keyword sides on-the-edge", "integer copies 2")
    assert answer.status == "successful-ok-ignored-or-substituted-attributes"
    assert answer.groups[0]["sides"] == "on-the-edge"
    job_id = next(group["job-id"] for group in answer.groups if "job-id" in group)
    assert isinstance(job_id, int)
    assert out(printer, job_id) == (8, 8, 2)


def test_with_fidelity_what_it_cannot_do_refuses_the_job(printer: VirtualPrinter, four_pages: Path) -> None:
    before = [job.key for job in printer.jobs()]
    answer = print_job(
        printer, four_pages, "keyword sides on-the-edge", operation=["boolean ipp-attribute-fidelity true"]
    )
    assert answer.status == "client-error-attributes-or-values-not-supported"
    assert "sides" in answer.message
    assert [job.key for job in printer.jobs()] == before


@pytest.mark.parametrize(
    ("octets", "reason"),
    [(b"\x93\x01random\xff\xfe" * 99, "no known kind"), (b"%PDF-1.7\nno more", "PDF"), (b"GIF89a", "GIF")],
)
def test_a_document_that_it_cannot_read_is_aborted_with_the_reason(
    printer: VirtualPrinter, tmp_path: Path, octets: bytes, reason: str
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(octets)
    job = printer.wait_for_end(printed(printer, bad))
    assert (job.state, job.state_reasons, job.sheets_completed) == ("aborted", ("document-format-error",), 0)
    assert job.state_message.startswith("The document cannot be printed: ")
    assert reason in job.state_message


def test_an_empty_document_is_refused(printer: VirtualPrinter, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert print_job(printer, empty, operation=["name job-name empty"]).status == "client-error-bad-request"
    assert [job.state for job in printer.jobs() if job.job_name == "empty"] == ["aborted"]


def test_a_format_or_compression_that_it_does_not_know_is_refused(printer: VirtualPrinter, four_pages: Path) -> None:
    odd = print_job(printer, four_pages, operation=["mimeMediaType document-format application/x-odd"])
    assert odd.status == "client-error-document-format-not-supported"
    packed = print_job(printer, four_pages, operation=["keyword compression rot13"])
    assert packed.status == "client-error-compression-not-supported"


def test_a_job_waits_for_its_document_and_then_prints(printer: VirtualPrinter, four_pages: Path) -> None:
    created = ask(printer.uri, "Create-Job", ["ATTR name requesting-user-name anna"])
    job_id = job_id_of(created)
    assert strings(created.first, "job-state-reasons") == ["job-incoming"]
    sent = about_job(printer, "Send-Document", job_id, "boolean last-document true", document=four_pages)
    assert sent.status == "successful-ok"
    assert out(printer, job_id) == (4, 4, 1)


def test_a_job_whose_last_document_is_still_to_come_waits_to_be_closed(
    printer: VirtualPrinter, four_pages: Path
) -> None:
    job_id = job_id_of(ask(printer.uri, "Create-Job", ["ATTR name requesting-user-name anna"]))
    about_job(printer, "Send-Document", job_id, "boolean last-document false", document=four_pages)
    assert printer.job(job_id).state == "pending"
    second = about_job(printer, "Send-Document", job_id, "boolean last-document true", document=four_pages)
    assert second.status == "server-error-multiple-document-jobs-not-supported"
    assert about_job(printer, "Close-Job", job_id).status == "successful-ok"
    assert out(printer, job_id) == (4, 4, 1)


def test_an_empty_last_document_closes_a_job(printer: VirtualPrinter, four_pages: Path) -> None:
    job_id = job_id_of(ask(printer.uri, "Create-Job", ["ATTR name requesting-user-name anna"]))
    about_job(printer, "Send-Document", job_id, "boolean last-document false", document=four_pages)
    closed = about_job(printer, "Send-Document", job_id, "boolean last-document true")
    assert closed.status == "successful-ok"
    assert out(printer, job_id) == (4, 4, 1)


def test_a_job_whose_document_does_not_come_in_time_is_aborted(four_pages: Path) -> None:
    with run_virtual_printer("--pictures", "none", "--time-out", "1") as hasty:
        job_id = job_id_of(ask(hasty.uri, "Create-Job", ["ATTR name requesting-user-name anna"]))
        job = hasty.wait_for_end(job_id, within_s=5)
        assert (job.state, job.state_message) == ("aborted", "No document came in time.")
        late = about_job(hasty, "Send-Document", job_id, "boolean last-document true", document=four_pages)
        assert late.status == "server-error-multiple-document-jobs-not-supported"


def test_a_held_job_prints_when_it_is_released_with_all_its_options(
    printer: VirtualPrinter, four_pages: Path
) -> None:
    job_id = printed(printer, four_pages, "keyword job-hold-until indefinite", "keyword sides two-sided-long-edge")
    assert printer.job(job_id).state == "pending-held"
    assert about_job(printer, "Release-Job", job_id).status == "successful-ok"
    assert out(printer, job_id) == (2, 4, 1)
    assert about_job(printer, "Hold-Job", job_id).status == "client-error-not-possible"


def test_jobs_belong_to_who_printed_them(printer: VirtualPrinter, four_pages: Path) -> None:
    job_id = printed(printer, four_pages, "keyword job-hold-until indefinite")
    for operation in ("Cancel-Job", "Release-Job", "Hold-Job", "Close-Job"):
        assert about_job(printer, operation, job_id, user="Anna").status == "client-error-not-authorized"
    assert about_job(printer, "Cancel-Job", job_id).status == "successful-ok"
    assert printer.job(job_id).state == "canceled"


def test_all_of_ones_own_jobs_are_cancelled_and_nobody_elses(printer: VirtualPrinter, four_pages: Path) -> None:
    held = "keyword job-hold-until indefinite"
    carls = [job_id_of(print_job(printer, four_pages, held, user="carl")) for _ in range(2)]
    doras = job_id_of(print_job(printer, four_pages, held, user="dora"))
    ask(printer.uri, "Cancel-My-Jobs", ["ATTR name requesting-user-name carl"])
    assert [printer.job(job_id).state for job_id in [*carls, doras]] == ["canceled", "canceled", "pending-held"]


def test_jobs_are_listed_newest_last_while_they_wait_and_newest_first_when_they_are_over(
    printer: VirtualPrinter, four_pages: Path
) -> None:
    over = [job_id_of(print_job(printer, four_pages, user="emil")) for _ in range(3)]
    for job_id in over:
        printer.wait_for_end(job_id)
    held = "keyword job-hold-until indefinite"
    waiting = [job_id_of(print_job(printer, four_pages, held, user="emil")) for _ in range(2)]

    def listed(*asked: str) -> list[object]:
        mine = ["ATTR name requesting-user-name emil", "ATTR boolean my-jobs true"]
        return [group["job-id"] for group in ask(printer.uri, "Get-Jobs", [*mine, *asked]).groups]

    assert listed() == waiting
    assert listed("ATTR keyword which-jobs completed") == over[::-1]
    assert listed("ATTR keyword which-jobs completed", "ATTR integer limit 1") == over[-1:]
    assert listed("ATTR keyword which-jobs pending-held", "ATTR integer first-index 2") == waiting[1:]


def test_it_remembers_no_more_jobs_than_it_was_told_to(four_pages: Path) -> None:
    with run_virtual_printer("--pictures", "none", "--keep-jobs", "3") as printer:
        for _ in range(5):
            printer.wait_for_end(printed(printer, four_pages))
        # Older ones are removed after the newest one's end is told.
        wait_for("the oldest jobs forgotten", lambda: [job.job_id for job in printer.jobs()] == [3, 4, 5])
        assert about_job(printer, "Get-Job-Attributes", 1).status == "client-error-not-found"


def test_a_document_for_larger_paper_comes_out_on_it(tmp_path: Path, printer: VirtualPrinter) -> None:
    mixed = write_pdf(tmp_path / "mixed.pdf", "gGg")
    job_id = printed(printer, mixed, "keyword sides two-sided-long-edge")
    assert out(printer, job_id) == (3, 3, 0)
