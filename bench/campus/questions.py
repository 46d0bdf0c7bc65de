"""What the installation is asked, and how long each answer takes: one client, one question after the other."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from bench.campus.fill import Filled, user_name
from bench.campus.sizes import Size
from bench.lives import DOCUMENT, described, life
from everprint.contract import endpoints
from everprint.contract.messages import Authorise, Event, EventBatch, JobDescription
from everprint.contract.version import HEADER, NEWEST
from rig.everprint import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, Server

REPORTS = (
    "users",
    "groups",
    "printers",
    "accounts",
    "days",
    "months",
    "environment-users",
    "unreleased-users",
    "transactions",
    "transactions-users",
    "transactions-groups",
)


@dataclass(frozen=True, slots=True)
class Times:
    """How long a question took, in milliseconds, the quickest first; and what one cost of the processors."""

    what: str
    taken_ms: tuple[float, ...]
    processor_ms: float

    def share(self, part: float) -> float:
        """The time within which that part of the answers came."""
        return self.taken_ms[min(int(part * len(self.taken_ms)), len(self.taken_ms) - 1)]


Spent = Callable[[], float]  # processor seconds so far, of the server and the database


def timed(what: str, ask: Callable[[int], object], times: int, spent: Spent) -> Times:
    """Asks so many times, with the number of the time; the first answer, which loads what is kept, is not counted."""
    ask(0)
    taken: list[float] = []
    before = spent()
    for number in range(1, times + 1):
        begun = time.perf_counter()
        ask(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return Times(what, tuple(sorted(taken)), (spent() - before) / times * 1000)


class PrintProvider:
    """The voice of the provider that all printers are of."""

    def __init__(self, server: Server, provider_id: str, credential: str, queue: str, size: Size) -> None:
        headers = {"Authorization": f"Bearer {provider_id}.{credential}", HEADER: str(NEWEST)}
        self._client = httpx.Client(base_url=server.url, headers=headers, timeout=60)
        self._queue = queue
        self._size = size
        self._sequence = 0
        self._drawn = random.Random(5)

    def measure(self, times: int, spent: Spent) -> Iterator[Times]:
        """A job's question, and its whole life in one report, each of another person."""
        jobs = [self.describe(user_name(self._drawn.randint(1, self._size.users))) for _ in range(times + 1)]
        yield timed("authorise and reserve", lambda number: self.authorise(jobs[number]), times, spent)
        yield timed("settle (a job's five facts)", lambda number: self.report(jobs[number]), times, spent)

    def describe(self, user: str) -> JobDescription:
        """A new job."""
        return described(self._queue, user)

    def authorise(self, job: JobDescription) -> None:
        """Asks whether it may print."""
        self._post(endpoints.AUTHORISE, Authorise(job=job, document=DOCUMENT))

    def report(self, job: JobDescription) -> None:
        """Tells its life, to the end."""
        first = self._sequence + 1
        events = [
            Event(sequence=number, at=datetime.now(UTC), job_id=job.job_id, fact=fact)
            for number, fact in enumerate(life(job), first)
        ]
        self._sequence += len(events)
        self._post(endpoints.EVENTS, EventBatch(events=events))

    def _post(self, path: str, message: Authorise | EventBatch) -> None:
        body = msgspec.json.encode(message)
        self._client.post(path, content=body, headers={"Content-Type": "application/json"}).raise_for_status()


class Browser:
    """An administrator, signed in, and pages as they look at them."""

    def __init__(self, server: Server, filled: Filled, size: Size) -> None:
        self._client = httpx.Client(base_url=server.url, timeout=300, follow_redirects=True)
        self._filled = filled
        self._size = size
        self._drawn = random.Random(6)
        form = self._client.get("/sign-in").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        fields = {"user_name": ADMINISTRATOR, "password": ADMINISTRATOR_PASSWORD}
        fields["csrfmiddlewaretoken"] = token[1] if token else ""
        self._client.post("/sign-in", data=fields, headers={"Referer": server.url}).raise_for_status()
        self.look("/dashboard")

    def measure(self, times: int, spent: Spent) -> Iterator[Times]:
        """Pages, each time of somebody or something else."""
        for what, path in {
            "dashboard": lambda: "/dashboard",
            "a user's page": lambda: f"/users/{self._user()}",
            "a user's statement": lambda: f"/users/{self._user()}/statement",
            "users, searched by name": lambda: f"/users?text=person+{self._number()}",
            "jobs, newest": lambda: "/jobs",
            "jobs, 100th page": lambda: "/jobs?page=100",
            "jobs of a user": lambda: f"/jobs?user={user_name(self._number())}",
            "jobs of a printer": lambda: f"/jobs?printer={self._printer()}",
            "jobs of a day": lambda: self._of_a_day(),
            "jobs not finished": lambda: "/jobs?state=unfinished",
            "jobs unpaid": lambda: "/jobs?payment=unpaid",
            "jobs, searched, many found": lambda: "/jobs?text=document",
            "jobs, searched, one found": lambda: f"/jobs?text=document+{self._drawn.randint(1, self._size.jobs)}.pdf",
            "jobs, dearest first": lambda: "/jobs?sort=-cost",
            "ledger audit's page": lambda: "/ledger-audit",
        }.items():
            yield timed(what, lambda _, path=path: self.look(path()), times, spent)  # type: ignore[misc] # bound now

    def measure_reports(self, times: int, spent: Spent) -> Iterator[Times]:
        """Each report of the last 365 days."""
        for kind in REPORTS:
            path = f"/reports/{kind}?period=last-365-days"
            yield timed(f"report {kind}, a year", lambda _, path=path: self.look(path), times, spent)  # type: ignore[misc] # bound now

    def look(self, path: str) -> None:
        """Gets the page."""
        answer = self._client.get(path)
        if answer.status_code != httpx.codes.OK or "/sign-in" in str(answer.url):
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")

    def _number(self) -> int:
        return self._drawn.randint(1, self._size.users)

    def _user(self) -> int:
        return self._filled.first_user + self._number()

    def _printer(self) -> int:
        return self._filled.first_printer + self._drawn.randint(1, self._size.printers)

    def _of_a_day(self) -> str:
        day = (datetime.now(UTC) - timedelta(self._drawn.randint(2, 360))).date()
        return f"/jobs?first_day={day}&last_day={day}"
