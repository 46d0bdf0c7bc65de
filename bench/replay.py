"""The server is back after a long absence: how fast are 50,000 jobs that were printed without it told and booked?"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from bench.connection import Connection
from bench.fill_journal import add_offline_jobs
from bench.progress import say
from bench.requests import USER, get_printer_attributes
from bench.result import Result
from bench.sides import Everprint, everprint_queues
from bench.weight import weigh
from everprint.provider.journal.schema import open_read_only
from rig.postgresql import run_postgresql
from rig.virtual_printer import run_virtual_printer

TITLE = "Replay of jobs that were printed while the server was away"

_LOOK_EVERY_S = 0.25
_PATIENCE_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Replay:
    """How it went."""

    seconds: float
    slowest_answer_ms: float
    provider_pss_mib: float
    server_pss_mib: float
    fifths: list[float]  # jobs a second in each fifth of the way


def run(quick: bool) -> Result:
    """On SQLite, then on PostgreSQL."""
    jobs = 200 if quick else 50_000
    result = Result(
        title=TITLE,
        columns=(
            "database", "jobs", "jobs/s", "first fifth", "last fifth", "provider's PSS MiB", "server's PSS MiB",
            "slowest answer ms",
        ),
        notes=[
            "From a cold start of the print server, with six events of each job in its journal, until the "
            "Application Server has taken the last: each job is reserved, settled and logged, in order.",
            "PSS at its greatest. Slowest answer: of Get-Printer-Attributes at the print server, asked every "
            f"{_LOOK_EVERY_S * 1000:.0f} ms meanwhile.",
            "Both databases sync every commit.",
        ],
    )  # fmt: skip
    with ExitStack() as stack:
        printer = stack.enter_context(run_virtual_printer("--pictures", "none"))
        cluster = stack.enter_context(run_postgresql(fsync=True))
        for name, database in (("SQLite", ""), ("PostgreSQL", cluster.create_database("everprint"))):
            say(f"{jobs:,} jobs on {name}")
            with everprint_queues([printer.uri], database=database) as side:
                found = _replay(side, jobs)
            result.rows.append(
                (
                    name,
                    f"{jobs:,}",
                    f"{jobs / found.seconds:,.0f}",
                    f"{found.fifths[0]:,.0f}",
                    f"{found.fifths[-1]:,.0f}",
                    f"{found.provider_pss_mib:.0f}",
                    f"{found.server_pss_mib:.0f}",
                    f"{found.slowest_answer_ms:.0f}",
                )
            )
    return result


def _replay(side: Everprint, jobs: int) -> Replay:
    side.provider.stop()
    add_offline_jobs(side.journal, jobs, "office-1", USER)
    whole = _waiting(side.journal)
    began = time.perf_counter()
    side.provider.start()
    question = side.request(get_printer_attributes(side.uri, "printer-state"))
    connection = Connection("127.0.0.1", side.port)
    slowest = heaviest = heaviest_server = 0.0
    reached: list[float] = []
    while (left := _waiting(side.journal)) or len(reached) < 5:
        now = time.perf_counter()
        while len(reached) < 5 and whole - left >= whole * (len(reached) + 1) // 5:
            reached.append(now - began)
        if not left:
            break
        if now > began + _PATIENCE_S:
            raise TimeoutError(f"{left} events were not taken within {_PATIENCE_S:g} s")
        connection.ask(question)
        slowest = max(slowest, time.perf_counter() - now)
        heaviest = max(heaviest, weigh(side.provider.pid).pss_mib)
        heaviest_server = max(heaviest_server, weigh(side.server.pid).pss_mib)
        time.sleep(_LOOK_EVERY_S)
    connection.close()
    fifths = [jobs / 5 / max(end - start, 1e-6) for start, end in zip([0.0, *reached], reached, strict=False)]
    return Replay(reached[-1], slowest * 1000, heaviest, heaviest_server, fifths)


def _waiting(journal: Path) -> int:
    with closing(open_read_only(journal)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM outbox WHERE job_uuid IS NOT NULL").fetchone()
        return int(number)
