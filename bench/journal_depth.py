"""Does acceptance slow as the journal grows? Jobs accepted a second with 0, 10,000 and 100,000 jobs in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench.alternate import alternate
from bench.cold_start import seconds_to_first_job
from bench.fill_journal import add_finished_jobs
from bench.load import Plan
from bench.measure import Measure, measure_load
from bench.requests import USER, print_job
from bench.result import Result, ratio, spread
from bench.sides import everprint_held_queue
from bench.weight import weigh

TITLE = "Jobs accepted a second, by the number of jobs in the journal"


@dataclass(frozen=True, slots=True)
class Depth:
    """One round at one depth."""

    load: Measure
    first_job_s: float
    pss_mib: float


def run(quick: bool) -> Result:
    """By turns; each round has a journal of its own."""
    depths, seconds, rounds = ((0, 1_000), 1.0, 1) if quick else ((0, 10_000, 100_000), 5.0, 3)
    sides: dict[str, Callable[[], Depth]] = {
        f"{depth:,}": partial(_measure, depth, max(depths), seconds) for depth in depths
    }
    measures = alternate(sides, rounds)
    result = Result(
        title=TITLE,
        columns=("jobs in the journal", "jobs/s", "of the empty one's", "first job after s", "provider's PSS MiB"),
        notes=[
            "Print-Job from 16 connections to a queue that holds, as in the table of acceptance.",
            "The jobs in the journal are finished ones that are kept to be asked for (finished_jobs_kept, by default "
            "2,000: a hundred thousand is fifty times that).",
            "First job: from a cold start with that journal to the answer to a Print-Job; the journal is read first.",
        ],
    )
    empty = [depth.load.report.per_second for depth in measures["0"]]
    for name, taken in measures.items():
        rates = [depth.load.report.per_second for depth in taken]
        starts = spread([depth.first_job_s for depth in taken], 2)
        result.rows.append(
            (name, spread(rates), ratio(rates, empty), starts, f"{median(depth.pss_mib for depth in taken):.0f}")
        )
    return result


def _measure(depth: int, most: int, seconds: float) -> Depth:
    with everprint_held_queue(finished_jobs_kept=2 * most + 2_000) as side:
        side.provider.stop()
        add_finished_jobs(side.journal, depth, "office-1", USER)
        request = side.request(print_job(side.uri))
        first_job_s = seconds_to_first_job(side.port, request, [side.provider])
        load = measure_load(
            side, Plan(host="127.0.0.1", port=side.port, requests=[request], connections=16, seconds=seconds)
        )
        return Depth(load, first_job_s, weigh(side.provider.pid).pss_mib)
