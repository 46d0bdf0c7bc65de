"""What Everprint weighs when nobody prints, and how soon after a start its first job is accepted, beside cupsd."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial

from bench.alternate import alternate
from bench.cold_start import seconds_to_first_job
from bench.requests import print_job
from bench.result import Result, spread
from bench.sides import Side, everprint_held_queue
from bench.weight import Weight, weigh
from rig.cupsd import run_cupsd
from rig.process import Process

TITLE = "Memory at rest, and seconds from a cold start to the first accepted job"


def run(quick: bool) -> Result:
    """Weighs first, then stops and starts each part by turns."""
    idle_s, rounds = (1.0, 1) if quick else (15.0, 5)
    result = Result(
        title=TITLE,
        columns=("part", "PSS MiB", "RSS MiB", "processes", "first job after s"),
        notes=[
            f"Weighed with one queue and no job after {idle_s:g} s of rest, child processes included. PSS divides "
            "pages that processes share; RSS counts them in each.",
            "From the start of the process (its folder and database are there already) to the answer to a Print-Job.",
            "The provider takes jobs without its server: queues and users' rights are in its snapshot. The last line "
            "is for a whole installation on one machine, both parts started at the same moment.",
        ],
    )
    with ExitStack() as stack:
        ours = stack.enter_context(everprint_held_queue())
        cups = stack.enter_context(run_cupsd(sync_on_close=True))
        cups.add_raw_queue("nowhere")
        theirs = Side((cups.uri("nowhere"),), (cups.process.pid,))
        time.sleep(idle_s)
        server, provider, cupsd = weigh(ours.server.pid), weigh(ours.provider.pid), weigh(*theirs.pids)
        starts = alternate(
            {
                "provider": partial(_first_job, ours, [ours.provider]),
                "server and provider": partial(_first_job, ours, [ours.server, ours.provider]),
                "cupsd": partial(_first_job, theirs, [cups.process]),
            },
            rounds,
        )
    result.rows.append(_row("Print Provider", provider, starts["provider"]))
    result.rows.append(_row("Application Server", server, []))
    result.rows.append(_row("cupsd", cupsd, starts["cupsd"]))
    result.rows.append(("server and provider", "", "", "", spread(starts["server and provider"], 2)))
    return result


def _row(name: str, weight: Weight, starts: list[float]) -> tuple[str, ...]:
    first_job = spread(starts, 2) if starts else ""
    return name, f"{weight.pss_mib:.0f}", f"{weight.rss_mib:.0f}", str(weight.processes), first_job


def _first_job(side: Side, processes: list[Process]) -> float:
    return seconds_to_first_job(side.port, side.request(print_job(side.uri)), processes)
