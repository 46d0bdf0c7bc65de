"""How many jobs a second the Application Server prices, reserves and settles, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from bench.load import Plan, Report, apply_load
from bench.requests import USER
from bench.result import Result, spread
from bench.weight import processor_seconds
from everprint.contract import endpoints
from everprint.contract.messages import Authorise, Event, EventBatch, JobDescription
from everprint.contract.version import HEADER, NEWEST
from rig.everprint import Provider, Server, run_server
from rig.folder import private_folder
from rig.postgresql import run_postgresql

TITLE = "Jobs a second at the Application Server, over the contract"

QUEUE = "office"
JOBS_A_BATCH = 40
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """One round."""

    authorised_per_second: float
    settled_per_second: float
    cores: float


class Site:
    """A server with one queue, and the voice of its provider: we say what a provider would."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        provider = Provider(server, folder)
        identity = json.loads((folder / "state/identity.json").read_text())
        self._headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {identity['provider_id']}.{identity['credential']}",
            HEADER: str(NEWEST),
        }
        server.add_user(USER, "100000")
        server.add_printer(QUEUE, provider.name, "ipp://127.0.0.1:9/ipp/print")
        server.set_cost(QUEUE, "0.05", "0.20")
        self._sequence = 0

    def measure(self, jobs: int) -> Measure:
        """Authorises new jobs, then reports their lives."""
        described = [described(QUEUE, USER) for _ in range(jobs)]
        questions = [self._post(endpoints.AUTHORISE, Authorise(job=job, document=DOCUMENT)) for job in described]
        lives = [
            self._post(endpoints.EVENTS, EventBatch(events=self._events(described[first : first + JOBS_A_BATCH])))
            for first in range(0, jobs, JOBS_A_BATCH)
        ]
        pid = self.server.process.pid
        before = processor_seconds(pid)
        authorised = self._send(questions, CONNECTIONS)
        settled = self._send(lives, 1)
        cores = (processor_seconds(pid) - before) / (authorised.seconds + settled.seconds)
        return Measure(jobs / authorised.seconds, jobs / settled.seconds, cores)

    def _post(self, path: str, message: Authorise | EventBatch) -> bytes:
        return http_post(f"127.0.0.1:{self.server.port}", path, msgspec.json.encode(message), self._headers)

    def _send(self, requests: list[bytes], connections: int) -> Report:
        plan = Plan(host="127.0.0.1", port=self.server.port, requests=requests, connections=connections, seconds=None)
        return apply_load(plan)

    def _events(self, jobs: list[JobDescription]) -> list[Event]:
        events: list[Event] = []
        for job in jobs:
            for fact in life(job):
                self._sequence += 1
                events.append(Event(sequence=self._sequence, at=datetime.now(UTC), job_id=job.job_id, fact=fact))
        return events


def run(quick: bool) -> Result:
    """Both databases run all the time; each round brings new jobs to both."""
    jobs, rounds = (80, 1) if quick else (2_000, 3)
    result = Result(
        title=TITLE,
        columns=("database", "authorised/s", "settled/s", "server's cores"),
        notes=[
            f"Authorise: price a job and reserve its cost; one job a request, {CONNECTIONS} connections.",
            f"Settle: take the five facts of a job's life, to the charge; {JOBS_A_BATCH} jobs a batch, one batch "
            "after the other, as a provider reports.",
            "Both databases sync every commit. PostgreSQL runs on the same machine; its work is not in the cores.",
            f"{jobs:,} jobs a round, all of one user: the worst case, as every job locks the same account.",
        ],
    )
    with ExitStack() as stack:
        cluster = stack.enter_context(run_postgresql(fsync=True))
        sites = {"SQLite": "", "PostgreSQL": cluster.create_database("everprint")}
        running = {name: stack.enter_context(_site(database)) for name, database in sites.items()}
        measures = alternate({name: partial(site.measure, jobs) for name, site in running.items()}, rounds)
    for name, taken in measures.items():
        authorised = spread([measure.authorised_per_second for measure in taken])
        settled = spread([measure.settled_per_second for measure in taken])
        result.rows.append((name, authorised, settled, f"{median(measure.cores for measure in taken):.2f}"))
    return result


@contextmanager
def _site(database: str) -> Iterator[Site]:
    with run_server(database) as server, private_folder("provider") as folder:
        yield Site(server, folder)
