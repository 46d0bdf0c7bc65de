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


@pytest.mark.parametrize(("suite", "least"), [("ipp-1.1.test", 45), ("ipp-2.0.test", 46)])
def test_nothing_fails(queue: PrintServer, tmp_path: Path, suite: str, least: int) -> None:
    for folder in (SUITES, DOCUMENTS):
        shutil.copytree(folder, tmp_path / "suite", dirs_exist_ok=True)
    # Two of the suite's documents are as large as they are alike: one stands for the other.
    for name in ("document", "onepage"):
        shutil.copy(DOCUMENTS / f"{name}-a4.ps", tmp_path / "suite" / f"{name}-letter.ps")
    report = subprocess.run(
        ["ipptool", "-tf", "document-a4.pdf", queue.uri("office"), suite],
        cwd=tmp_path / "suite",
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    ).stdout
    failed = re.findall(r"^ *(.*?) +\[FAIL\]\n((?: {8}.*\n)*)", report, re.MULTILINE)
    assert failed == []
    assert report.count("[PASS]") >= least
