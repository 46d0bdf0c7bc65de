"""One CUPS and one print server for all tests here: starting them takes seconds. Each test looks at its own jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from tests.provider.contract_server import run_contract_server
from tests.provider.cups.world import CupsSite, run_cups_site


@pytest.fixture(scope="session")
def printer() -> Iterator[VirtualPrinter]:
    with run_virtual_printer("--pictures", "none") as printer:
        yield printer


@pytest.fixture(scope="session")
def site() -> Iterator[CupsSite]:
    with run_contract_server() as server, run_cups_site(server) as site:
        yield site


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three grey pages."""
    path = tmp_path_factory.mktemp("documents") / "report.pdf"
    canvas = Canvas(str(path), invariant=True)
    for page in (1, 2, 3):
        canvas.drawString(72, 700, f"Page {page}")
        canvas.showPage()
    canvas.save()
    return path
