"""2,000 clients that stay connected and ask every few seconds how their printer is, beside cupsd."""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median, quantiles

from bench.alternate import alternate
from bench.poll import PollPlan, PollReport, poll_all
from bench.requests import get_printer_attributes
from bench.result import Result
from bench.sides import Side, cupsd_raw_queue, everprint_held_queue
from bench.weight import weigh

TITLE = "Clients that poll: Get-Printer-Attributes from open connections"

EVERY_S = 5.0
ASKED = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "queued-job-count")


def run(quick: bool) -> Result:
    """Both sides run all the time and are polled by turns."""
    clients, seconds, rounds = (100, 2.0, 1) if quick else (2_000, 20.0, 3)
    result = Result(
        title=TITLE,
        columns=("side", "clients", "answers/s", "median ms", "p99 ms", "cores", "PSS MiB idle", "PSS MiB polled"),
        notes=[
            f"Each client keeps one connection and asks for {len(ASKED)} attributes every {EVERY_S:g} s; they are "
            "spread evenly. Latency counts from the moment at which the client was to ask.",
            "Cores: processor seconds a second, of the provider and its server, and of cupsd. PSS: of the provider "
            "and its analysers, and of cupsd.",
        ],
    )
    with ExitStack() as stack:
        ours = stack.enter_context(everprint_held_queue())
        theirs = stack.enter_context(cupsd_raw_queue(max_clients=clients + 100))
        sides: dict[str, Side] = {"Everprint": ours, "cupsd": theirs}
        idle = {name: weigh(side.pids[0]).pss_mib for name, side in sides.items()}
        measures = alternate({name: _Polling(side, clients, seconds) for name, side in sides.items()}, rounds)
        weights = {name: weigh(side.pids[0]).pss_mib for name, side in sides.items()}
    for name, taken in measures.items():
        latencies = [latency * 1000 for report, _ in taken for latency in report.latencies]
        rate = median(len(report.latencies) / report.seconds for report, _ in taken)
        cores = median(worked / report.seconds for report, worked in taken)
        p99 = quantiles(latencies, n=100, method="inclusive")[98]
        result.rows.append(
            (
                name,
                f"{clients:,}",
                f"{rate:,.0f}",
                f"{median(latencies):.1f}",
                f"{p99:.1f}",
                f"{cores:.2f}",
                f"{idle[name]:.0f}",
                f"{weights[name]:.0f}",
            )
        )
    return result


class _Polling:
    """One round at one side: the report, and the seconds that the side worked."""

    def __init__(self, side: Side, clients: int, seconds: float) -> None:
        self._side = side
        self._plan = PollPlan(
            host="127.0.0.1",
            port=side.port,
            request=side.request(get_printer_attributes(side.uri, *ASKED)),
            clients=clients,
            every_s=min(EVERY_S, seconds / 2),
            seconds=seconds,
        )

    def __call__(self) -> tuple[PollReport, float]:
        before = self._side.processor_seconds()
        report = poll_all(self._plan)
        return report, self._side.processor_seconds() - before
