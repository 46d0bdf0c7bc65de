"""Other people's opinion: CUPS's conformance tests, pyipp, and CUPS itself printing to the printer."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyipp import IPP

from rig.cupsd import run_cupsd
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from tests.virtual_printer.documents import write_pdf

TESTS, DOCUMENTS = Path("/usr/share/cups/ipptool"), Path(__file__).parents[1] / "data" / "ipptool"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests and the documents that they print, in one folder."""
    folder = tmp_path_factory.mktemp("ipptool")
    for path in (*TESTS.glob("ipp-*.test"), *DOCUMENTS.iterdir()):
        shutil.copy(path, folder)
    for name in ("document", "onepage"):  # the Letter ones would be megabytes more, and paper is chosen by the job
        shutil.copy(folder / f"{name}-a4.ps", folder / f"{name}-letter.ps")
    return folder


@pytest.fixture(scope="module", params=["--colour", "--mono"])
def kind(request: pytest.FixtureRequest) -> Iterator[VirtualPrinter]:
    with run_virtual_printer("--pictures", "none", request.param) as printer:
        yield printer


def run_suite(printer: VirtualPrinter, folder: Path, test: str, version: str) -> str:
    """What ipptool says; tests that wait for jobs take it some seconds."""
    argv = ["ipptool", "-V", version, "-I", "-t", "-f", "document-a4.pdf", printer.uri, test]
    result = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return result.stdout


@pytest.mark.parametrize(("test", "version"), [("ipp-1.1.test", "1.1"), ("ipp-2.0.test", "2.0")])
def test_it_conforms_to_ipp(suite: Path, test: str, version: str) -> None:
    with run_virtual_printer("--pictures", "none") as printer:
        said = run_suite(printer, suite, test, version)
    assert "[FAIL]" not in said, said
    assert said.count("[PASS]") >= 45, said


def test_it_conforms_to_ipp_everywhere_but_for_overrides(kind: VirtualPrinter, suite: Path) -> None:
    """Other settings for single pages (*overrides*, PWG 5100.6) it does not do, and does not say it does.

    The suite holds those of IPP/1.1 and 2.0.
    """
    said = run_suite(kind, suite, "ipp-everywhere.test", "2.0")
    assert re.findall(r"EXPECTED: (.*)", said) == ["overrides-supported"] * 2, said
    assert said.count("[FAIL]") == 1, said


def test_pyipp_reads_it(printer: VirtualPrinter) -> None:
    async def read() -> None:
        async with IPP(printer.uri) as client:
            seen = await client.printer()
        assert (seen.info.printer_name, seen.info.manufacturer) == ("Virtual printer", "Everprint")
        assert seen.state.printer_state == "idle"
        assert {marker.level for marker in seen.markers} == {80}

    asyncio.run(read())


def test_cups_prints_to_it_driverless(tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "report.pdf", "cggg")
    with run_virtual_printer("--pictures", "none") as printer, run_cupsd() as cups:
        cups.add_driverless_queue("office", printer.uri)
        options = {"sides": "two-sided-long-edge", "copies": "2"}
        cups_id = cups.lp(document, "office", user="anna", title="Report", options=options)
        assert cups.wait_for_end(cups_id).state == "completed"
        (job,) = printer.jobs()
        assert (job.user_name, job.job_name, job.state) == ("anna", "Report", "completed")
        assert (job.sheets_completed, job.impressions_completed, job.colour_impressions_completed) == (4, 8, 2)


def test_cups_waits_for_a_printer_without_power(tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "note.pdf", "g")
    with run_virtual_printer("--pictures", "none") as printer, run_cupsd() as cups:
        cups.add_driverless_queue("office", printer.uri)
        printer.tell("power-off")
        cups_id = cups.lp(document, "office", user="anna")
        assert cups.job_state(cups_id) in ("pending", "processing")
        printer.tell("power-on")
        assert cups.wait_for_end(cups_id).state == "completed"
        assert [job.state for job in printer.jobs()] == ["completed"]
