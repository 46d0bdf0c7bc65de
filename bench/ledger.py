"""How many jobs a second the Application Server prices, reserves and settles: on SQLite, on PostgreSQL, and two
server processes on one PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

import msgspec

from bench.alternate import alternate
from bench.connection import http_post
from bench.lives import DOCUMENT, described, life
from bench.load import Plan, apply_load
from bench.requests import USER
from bench.result import Result, spread
from bench.weight import processor_seconds
from everprint.contract import endpoints
from everprint.contract.messages import Authorise, Event, EventBatch, JobDescription
from everprint.contract.version import HEADER, NEWEST
from rig.everprint import Provider, Server, run_server, run_server_beside
from rig.folder import private_folder
from rig.postgresql import run_postgresql

TITLE = "Jobs a second at the Application Server, over the contract"

JOBS_A_BATCH = 40
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """One round."""

    authorised_per_second: float
    settled_per_second: float
    cores: float


class Voice:
    """The voice of a provider with one queue: we say what a provider would, to one server process."""

    def __init__(self, server: Server, folder: Path, name: str) -> None:
        """Its queue has its name. People and printers are known to all servers on the same database."""
        self.server = server
        provider = Provider(server, folder, name)
        identity = json.loads((folder / "state/identity.json").read_text())
        self._headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {identity['provider_id']}.{identity['credential']}",
            HEADER: str(NEWEST),
        }
        self._queue = name
        server.add_printer(name, provider.name, "ipp://127.0.0.1:9/ipp/print")
        server.set_cost(name, "0.05", "0.20")
        self._sequence = 0

    def prepare(self, jobs: int) -> tuple[Plan, Plan]:
        """New jobs: what authorises them, and what reports their lives."""
        new = [described(self._queue, USER) for _ in range(jobs)]
        questions = [self._post(endpoints.AUTHORISE, Authorise(job=job, document=DOCUMENT)) for job in new]
        lives = [
            self._post(endpoints.EVENTS, EventBatch(events=self._events(new[first : first + JOBS_A_BATCH])))
            for first in range(0, jobs, JOBS_A_BATCH)
        ]
        return self._plan(questions, CONNECTIONS), self._plan(lives, 1)

    def _post(self, path: str, message: Authorise | EventBatch) -> bytes:
        return http_post(f"127.0.0.1:{self.server.port}", path, msgspec.json.encode(message), self._headers)

    def _plan(self, requests: list[bytes], connections: int) -> Plan:
        return Plan(host="127.0.0.1", port=self.server.port, requests=requests, connections=connections, seconds=None)

    def _events(self, jobs: list[JobDescription]) -> list[Event]:
        events: list[Event] = []
        for job in jobs:
            for fact in life(job):
                self._sequence += 1
                events.append(Event(sequence=self._sequence, at=datetime.now(UTC), job_id=job.job_id, fact=fact))
        return events


def measure(voices: Sequence[Voice], jobs: int) -> Measure:
    """Authorises new jobs, shared out among the voices, which talk at the same time; then reports their lives."""
    prepared = [voice.prepare(jobs // len(voices)) for voice in voices]
    pids = [voice.server.process.pid for voice in voices]
    before = processor_seconds(*pids)
    authorising = _at_once([questions for questions, _ in prepared])
    settling = _at_once([lives for _, lives in prepared])
    cores = (processor_seconds(*pids) - before) / (authorising + settling)
    return Measure(jobs / authorising, jobs / settling, cores)


def _at_once(plans: Sequence[Plan]) -> float:
    """Seconds until the last has all its answers. Each plan has a client process of its own."""
    with ThreadPoolExecutor(len(plans)) as pool:
        return max(report.seconds for report in pool.map(apply_load, plans))


def run(quick: bool) -> Result:
    """All run all the time; each round brings new jobs to each."""
    jobs, rounds = (80, 1) if quick else (2_000, 3)
    result = Result(
        title=TITLE,
        columns=("database", "server processes", "authorised/s", "settled/s", "servers' cores"),
        notes=[
            f"Authorise: price a job and reserve its cost; one job a request, {CONNECTIONS} connections a process.",
            f"Settle: take the five facts of a job's life, to the charge; {JOBS_A_BATCH} jobs a batch, one batch "
            "after the other, as a provider reports. Each process hears a provider of its own.",
            "Both databases sync every commit. PostgreSQL runs on the same machine; its work is not in the cores.",
            f"{jobs:,} jobs a round, all of one user: the worst case, as every job locks the same account.",
        ],
    )
    with ExitStack() as stack:
        cluster = stack.enter_context(run_postgresql(fsync=True))
        sites = {("SQLite", 1): "", **{("PostgreSQL", n): cluster.create_database(f"site{n}") for n in (1, 2)}}
        running = {side: stack.enter_context(_site(database, side[1])) for side, database in sites.items()}
        measures = alternate(
            {f"{name}, {count}": partial(measure, running[name, count], jobs) for name, count in running}, rounds
        )
    for (name, count), taken in zip(running, measures.values(), strict=True):
        authorised = spread([measure.authorised_per_second for measure in taken])
        settled = spread([measure.settled_per_second for measure in taken])
        cores = f"{median(measure.cores for measure in taken):.2f}"
        result.rows.append((name, str(count), authorised, settled, cores))
    return result


@contextmanager
def _site(database: str, processes: int) -> Iterator[list[Voice]]:
    """So many server processes on one database, each with the voice of a provider."""
    with ExitStack() as stack:
        first = stack.enter_context(run_server(database))
        servers = [first, *(stack.enter_context(run_server_beside(first)) for _ in range(processes - 1))]
        first.add_user(USER, "100000")
        yield [
            Voice(server, stack.enter_context(private_folder("provider")), f"north{number}")
            for number, server in enumerate(servers, 1)
        ]
