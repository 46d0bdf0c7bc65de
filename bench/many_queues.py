"""1,000 queues on one print server: how it starts, answers and rests, beside cupsd."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cold_start import seconds_to_first_job
from bench.load import Plan, apply_load
from bench.progress import say
from bench.requests import USER, get_printer_attributes, print_job
from bench.result import Result
from bench.sides import Side
from bench.weight import processor_seconds, weigh
from rig.cupsd import run_cupsd
from rig.everprint import run_provider, run_server
from rig.process import Process, part_environment
from rig.virtual_printer import run_virtual_printer

TITLE = "Many queues on one print server"

_QUEUES = 1_000


@dataclass(frozen=True, slots=True)
class Peer:
    """A side with that many queues, and the process that has them."""

    name: str
    side: Side
    process: Process


def run(quick: bool) -> Result:
    """One side after the other; each with 1 queue and with all, so that what a queue costs can be told."""
    counts, rest_s, seconds = ((1, 20), 1.0, 1.0) if quick else ((1, _QUEUES), 20.0, 5.0)
    result = Result(
        title=TITLE,
        columns=("side", "queues", "first job after s", "attributes/s", "cores at rest", "PSS MiB"),
        notes=[
            "First job: from a cold start to the answer to a Print-Job in the last queue.",
            "Attributes: Get-Printer-Attributes of three attributes, of each queue in turn, from 16 connections.",
            f"At rest: the {rest_s:g} s after that. Everprint looks at each queue's printer every 30 s by default "
            "(here one virtual printer for all queues); cupsd looks at none.",
            "PSS and cores of the provider and its analysers, and of cupsd.",
        ],
    )
    for start in (_everprint, _cupsd):
        for number in counts:
            say(f"{start.__name__.strip('_')}: {number:,} queues")
            with start(number) as peer:
                result.rows.append((peer.name, f"{number:,}", *_measure(peer, rest_s, seconds)))
    return result


def _measure(peer: Peer, rest_s: float, seconds: float) -> tuple[str, ...]:
    side = peer.side
    last = side.uris[-1]
    first_job_s = seconds_to_first_job(side.port, side.request(print_job(last), last), [peer.process])
    requests = [side.request(get_printer_attributes(uri, "printer-state", "printer-name"), uri) for uri in side.uris]
    plan = Plan(host="127.0.0.1", port=side.port, requests=requests, connections=16, seconds=seconds)
    rate = apply_load(plan).per_second
    before = processor_seconds(peer.process.pid)
    time.sleep(rest_s)
    worked = processor_seconds(peer.process.pid) - before
    pss_mib = weigh(peer.process.pid).pss_mib
    return f"{first_job_s:.2f}", f"{rate:,.0f}", f"{worked / rest_s:.2f}", f"{pss_mib:.0f}"


@contextmanager
def _everprint(number: int) -> Iterator[Peer]:
    with (
        run_virtual_printer("--pictures", "none") as printer,
        run_server() as server,
        run_provider(server, log_level="warning") as provider,
    ):
        server.add_user(USER, "100000")
        subprocess.run(
            [sys.executable, "-m", "bench.add_queues", provider.name, printer.uri, str(number)],
            env=part_environment(server.environment),
            cwd=Path(__file__).parent.parent,
            check=True,
        )
        names = [f"office-{place}" for place in range(1, number + 1)]
        provider.wait_for_queue(names[-1])
        uris = tuple(map(provider.uri, names))
        yield Peer("Everprint", Side(uris, (provider.process.pid,)), provider.process)


@contextmanager
def _cupsd(number: int) -> Iterator[Peer]:
    with run_cupsd(sync_on_close=True) as cups:
        names = [f"office-{place}" for place in range(1, number + 1)]
        for name in names:
            cups.add_raw_queue(name)
        yield Peer("cupsd", Side(tuple(map(cups.uri, names)), (cups.process.pid,)), cups.process)
