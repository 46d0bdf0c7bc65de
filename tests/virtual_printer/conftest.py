"""A running virtual printer for tests that need no special one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from tests.virtual_printer.documents import write_pdf


@pytest.fixture(scope="module")
def printer() -> Iterator[VirtualPrinter]:
    """As fast as it can, without pictures; shared by a module's tests, each of which looks at its own jobs only."""
    with run_virtual_printer("--pictures", "none") as running:
        yield running


@pytest.fixture
def four_pages(tmp_path: Path) -> Path:
    """Grey, colour, grey, grey."""
    return write_pdf(tmp_path / "four.pdf", "gcgg")
