"""A print server that watches a printer over SNMP: what it says reaches the Application Server and the clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from everprint.contract.messages import FetchSnapshot, OneWay, PrinterState, PrinterStatus
from everprint.contract.snmp import Snmp
from everprint.contract.supplies import SupplyState
from rig import ipptool
from rig.snmp_agent import COMMUNITY, SnmpAgent, run_snmp_agent
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.pjl_printer import PjlPrinter, run_pjl_printer
from tests.provider.snmp.printers import printer as objects
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    with run_snmp_agent(objects()) as agent:
        yield agent


@pytest.fixture
def raw(server: ContractServer) -> Iterator[PjlPrinter]:
    with run_pjl_printer() as raw:
        yield raw


def told(server: ContractServer) -> PrinterStatus:
    """What was told last; nothing yet is a printer that is not there."""
    facts = (event.fact for event in reversed(server.events) if isinstance(event.fact, PrinterStatus))
    return next(facts, PrinterStatus(queue="", state=PrinterState.UNREACHABLE, reasons=[]))


def test_a_raw_port_shows_supplies_alerts_and_state(
    server: ContractServer, raw: PjlPrinter, agent: SnmpAgent
) -> None:
    snmp = Snmp(port=agent.port, community=COMMUNITY)
    server.add_queue("raw", raw.uri, one_way=OneWay(), snmp=snmp)
    with run_print_server(server.url) as site:
        wait_for("supplies", lambda: told(server).supplies)
        status = told(server)
        assert [(one.name, one.level, one.state) for one in status.supplies] == [
            ("Cyan Toner", 30, SupplyState.OK),
            ("Drum", 5, SupplyState.LOW),
            ("Waste Box", 97, SupplyState.LOW),
        ]
        assert [(one.code, one.description) for one in status.alerts] == [
            ("markerTonerAlmostEmpty", "Toner low: cyan")
        ]
        assert (status.life_count, status.state) == (1200, PrinterState.IDLE)
        said = ipptool.ask(site.uri("raw"), "Get-Printer-Attributes").first
        assert (said["marker-levels"], said["printer-alert-description"]) == ([30, 5, 97], "Toner low: cyan")

        agent.say(objects(errors="04 00", cyan=0))  # jammed
        wait_for("the jam", lambda: told(server).state is PrinterState.STOPPED)
        wait_for("the supply", lambda: told(server).supplies[0].state is SupplyState.EMPTY)
        assert told(server).reasons == ["media-jam-error"]

        # Nobody asks it any more: what it said is gone.
        server.add_queue("raw", raw.uri, one_way=OneWay())
        server.order(FetchSnapshot())
        wait_for("no supplies", lambda: not told(server).supplies)
        assert COMMUNITY not in site.process.log.read_text()


def test_a_printer_that_says_its_supplies_over_ipp_keeps_its_own_state(
    server: ContractServer, office: PrintServer, printer: VirtualPrinter, agent: SnmpAgent
) -> None:
    agent.say(objects(errors="04 00"))
    server.add_queue("office", printer.uri, snmp=Snmp(port=agent.port, community=COMMUNITY))
    server.order(FetchSnapshot())
    wait_for("the counter", lambda: told(server).life_count == 1200)
    assert told(server).state is PrinterState.IDLE
    assert [one.name for one in told(server).supplies][:1] == ["Black Toner"]
