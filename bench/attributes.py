"""How many clients may ask a queue how it is: Get-Printer-Attributes a second, beside cupsd."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from bench.alternate import alternate
from bench.load import Plan, Report, apply_load
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
        columns=("attributes", "Everprint", "cupsd", "Everprint is", "a core used by Everprint", "by the client"),
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
            our_reports, their_reports = measures.values()
            our_rates = [report.per_second for report, _ in our_reports]
            their_rates = [report.per_second for report, _ in their_reports]
            result.rows.append(
                (
                    label,
                    spread(our_rates),
                    spread(their_rates),
                    ratio(our_rates, their_rates),
                    f"{median(cores for _, cores in our_reports):.2f}",
                    f"{median(report.client_cpu for report, _ in our_reports):.2f}",
                )
            )
    return result


def _ask(side: Side, names: tuple[str, ...], seconds: float) -> Callable[[], tuple[Report, float]]:
    request = side.request(get_printer_attributes(side.uri, *names))

    def measure() -> tuple[Report, float]:
        before = side.processor_seconds()
        report = apply_load(
            Plan(host="127.0.0.1", port=side.port, requests=[request], connections=16, seconds=seconds)
        )
        return report, (side.processor_seconds() - before) / report.seconds

    return measure
