"""The client that follows jobs to their end: submits to several queues, and polls each for its completed jobs.

Runs as `python -m bench.follow`: an itinerary as JSON on standard input, a report as JSON on standard output. Both
sides are polled at the same rate, so both are seen completed with the same delay: half a poll on average.
"""

from __future__ import annotations

import re
import select
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import msgspec

from bench.connection import Connection, WrongAnswer

_JOB_ID = re.compile(rb"\x21\x00\x06job-id\x00\x04(....)", re.DOTALL)
_COMPLETED = re.compile(rb"\x23\x00\x09job-state\x00\x04\x00\x00\x00\x09")


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Where to print, and the two requests for it."""

    host: str
    port: int
    print_job: bytes  # whole HTTP requests
    get_completed_jobs: bytes


class Itinerary(msgspec.Struct, frozen=True, kw_only=True):
    """`jobs` jobs to each queue, at most `outstanding` of all of them submitted and not completed at any moment."""

    queues: list[Queue]
    jobs: int
    outstanding: int
    connections: int
    poll_every_s: float
    patience_s: float


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the first byte of each job's request until it was seen completed, and from first to last."""

    latencies: list[float]
    seconds: float
    client_cpu: float

    @property
    def per_second(self) -> float:
        """Jobs completed a second."""
        return len(self.latencies) / self.seconds


def follow_jobs(itinerary: Itinerary) -> Journey:
    """Runs the itinerary in a client process."""
    client = subprocess.run(
        [sys.executable, "-m", "bench.follow"],
        input=msgspec.json.encode(itinerary),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return msgspec.json.decode(client.stdout, type=Journey)


class Traveller:
    """One run: who is waiting for what, and when each job set out."""

    def __init__(self, itinerary: Itinerary) -> None:
        self.plan = itinerary
        self.requests = [queue.print_job for queue in itinerary.queues]
        self.questions = [queue.get_completed_jobs for queue in itinerary.queues]
        every_queue = range(len(itinerary.queues))
        self.to_send = deque(number for _ in range(itinerary.jobs) for number in every_queue)
        self.underway: dict[tuple[int, int], float] = {}  # (queue, job-id) to the moment of departure
        self.arrived: dict[tuple[int, int], float] = {}
        self.latencies: list[float] = []
        self.poll = select.epoll()
        self.pollers = [self._connect(number) for number in every_queue]
        self.senders: list[list[Connection]] = [
            [self._connect(number) for _ in range(itinerary.connections)] for number in every_queue
        ]
        self.departures: dict[int, float] = {}  # a sender's number to when its request began
        self.sending: dict[int, tuple[int, Connection]] = {}
        self.asking: dict[int, tuple[int, Connection]] = {}

    def travel(self) -> Journey:
        """Sends, polls and notes until every job has been seen completed."""
        cpu, started = time.process_time(), time.perf_counter()
        total = len(self.to_send)
        next_poll = started
        while len(self.latencies) < total:
            now = time.perf_counter()
            if now > started + self.plan.patience_s:
                raise TimeoutError(f"{len(self.latencies)} of {total} jobs completed within {self.plan.patience_s} s")
            self._depart()
            if now >= next_poll:
                next_poll = max(next_poll + self.plan.poll_every_s, now)
                self._ask()
            for number, _ in self.poll.poll(max(next_poll - time.perf_counter(), 0)):
                self._hear(number)
        elapsed = time.perf_counter() - started
        return Journey(latencies=self.latencies, seconds=elapsed, client_cpu=(time.process_time() - cpu) / elapsed)

    def _connect(self, queue: int) -> Connection:
        connection = Connection(self.plan.queues[queue].host, self.plan.queues[queue].port)
        self.poll.register(connection.fileno(), select.EPOLLIN)
        return connection

    def _depart(self) -> None:
        while self.to_send and len(self.sending) + len(self.underway) < self.plan.outstanding:
            queue = self.to_send[0]
            if not self.senders[queue]:
                return
            connection = self.senders[queue].pop()
            self.to_send.popleft()
            self.departures[connection.fileno()] = time.perf_counter()
            self.sending[connection.fileno()] = (queue, connection)
            connection.send(self.requests[queue])

    def _ask(self) -> None:
        for queue, connection in enumerate(self.pollers):
            if connection.fileno() not in self.asking:  # a slow answer is not asked for twice
                connection.send(self.questions[queue])
                self.asking[connection.fileno()] = (queue, connection)

    def _hear(self, number: int) -> None:
        queue, connection = self.sending.get(number) or self.asking[number]
        answer = connection.receive()
        if answer is None:
            return
        if number in self.sending:
            del self.sending[number]
            self.senders[queue].append(connection)
            job_id = _JOB_ID.search(answer)
            if job_id is None:
                raise WrongAnswer("Print-Job was answered without a job-id")
            job = (queue, int.from_bytes(job_id[1], "big"))
            self.underway[job] = self.departures.pop(number)
            self._settle(job)
        else:
            del self.asking[number]
            self._note_completed(queue, answer, time.perf_counter())

    def _note_completed(self, queue: int, answer: bytes, now: float) -> None:
        found = _JOB_ID.findall(answer)
        if len(_COMPLETED.findall(answer)) != len(found):
            raise WrongAnswer("a job ended otherwise than completed")
        for octets in found:
            job = (queue, int.from_bytes(octets, "big"))
            if job not in self.arrived:
                self.arrived[job] = now
                self._settle(job)

    def _settle(self, job: tuple[int, int]) -> None:
        """A job may be seen completed before its own answer has come."""
        if job in self.arrived and job in self.underway:
            self.latencies.append(self.arrived[job] - self.underway.pop(job))


if __name__ == "__main__":
    journey = Traveller(msgspec.json.decode(sys.stdin.buffer.read(), type=Itinerary)).travel()
    sys.stdout.buffer.write(msgspec.json.encode(journey))
