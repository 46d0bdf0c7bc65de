"""How many clients may ask a queue how it is: Get-Printer-Attributes a second, beside cupsd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench.alternate import alternate
from bench.load import Plan
from bench.measure import Measure, measure_load
from bench.requests import get_printer_attributes
from bench.result import Result, ratio, spread
from bench.sides import Side, cupsd_raw_queue, everprint_held_queue

TITLE = "Get-Printer-Attributes a second, 16 connections"

FEW = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")


def run(quick: bool) -> Result:
    """Both sides run all the time and are asked by turns; an idle side costs the other nothing."""
    seconds, rounds = (1.0, 1) if quick else (5.0, 3)
    result = Result(
        title=TITLE,
        columns=("attributes", "side", "answers/s", "Everprint is", "processor µs an answer", "client's cores"),
        notes=["The client is one process; where it uses nearly a whole core, the server could do more."],
    )
    with ExitStack() as stack:
        ours, theirs = stack.enter_context(everprint_held_queue()), stack.enter_context(cupsd_raw_queue())
        for label, names in ((f"{len(FEW)}", FEW), ("all", ())):
            measures = alternate(
                {
                    f"Everprint, {label} attributes": _ask(ours, names, seconds),
                    f"cupsd, {label} attributes": _ask(theirs, names, seconds),
                },
                rounds,
            )
            ours_taken, theirs_taken = measures.values()
            our_rates = [measure.report.per_second for measure in ours_taken]
            their_rates = [measure.report.per_second for measure in theirs_taken]
            result.rows.append((label, "Everprint", spread(our_rates), "", *_costs(ours_taken)))
            result.rows.append(
                (label, "cupsd", spread(their_rates), ratio(our_rates, their_rates), *_costs(theirs_taken))
            )
    return result


def _costs(taken: Sequence[Measure]) -> tuple[str, str]:
    processor = median(measure.processor_s / measure.report.answers for measure in taken) * 1e6
    return f"{processor:.0f}", f"{median(measure.report.client_cpu for measure in taken):.2f}"


def _ask(side: Side, names: tuple[str, ...], seconds: float) -> Callable[[], Measure]:
    request = side.request(get_printer_attributes(side.uri, *names))
    plan = Plan(host="127.0.0.1", port=side.port, requests=[request], connections=16, seconds=seconds)
    return partial(measure_load, side, plan)
