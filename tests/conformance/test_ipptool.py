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
    for suite in (tmp_path / "suite").glob("ipp-*.test"):
        # A suite includes the one before it, and ipptool holds a connection for each from the start: one that waits
        # for a quarter of a minute is closed. So each is run by itself.
        suite.write_text(re.sub(r"^INCLUDE .*$", "", suite.read_text(), flags=re.MULTILINE))
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


@pytest.mark.parametrize(("suite", "version", "least"), [("ipp-1.1", "1.1", 45), ("ipp-2.1", "2.1", 1)])
def test_nothing_fails(queue: PrintServer, suites: Path, suite: str, version: str, least: int) -> None:
    for part in ("ipp-2.0.test", f"{suite}.test") if version > "2.0" else (f"{suite}.test",):
        report = run_suite(queue, suites, part, version)
        assert failures(report) == []
        assert report.count("[PASS]") >= least


def test_holding_and_subscribing(queue: PrintServer, suites: Path) -> None:
    """The small ones: what CUPS's own tools do."""
    for suite in ("print-job-hold.test", "print-job-password.test", "get-subscriptions.test"):
        assert failures(run_suite(queue, suites, suite, "2.0")) == [], suite


def test_ipp_everywhere(queue: PrintServer, suites: Path) -> None:
    """With every PWG raster file of the resolutions and colours that the printer takes, plain and compressed."""
    made = make_samples(suites / "ipp-everywhere.test", suites, {300, 600})
    report = run_suite(queue, suites, "ipp-everywhere.test", "2.0")
    assert failures(report) == []
    assert len(re.findall(r"Print \S+ @ .* \[PASS\]", report)) == 3 * made
