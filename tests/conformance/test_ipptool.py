"""Debian's own IPP suites against a queue: nothing fails.

ipptool does not say how many tests a suite has; that enough of them passed shows that it did not stop half way.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.virtual_printer import run_virtual_printer
from rig.waiting import wait_for
from tests.conformance.raster_samples import make_samples
from tests.provider.contract_server import run_contract_server
from tests.provider.submit import DOCUMENTS
from tests.provider.world import PrintServer, run_print_server

SUITES = Path("/usr/share/cups/ipptool")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[PrintServer]:
    with run_contract_server() as server, run_virtual_printer("--pictures", "none") as printer:
        server.add_queue("office", printer.uri)
        with run_print_server(server.url) as print_server:
            print_server.wait_for_queue("office")
            wait_for("the printer", lambda: server.printer_states("office"))
            yield print_server


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    """The suites beside the documents that they print."""
    for folder in (SUITES, DOCUMENTS):
        shutil.copytree(folder, tmp_path / "suite", dirs_exist_ok=True)
    # Two of the suite's documents are as large as they are alike: one stands for the other.
    for name in ("document", "onepage"):
        shutil.copy(DOCUMENTS / f"{name}-a4.ps", tmp_path / "suite" / f"{name}-letter.ps")
    return tmp_path / "suite"


def run_suite(queue: PrintServer, suites: Path, suite: str, version: str) -> str:
    return subprocess.run(
        ["ipptool", "-V", version, "-tf", "document-a4.pdf", queue.uri("office"), suite],
        cwd=suites,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    ).stdout


def failures(report: str) -> list[tuple[str, str]]:
    return re.findall(r"^ *(.*?) +\[FAIL\]\n((?: {8}.*\n)*)", report, re.MULTILINE)


def test_ipp_2_0(queue: PrintServer, suites: Path) -> None:
    """ipp-2.0 begins with all of ipp-1.1."""
    report = run_suite(queue, suites, "ipp-2.0.test", "2.0")
    assert failures(report) == []
    assert report.count("[PASS]") >= 46


def test_ipp_everywhere(queue: PrintServer, suites: Path) -> None:
    """With every PWG raster file of the resolutions and colours that the printer takes, plain and compressed."""
    made = make_samples(suites / "ipp-everywhere.test", suites, {300, 600})
    report = run_suite(queue, suites, "ipp-everywhere.test", "2.0")
    assert failures(report) == []
    assert len(re.findall(r"Print \S+ @ .* \[PASS\]", report)) == 3 * made
