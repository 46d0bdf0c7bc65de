"""How many jobs a second are accepted from 16 clients, each safe on disk before it is answered, beside cupsd."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from statistics import median

from bench.alternate import alternate
from bench.load import Plan
from bench.measure import Measure, measure_load
from bench.requests import one_page_pdf, print_job
from bench.result import Result, ratio, spread
from bench.sides import Side, cupsd_raw_queue, everprint_held_queue

TITLE = "Jobs accepted a second: Print-Job, 16 connections"

EVERPRINT = "Everprint, held queue"
CUPSD = "cupsd, raw queue, SyncOnClose Yes"
CUPSD_AT_ONCE = "cupsd, raw queue, SyncOnClose Yes, DirtyCleanInterval 0"


def run(quick: bool) -> Result:
    """Every round starts its side anew: thousands of pending jobs would slow the next round."""
    seconds, rounds = (1.0, 1) if quick else (5.0, 5)
    sides: dict[str, Callable[[], Measure]] = {
        EVERPRINT: partial(_measure, everprint_held_queue, seconds),
        CUPSD: partial(_measure, cupsd_raw_queue, seconds),
        CUPSD_AT_ONCE: partial(_measure, partial(cupsd_raw_queue, dirty_clean_interval=0), seconds),
    }
    measures = alternate(sides, rounds)
    ours = [measure.report.per_second for measure in measures[EVERPRINT]]
    result = Result(
        title=TITLE,
        columns=("side", "jobs/s", "Everprint is", "processor ms a job", "client's cores"),
        notes=[
            f"Document: a PDF of one page, {len(one_page_pdf()):,} octets, sent anew with each job.",
            "Everprint syncs the document and its journal entry before it answers. Its queue holds its jobs; each is "
            "analysed and reported to the Application Server, which stores it, meanwhile: that is in the figure.",
            "cupsd with SyncOnClose syncs its job files up to 30 s after the answer, with DirtyCleanInterval 0 "
            "at once, but the document never (strace shows it). Its queue is stopped: it does nothing but accept.",
        ],
    )
    for name, taken in measures.items():
        rates = [measure.report.per_second for measure in taken]
        processor = median(measure.processor_s / measure.report.answers for measure in taken) * 1000
        client = f"{median(measure.report.client_cpu for measure in taken):.2f}"
        result.rows.append(
            (name, spread(rates), "" if name == EVERPRINT else ratio(ours, rates), f"{processor:.1f}", client)
        )
    return result


def _measure(start: Callable[[], AbstractContextManager[Side]], seconds: float) -> Measure:
    with start() as side:
        request = side.request(print_job(side.uri))
        plan = Plan(host="127.0.0.1", port=side.port, requests=[request], connections=16, seconds=seconds)
        return measure_load(side, plan)
