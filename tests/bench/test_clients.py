"""The load clients count only what was really answered, and stop at anything else. Their peer here is cupsd."""

import subprocess
from collections.abc import Iterator

import pytest

from bench.follow import Itinerary, Queue, follow_jobs
from bench.load import Plan, apply_load
from bench.requests import get_completed_jobs, get_printer_attributes, one_page_pdf, print_job
from bench.sides import Side, cupsd_raw_queue
from bench.weight import weigh
from rig.cupsd import run_cupsd
from rig.ippeveprinter import run_ippeveprinter


@pytest.fixture(scope="module")
def side() -> Iterator[Side]:
    with cupsd_raw_queue() as side:
        yield side


def plan(side: Side, body: bytes, *, jobs: int) -> Plan:
    requests = [side.request(body)] * jobs
    return Plan(host="127.0.0.1", port=side.port, requests=requests, connections=4, seconds=None)


def test_every_request_is_sent_once_and_answered(side: Side) -> None:
    report = apply_load(plan(side, print_job(side.uri), jobs=25))
    assert report.answers == 25
    assert report.per_second == pytest.approx(25 / report.seconds)


def test_a_load_for_some_time_ends_in_time(side: Side) -> None:
    request = side.request(get_printer_attributes(side.uri, "printer-state"))
    report = apply_load(Plan(host="127.0.0.1", port=side.port, requests=[request], connections=2, seconds=0.2))
    assert report.answers > 10
    assert 0.2 <= report.seconds < 2


def test_an_answer_that_is_not_successful_ends_the_load(side: Side) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        apply_load(plan(side, print_job(side.uri + "-that-nobody-made"), jobs=1))


def test_jobs_are_followed_until_the_printer_has_completed_them() -> None:
    with run_cupsd() as cups, run_ippeveprinter() as printer:
        cups.add_driverless_queue("office", printer.uri)
        side = Side((cups.uri("office"),), (cups.process.pid,))
        queue = Queue(
            host="127.0.0.1",
            port=side.port,
            print_job=side.request(print_job(side.uri)),
            get_completed_jobs=side.request(get_completed_jobs(side.uri)),
        )
        journey = follow_jobs(
            Itinerary(queues=[queue], jobs=2, outstanding=2, connections=2, poll_every_s=0.02, patience_s=30)
        )
        assert len(journey.latencies) == 2
        assert len(printer.documents()) == 2
        assert 0 < min(journey.latencies) <= max(journey.latencies) <= journey.seconds


def test_a_process_weighs_something_and_works(side: Side) -> None:
    weight = weigh(*side.pids)
    assert 1 < weight.pss_mib <= weight.rss_mib
    assert weight.processes >= 1
    before = side.processor_seconds()
    apply_load(plan(side, get_printer_attributes(side.uri), jobs=2000))
    assert side.processor_seconds() > before


def test_the_document_is_as_large_as_the_benchmark_says() -> None:
    assert 29_000 < len(one_page_pdf()) < 31_000
    assert one_page_pdf().startswith(b"%PDF-")
