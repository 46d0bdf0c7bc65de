"""A server that decides as the test says, a printer without paper, and a print server between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.virtual_printer import VirtualPrinter
from tests.provider.contract_server import ContractServer, run_contract_server
from tests.provider.lent_printers import LentPrinters
from tests.provider.world import PrintServer, run_print_server

DOCUMENTS = Path(__file__).parents[1] / "data" / "ipptool"


@pytest.fixture
def server() -> Iterator[ContractServer]:
    with run_contract_server() as server:
        yield server


@pytest.fixture(scope="session")
def printers() -> Iterator[LentPrinters]:
    printers = LentPrinters()
    yield printers
    printers.stop()


@pytest.fixture
def printer(printers: LentPrinters) -> Iterator[VirtualPrinter]:
    with printers.one() as printer:
        yield printer


@pytest.fixture
def hall(server: ContractServer, printers: LentPrinters) -> Iterator[VirtualPrinter]:
    """A second printer, with a queue of that name."""
    with printers.one() as printer:
        server.add_queue("hall", printer.uri)
        yield printer


@pytest.fixture
def office(server: ContractServer, printer: VirtualPrinter) -> Iterator[PrintServer]:
    """A print server with the queue *office* in front of the printer."""
    server.add_queue("office", printer.uri)
    with run_print_server(server.url) as print_server:
        print_server.wait_for_queue("office")
        yield print_server
