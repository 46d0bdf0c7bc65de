"""From submission to "completed": how many jobs a second, and how long one takes, on two printers, beside cupsd."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from bench.alternate import alternate
from bench.follow import Itinerary, Journey, Queue, follow_jobs
from bench.requests import get_completed_jobs, one_page_pdf, print_job
from bench.result import Result, ratio, spread
from bench.sides import Side, cupsd_driverless_queues, everprint_queues
from rig.virtual_printer import run_virtual_printer

TITLE = "Jobs from submission to completed, on two printers"

EVERPRINT, CUPSD = "Everprint", "cupsd, driverless queues"
POLL_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Measure:
    """One journey, and the processor time of each job on the side that was measured, without the printers'."""

    journey: Journey
    processor_ms: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How jobs are submitted."""

    name: str
    jobs_a_queue: int
    outstanding: int


def run(quick: bool) -> Result:
    """Each round starts its side and both printers anew, so that all histories are equally short."""
    rounds = 1 if quick else 3
    manners = [
        Manner("all at once", 5 if quick else 50, 10_000),
        Manner("one at a time", 3 if quick else 10, 1),
    ]
    result = Result(
        title=TITLE,
        columns=("submitted", "side", "jobs/s", "Everprint is", "median s", "p99 s", "processor ms a job"),
        notes=[
            f"Print-Job with a one-page PDF of {len(one_page_pdf()):,} octets, from 8 connections a queue, until the "
            f"queue says by Get-Jobs, asked every {POLL_EVERY_S * 1000:.0f} ms on both sides, that it is completed.",
            "The printers are the same: Everprint's virtual printers, without pictures, as fast as they can.",
            "Everprint analyses each document, has it priced and its cost reserved, delivers and settles it; CUPS "
            "has no accounts, but filters each document (pdftopdf). Its IPP backend looks at a job once a second.",
            "Sent all at once, most of a job's time is waiting for those before it; the number of jobs is "
            + ", ".join(f"{2 * manner.jobs_a_queue} {manner.name}" for manner in manners)
            + ".",
        ],
    )
    for manner in manners:
        measures = alternate(
            {
                f"{EVERPRINT}, {manner.name}": _measure(everprint_queues, manner),
                f"{CUPSD}, {manner.name}": _measure(cupsd_driverless_queues, manner),
            },
            rounds,
        )
        ours, theirs = measures.values()
        our_rates = [measure.journey.per_second for measure in ours]
        their_rates = [measure.journey.per_second for measure in theirs]
        result.rows.append((manner.name, EVERPRINT, spread(our_rates, 1), "", *_times(ours)))
        compared = ratio(our_rates, their_rates)
        result.rows.append((manner.name, CUPSD, spread(their_rates, 1), compared, *_times(theirs)))
    return result


def _times(measures: list[Measure]) -> tuple[str, str, str]:
    latencies = [latency for measure in measures for latency in measure.journey.latencies]
    p99 = quantiles(latencies, n=100, method="inclusive")[98]
    processor = median(measure.processor_ms for measure in measures)
    return f"{median(latencies):.3f}", f"{p99:.3f}", f"{processor:.0f}"


def _measure(start: Callable[[Sequence[str]], AbstractContextManager[Side]], manner: Manner) -> Callable[[], Measure]:
    def measure() -> Measure:
        with _two_printers() as printers, start(printers) as side:
            itinerary = Itinerary(
                queues=[_queue(side, uri) for uri in side.uris],
                jobs=manner.jobs_a_queue,
                outstanding=manner.outstanding,
                connections=8,
                poll_every_s=POLL_EVERY_S,
                patience_s=300,
            )
            before = side.processor_seconds()
            journey = follow_jobs(itinerary)
            used = side.processor_seconds() - before
            return Measure(journey, used * 1000 / len(journey.latencies))

    return measure


def _queue(side: Side, uri: str) -> Queue:
    return Queue(
        host="127.0.0.1",
        port=side.port,
        print_job=side.request(print_job(uri), uri),
        get_completed_jobs=side.request(get_completed_jobs(uri), uri),
    )


@contextmanager
def _two_printers() -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(run_virtual_printer("--pictures", "none")).uri for _ in range(2)]
