"""From the release of held jobs to their end: how many a second, on two printers, beside cupsd."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from bench.alternate import alternate
from bench.connection import Connection
from bench.load import Plan, apply_load
from bench.requests import get_waiting_jobs, print_job, release_job
from bench.result import Result, ratio, spread
from bench.sides import Side, cupsd_driverless_queues, everprint_queues
from rig.virtual_printer import run_virtual_printer

TITLE = "Held jobs released and printed, on two printers"

EVERPRINT, CUPSD = "Everprint", "cupsd, driverless queues"
_JOB_ID = re.compile(rb"\x21\x00\x06job-id\x00\x04(....)", re.DOTALL)
_POLL_EVERY_S = 0.05
_PATIENCE_S = 600.0


def run(quick: bool) -> Result:
    """All are held first, then released together; what is measured begins with the first release."""
    ours, theirs, rounds = (20, 6, 1) if quick else (600, 60, 3)
    measures = alternate(
        {
            EVERPRINT: partial(_measure, everprint_queues, ours),
            CUPSD: partial(_measure, cupsd_driverless_queues, theirs),
        },
        rounds,
    )
    result = Result(
        title=TITLE,
        columns=("side", "held jobs", "released and printed/s", "Everprint is"),
        notes=[
            "Print-Job with job-hold-until on two queues, then a Release-Job for each job from 8 connections, until "
            f"no queue has a job that waits (Get-Jobs, asked every {_POLL_EVERY_S * 1000:.0f} ms on both sides).",
            "Each released job is decided anew at Everprint's server: who may print may have changed. cupsd has "
            "fewer jobs because its backend prints one a second and printer, however many there are.",
        ],
    )
    result.rows.append((EVERPRINT, f"{ours:,}", spread(measures[EVERPRINT], 1), ""))
    compared = ratio(measures[EVERPRINT], measures[CUPSD])
    result.rows.append((CUPSD, f"{theirs:,}", spread(measures[CUPSD], 1), compared))
    return result


def _measure(start: Callable[[Sequence[str]], AbstractContextManager[Side]], jobs: int) -> float:
    with ExitStack() as stack:
        printers = [stack.enter_context(run_virtual_printer("--pictures", "none")).uri for _ in range(2)]
        side = stack.enter_context(start(printers))
        releases: list[bytes] = []
        for uri in side.uris:
            submit = side.request(print_job(uri, held=True), uri)
            made = _one_after_the_other(side, [submit] * (jobs // len(side.uris)))
            releases += [side.request(release_job(uri, number), uri) for number in made]
        questions = [side.request(get_waiting_jobs(uri), uri) for uri in side.uris]
        began = time.perf_counter()
        apply_load(Plan(host="127.0.0.1", port=side.port, requests=releases, connections=8, seconds=None))
        connection = Connection("127.0.0.1", side.port)
        while any(_JOB_ID.search(connection.ask(question)) for question in questions):
            if time.perf_counter() > began + _PATIENCE_S:
                raise TimeoutError(f"{jobs} released jobs were not printed within {_PATIENCE_S:g} s")
            time.sleep(_POLL_EVERY_S)
        elapsed = time.perf_counter() - began
        connection.close()
        return len(releases) / elapsed


def _one_after_the_other(side: Side, requests: Sequence[bytes]) -> list[int]:
    """Sends them one after the other; the numbers of the jobs that were made."""
    connection = Connection("127.0.0.1", side.port)
    numbers: list[int] = []
    for request in requests:
        found = _JOB_ID.search(connection.ask(request))
        assert found, "Print-Job was answered without a job-id"
        numbers.append(int.from_bytes(found[1], "big"))
    connection.close()
    return numbers
