"""Printers that take only raster, or PDF without options: clients are offered all of it, and pay what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.documents.analyse import analyse
from everprint.documents.result import Language
from rig import ipptool
from rig.ippeveprinter import run_ippeveprinter
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer, run_contract_server
from tests.provider.submit import DOCUMENTS, FOUR_PAGES, job_id, submit
from tests.provider.world import PrintServer, run_print_server

OPTIONS = ("copies", "imposition-template", "multiple-document-handling", "number-up", "page-ranges")
LACKS = [word for option in OPTIONS for word in ("--lacks", option)]
KINDS = {
    "pwg": ["--format", "image/pwg-raster"],
    "urf": ["--format", "image/urf", *LACKS],
    "plain": ["--format", "application/pdf", *LACKS],
}


@dataclass(frozen=True)
class World:
    """A print server with a queue for each kind of printer."""

    server: ContractServer
    office: PrintServer
    printers: dict[str, VirtualPrinter]

    def print(self, queue: str, document: Path, *template: str, document_format: str = "application/pdf") -> int:
        """Prints it; the job's number."""
        lines = [f"ATTR {line}" for line in template]
        return job_id(submit(self.office, document, queue=queue, template=lines, document_format=document_format))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with (
        run_contract_server() as server,
        run_virtual_printer("--pictures", "none", *KINDS["pwg"]) as pwg,
        run_virtual_printer("--pictures", "none", *KINDS["urf"]) as urf,
        run_virtual_printer("--pictures", "none", *KINDS["plain"]) as plain,
    ):
        printers = {"pwg": pwg, "urf": urf, "plain": plain}
        for queue, printer in printers.items():
            server.add_queue(queue, printer.uri)
        with run_print_server(server.url) as office:
            office.wait_for_queue("pwg")
            wait_for("all devices", lambda: len(list((office.state / "devices").iterdir())) == len(printers))
            yield World(server, office, printers)


@pytest.mark.parametrize("queue", list(KINDS))
@pytest.mark.parametrize(
    ("template", "sheets", "impressions", "colour"),
    [
        ((), 4, 4, 2),
        (("integer copies 2", "keyword sides two-sided-long-edge"), 4, 8, 4),
        (("rangeOfInteger page-ranges 2-4", "integer copies 2", "keyword sides two-sided-long-edge"), 4, 6, 2),
        (("integer number-up 2", "keyword multiple-document-handling separate-documents-uncollated-copies",
          "integer copies 3"), 6, 6, 6),
        (("keyword imposition-template signature",), 1, 2, 2),
        (("keyword print-color-mode monochrome", "integer number-up 4", "rangeOfInteger page-ranges 1-3"), 1, 1, 0),
    ],
)  # fmt: skip
def test_every_option_is_done_by_somebody_once(
    world: World, queue: str, template: tuple[str, ...], sheets: int, impressions: int, colour: int
) -> None:
    number = world.print(queue, FOUR_PAGES, *template)
    job = world.office.wait_for_state(number, JobState.COMPLETED, JobState.ABORTED, within_s=120)
    assert job.state is JobState.COMPLETED, job.job_state_message
    assert job.output is not None
    assert (job.output.sheets, job.output.impressions, job.output.colour_impressions) == (
        sheets, impressions, colour
    )  # fmt: skip
    assert job.device_job_id is not None
    printed = world.printers[queue].job(job.device_job_id)
    # A copy of an odd number of sides ends with an empty back where the printer makes no copies itself.
    backs = 1 if queue != "pwg" and sheets == 4 and impressions == 6 else 0
    assert (printed.sheets_completed, printed.impressions_completed) == (sheets, impressions + backs)
    assert printed.colour_impressions_completed == colour


def test_what_is_offered(world: World) -> None:
    for queue in KINDS:
        shown = ipptool.ask(world.office.uri(queue), "Get-Printer-Attributes", ()).first
        assert {"application/pdf", "image/jpeg", "text/plain"} <= set(shown["document-format-supported"])
        assert {f"{option}-supported" for option in OPTIONS} <= set(shown)


@pytest.mark.parametrize(("name", "document_format"), [("color.jpg", "image/jpeg"), ("testfile.txt", "text/plain")])
def test_other_documents(world: World, name: str, document_format: str) -> None:
    for queue in ("pwg", "plain"):
        number = world.print(queue, DOCUMENTS / name, document_format=document_format)
        job = world.office.wait_for_state(number, JobState.COMPLETED, JobState.ABORTED, within_s=120)
        assert job.state is JobState.COMPLETED, job.job_state_message


def test_a_format_that_nobody_takes_is_refused_at_once(world: World) -> None:
    answer = submit(world.office, FOUR_PAGES, queue="pwg", document_format="application/vnd.hp-pcl")
    assert answer.status == "client-error-document-format-not-supported"


def test_a_bad_document_ends_alone(world: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
    first = world.print("pwg", bad)
    second = world.print("pwg", FOUR_PAGES)
    job = world.office.wait_for_state(first, JobState.ABORTED, JobState.COMPLETED, within_s=120)
    assert job.state is JobState.ABORTED and "document-format-error" in job.job_state_reasons
    assert "cannot be converted" in job.job_state_message and job.device_job_id is None
    assert job.output is not None and job.output.sheets == 0
    world.office.wait_for_state(second, JobState.COMPLETED, within_s=120)


def test_a_kill_in_the_middle_prints_nothing_twice(world: World) -> None:
    """The raster is on its way, or there already, when the print server is killed."""
    printer = world.printers["pwg"]
    before = len(printer.jobs())
    number = world.print("pwg", FOUR_PAGES, "enum print-quality 5", "integer copies 40")
    wait_for("the printer's job", lambda: len(printer.jobs()) > before, within_s=120)
    world.office.process.kill()
    world.office.process.start()
    job = world.office.wait_for_state(number, JobState.COMPLETED, JobState.ABORTED, within_s=120)
    assert job.state is JobState.COMPLETED, job.job_state_message
    printed = [one for one in printer.jobs()[before:] if one.sheets_completed]
    assert [one.sheets_completed for one in printed] == [160]


def test_a_printer_that_we_did_not_write() -> None:
    """It takes raster and makes no copies of it: it gets two sides twice."""
    with run_contract_server() as server, run_ippeveprinter(formats=("image/pwg-raster",)) as foreign:
        server.add_queue("foreign", foreign.uri)
        with run_print_server(server.url) as office:
            office.wait_for_queue("foreign")
            template = ["ATTR integer number-up 2", "ATTR integer copies 2"]
            number = job_id(submit(office, FOUR_PAGES, queue="foreign", template=template))
            job = office.wait_for_state(number, JobState.COMPLETED, JobState.ABORTED, within_s=120)
            assert job.state is JobState.COMPLETED, job.job_state_message
            (document,) = foreign.documents()
            found = analyse(document)
            assert (found.language, len(found.pages)) == (Language.PWG_RASTER, 4)
            assert job.output is not None and job.output.impressions == 4
