"""600 held jobs, and 10,000 that wait for a printer: what is accepted, answered and weighed then, beside cupsd."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench.cold_start import seconds_to_first_job
from bench.connection import Connection
from bench.load import Plan, apply_load
from bench.progress import say
from bench.requests import get_printer_attributes, get_waiting_jobs, print_job
from bench.result import Result
from bench.sides import Side, everprint_queues
from bench.weight import weigh
from rig.cupsd import run_cupsd
from rig.process import Process
from rig.virtual_printer import run_virtual_printer

TITLE = "A backlog: 600 held jobs, and 10,000 that wait for their printer"

_QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Peer:
    """A side, and the process that takes jobs."""

    name: str
    side: Side
    front: Process


def run(quick: bool) -> Result:
    """One side after the other: each has the machine for itself."""
    steps = ((20, True), (100, False)) if quick else ((600, True), (2_500, False), (7_500, False))
    result = Result(
        title=TITLE,
        columns=(
            "side",
            "jobs waiting",
            "accepted/s",
            "Get-Jobs ms",
            "attributes ms",
            "PSS MiB",
            "first job after s",
        ),
        notes=[
            "The held ones carry job-hold-until; the others wait because their printer takes none. The rate is that "
            "of the last step: from the number of jobs of the line before to that of this line.",
            "Get-Jobs asks for all that wait; Everprint tells 500 at once, cupsd all. Medians of "
            f"{_QUESTIONS}, from one connection, straight after the last job was accepted.",
            "PSS of the provider and its analysers, and of cupsd. First job: from a cold start with this backlog to "
            "the answer to a Print-Job.",
            "Everprint analyses, prices and reserves each job meanwhile; cupsd does nothing but keep them.",
        ],
    )
    for start in (_everprint, _cupsd):
        with start() as peer:
            waiting = 0
            for jobs, held in steps:
                waiting += jobs
                say(f"{peer.name}: {waiting:,} jobs")
                result.rows.append((peer.name, f"{waiting:,}", *_add_and_ask(peer, jobs, held=held)))
    return result


def _add_and_ask(peer: Peer, jobs: int, *, held: bool) -> Sequence[str]:
    side = peer.side
    requests = [side.request(print_job(side.uri, held=held))] * jobs
    report = apply_load(Plan(host="127.0.0.1", port=side.port, requests=requests, connections=16, seconds=None))
    asked = [
        _median_ms(side, side.request(body))
        for body in (get_waiting_jobs(side.uri), get_printer_attributes(side.uri, "printer-state"))
    ]
    weight = weigh(peer.front.pid)
    first_job_s = seconds_to_first_job(side.port, requests[0], [peer.front])
    return (
        f"{report.per_second:,.0f}",
        f"{asked[0]:.1f}",
        f"{asked[1]:.1f}",
        f"{weight.pss_mib:.0f}",
        f"{first_job_s:.2f}",
    )


def _median_ms(side: Side, request: bytes) -> float:
    connection = Connection("127.0.0.1", side.port)
    took: list[float] = []
    for _ in range(_QUESTIONS):
        began = time.perf_counter()
        connection.ask(request)
        took.append(time.perf_counter() - began)
    connection.close()
    return median(took) * 1000


@contextmanager
def _everprint() -> Iterator[Peer]:
    with run_virtual_printer("--pictures", "none") as printer, everprint_queues([printer.uri]) as side:
        printer.tell("busy")
        yield Peer("Everprint", side, side.provider)


@contextmanager
def _cupsd() -> Iterator[Peer]:
    with run_cupsd(sync_on_close=True) as cups:
        cups.add_raw_queue("nowhere")
        yield Peer("cupsd", Side((cups.uri("nowhere"),), (cups.process.pid,)), cups.process)
