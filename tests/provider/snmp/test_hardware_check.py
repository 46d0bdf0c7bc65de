"""Jobs checked against the printer's own counter: a raw port says one thing, its agent counts another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from everprint.contract.messages import CounterCheck, JobFinished, OneWay
from everprint.contract.snmp import Snmp
from rig.snmp_agent import COMMUNITY, SnmpAgent, run_snmp_agent
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.pjl_printer import PjlPrinter, run_pjl_printer
from tests.provider.snmp.printers import printer
from tests.provider.submit import FOUR_PAGES, submit
from tests.provider.world import PrintServer, run_print_server


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    with run_snmp_agent(printer()) as agent:
        yield agent


@pytest.fixture
def raw() -> Iterator[PjlPrinter]:
    with run_pjl_printer() as raw:
        yield raw


@pytest.fixture
def site(server: ContractServer, raw: PjlPrinter, agent: SnmpAgent) -> Iterator[PrintServer]:
    snmp = Snmp(port=agent.port, community=COMMUNITY, check_counter=True)
    described = OneWay(document_formats=("application/pdf",), media=("iso_a4_210x297mm",))
    server.add_queue("raw", raw.uri, one_way=described, snmp=snmp)
    with run_print_server(server.url) as site:
        site.wait_for_queue("raw")
        yield site


def documents(raw: PjlPrinter) -> int:
    """How many it got, or began to get."""
    return sum(b"%PDF" in octets for octets in raw.got)


def printed(server: ContractServer, site: PrintServer, raw: PjlPrinter, agent: SnmpAgent, count: int) -> JobFinished:
    """Four pages, at whose end the counter stands there."""
    jobs = documents(raw)
    raw.waits.clear()
    submit(site, FOUR_PAGES, queue="raw")
    wait_for("the printer to have it", lambda: documents(raw) > jobs)
    agent.say(printer(count=count))
    raw.waits.set()
    return server.finished(jobs + 1, within_s=120.0)[-1]


def test_a_job_costs_what_the_counter_says_where_that_makes_sense(
    server: ContractServer, site: PrintServer, raw: PjlPrinter, agent: SnmpAgent
) -> None:
    finished = printed(server, site, raw, agent, 1203)
    assert (finished.output.impressions, finished.counter) == (3, CounterCheck(before=1200, after=1203))
    finished = printed(server, site, raw, agent, 1203)
    assert (finished.output.impressions, finished.counter) == (
        4,
        CounterCheck(before=1203, after=1203, remark="The counter did not move."),
    )
    finished = printed(server, site, raw, agent, 1300)
    assert finished.counter is not None
    assert (finished.output.impressions, finished.counter.remark) == (
        4,
        "The counter moved further than the job is long.",
    )


def test_a_counter_that_cannot_be_read_keeps_no_job_waiting(
    server: ContractServer, site: PrintServer, raw: PjlPrinter, agent: SnmpAgent
) -> None:
    agent.say({})
    submit(site, FOUR_PAGES, queue="raw")
    (finished,) = server.finished(1, within_s=120.0)
    assert (finished.output.impressions, finished.counter) == (4, None)
