"""Fills, asks, weighs: one table, a column for each size, so that the growth with the history is seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

import psycopg

from bench.campus.aging import let_age
from bench.campus.directory import write_people
from bench.campus.fill import Filled, fill
from bench.campus.questions import Browser, PrintProvider, Spent, Times
from bench.campus.sizes import Size, sizes
from bench.campus.weights import Weight, megabytes_per_10_000, weights
from bench.progress import say
from bench.requests import USER
from bench.result import Result
from bench.weight import processor_seconds
from rig.everprint import Provider, Server, run_server
from rig.folder import private_folder
from rig.postgresql import run_postgresql
from rig.waiting import wait_for

TITLE = "A campus: 350,000 people, 2,000 printers and a year of jobs, on PostgreSQL"
QUEUE = "office"
_LONGEST_S = 4 * 3600
Cells = dict[str, str]


def run(quick: bool) -> Result:
    """One size after the other, each on a database of its own."""
    measured = {size: _measure(size, quick) for size in sizes(quick)}
    first = next(iter(measured))
    return Result(
        title=TITLE,
        columns=("question", *(size.words for size in measured)),
        rows=[(what, *(cells.get(what, "") for cells in measured.values())) for what in measured[first]],
        notes=[
            f"{first.users:,} people in {first.groups:,} groups, {first.printers:,} printers; a year of jobs, each "
            "with its time line, its answer and its bookings, copied in the database from one really printed.",
            "Milliseconds, median / 95th percentile (and of the processors, server and database), over HTTP from one "
            "client to one server process, each time for another person or printer; nothing else asks meanwhile. "
            "Reports are whole pages of the last 365 days.",
            "PostgreSQL with its own defaults (shared_buffers 64 MB, which is less), every commit synced.",
            "Weight: megabytes that 10,000 jobs add, after VACUUM: such copies, and jobs that lived in the server.",
            "Audit and sums are the server's own scheduled work, begun when it started; the audit found nothing.",
            "Sync: everybody from an external program; 1 of 100 has a new name or group, or left and came anew.",
        ],
    )


def _measure(size: Size, quick: bool) -> Cells:
    say(f"{TITLE}: {size.words}")
    cells: Cells = {}
    with run_postgresql(fsync=True) as cluster, private_folder("campus") as folder:
        database, people = cluster.create_database("everprint"), folder / "people.csv"
        settings = {"directory": "program", "directory_program": f"cat,{people}", "directory_every_h": "0"}
        with (
            run_server(database, None, **settings) as server,
            psycopg.connect(database, autocommit=True) as connection,
        ):
            provider, job, open_job = _originals(server, folder, size)
            let_age(connection, job)
            server.process.stop()
            with _noted(cells, "filled in s"):
                empty: list[Weight] = []
                filled = fill(
                    connection,
                    USER,
                    QUEUE,
                    job,
                    open_job,
                    size,
                    before_jobs=lambda: empty.extend(weights(connection)),
                )
                loaded = weights(connection)
            connection.execute("DELETE FROM schedule_scheduledwork")  # all is due
            server.process.start()
            _wait_for_scheduled_work(connection, cells)
            spent = partial(processor_seconds, server.process.pid, cluster.process.pid)
            _ask(server, provider, filled, size, cells, 10 if quick else 200, 2 if quick else 20, spent)
            _live(provider, connection, 20 if quick else 2_000, cells)
            _weigh(empty, loaded, size, cells)
            _sync(server, people, size, cells)
            with _noted(cells, "server audit, s"):
                server.command("audit")
    return cells


def _originals(server: Server, folder: Path, size: Size) -> tuple[PrintProvider, str, str]:
    """One person, one printer, two jobs that were printed and paid for."""
    provider = Provider(server, folder)
    identity = json.loads((folder / "state/identity.json").read_text())
    server.add_user(USER, "10000")
    server.add_printer(QUEUE, provider.name, "ipp://127.0.0.1:9/ipp/print")
    server.set_cost(QUEUE, "0.05", "0.20")
    voice = PrintProvider(server, identity["provider_id"], identity["credential"], QUEUE, size)
    jobs = [voice.describe(USER) for _ in range(2)]
    for job in jobs:
        voice.authorise(job)
        voice.report(job)
    return voice, jobs[0].job_id, jobs[1].job_id


def _wait_for_scheduled_work(connection: psycopg.Connection, cells: Cells) -> None:
    """Until the sums are made and the ledger is audited: what the server does at its own time after an upgrade."""

    def done(name: str) -> Callable[[], str]:
        def look() -> str:
            row = connection.execute(
                "SELECT outcome FROM schedule_scheduledwork WHERE name = %s AND done_at IS NOT NULL "
                "AND leased_until IS NULL",
                (name,),
            ).fetchone()
            return str(row[0]) if row else ""

        return look

    begun = time.monotonic()
    for name in ("report-sums", "ledger-audit"):
        outcome = wait_for(f"the scheduled work {name}", done(name), within_s=_LONGEST_S, every_s=1)
        cells[f"{name}: done s after the start"] = f"{time.monotonic() - begun:.0f}"
        say(f"{name}: {outcome}")
    if not outcome.endswith("all is right"):
        raise RuntimeError(f"the ledger's audit: {outcome}")
    connection.execute("VACUUM ANALYZE")


def _ask(
    server: Server,
    provider: PrintProvider,
    filled: Filled,
    size: Size,
    cells: Cells,
    jobs: int,
    pages: int,
    spent: Spent,
) -> None:
    browser = Browser(server, filled, size)
    reports = browser.measure_reports(max(pages // 2, 2), spent)
    asked = chain(provider.measure(jobs, spent), browser.measure(pages, spent), reports)
    for times in asked:
        cells[times.what] = _shown(times)
        say(f"{times.what}: {cells[times.what]} ms")


def _live(provider: PrintProvider, connection: psycopg.Connection, jobs: int, cells: Cells) -> None:
    """What jobs weigh that lived through the server: their rows were changed on the way."""
    connection.execute("VACUUM")
    before = weights(connection)
    for _ in range(jobs):
        job = provider.describe(USER)
        provider.authorise(job)
        provider.report(job)
    connection.execute("VACUUM")
    _note_weights("lived", before, weights(connection), jobs, cells)


def _weigh(empty: list[Weight], loaded: list[Weight], size: Size, cells: Cells) -> None:
    _note_weights("loaded", empty, loaded, size.jobs, cells)


def _note_weights(how: str, before: list[Weight], after: list[Weight], jobs: int, cells: Cells) -> None:
    whole = 0.0
    for then, now in zip(before, after, strict=True):
        heap, indexes = megabytes_per_10_000(then, now, jobs)
        whole += heap + indexes
        cells[f"MB per 10,000 jobs, {how}: {now.table}"] = f"{heap + indexes:.1f} (indexes {indexes:.1f})"
    cells[f"MB per 10,000 jobs, {how}: all"] = f"{whole:.1f}"
    say(f"{how}: {whole:.1f} MB per 10,000 jobs")


def _sync(server: Server, people: Path, size: Size, cells: Cells) -> None:
    write_people(people, size, changed=False)
    with _noted(cells, "directory sync, nothing changed, s"):
        server.command("directory", "sync")
    changed = write_people(people, size, changed=True)
    with _noted(cells, "directory sync, 1 % changed, s"):
        said = server.command("directory", "sync")
    say(said.splitlines()[-1])
    if f"{size.users} in the directory" not in said or not changed:
        raise RuntimeError(f"the sync said {said[-300:]}")


@contextmanager
def _noted(cells: Cells, what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    cells[what] = f"{time.monotonic() - begun:.1f}"
    say(f"{what}: {cells[what]}")


def _shown(times: Times) -> str:
    return f"{times.share(0.5):,.0f} / {times.share(0.95):,.0f} ({times.processor_ms:,.0f})"
