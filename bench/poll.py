"""The client that is many: each of its connections asks now and then, and how long each answer took is kept.

Runs as `python -m bench.poll`: a plan as JSON on standard input, a report as JSON on standard output.
"""

from __future__ import annotations

import heapq
import select
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from bench.connection import Connection


class PollPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`clients` connections that stay open, each of which asks every so many seconds, its own share later than the
    one before."""

    host: str
    port: int
    request: bytes
    clients: int
    every_s: float
    seconds: float


class PollReport(msgspec.Struct, frozen=True, kw_only=True):
    """From the moment at which each was to ask to its answer: a client that comes late itself counts, too."""

    latencies: list[float]
    seconds: float
    client_cpu: float


def poll_all(plan: PollPlan) -> PollReport:
    """Runs the plan in a client process."""
    client = subprocess.run(
        [sys.executable, "-m", "bench.poll"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return msgspec.json.decode(client.stdout, type=PollReport)


def ask_now_and_then(plan: PollPlan) -> PollReport:
    """Until the time is over; answers begun are awaited."""
    opened = [Connection(plan.host, plan.port) for _ in range(plan.clients)]
    by_number = {connection.fileno(): connection for connection in opened}
    poll = select.epoll()
    for connection in opened:
        poll.register(connection.fileno(), select.EPOLLIN)
    cpu, started = time.process_time(), time.perf_counter()
    end = started + plan.seconds
    due = [
        (started + plan.every_s * place / plan.clients, connection.fileno())
        for place, connection in enumerate(opened)
    ]
    heapq.heapify(due)
    asked: dict[int, float] = {}
    latencies: list[float] = []
    while due or asked:
        now = time.perf_counter()
        while due and due[0][0] <= now:
            moment, number = heapq.heappop(due)
            asked[number] = moment
            by_number[number].send(plan.request)
        wait_s = max(due[0][0] - now, 0.0) if due else None
        for number, _ in poll.poll(wait_s):
            if by_number[number].receive() is None:
                continue
            moment = asked.pop(number)
            latencies.append(time.perf_counter() - moment)
            if moment + plan.every_s < end:
                heapq.heappush(due, (moment + plan.every_s, number))
    elapsed = time.perf_counter() - started
    cpu = time.process_time() - cpu
    for connection in opened:
        connection.close()
    return PollReport(latencies=latencies, seconds=elapsed, client_cpu=cpu / elapsed)


if __name__ == "__main__":
    report = ask_now_and_then(msgspec.json.decode(sys.stdin.buffer.read(), type=PollPlan))
    sys.stdout.buffer.write(msgspec.json.encode(report))
