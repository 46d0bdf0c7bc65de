"""The load client: a process of its own that sends requests, encoded beforehand, on many connections.

Runs as `python -m bench.load`: a plan as JSON on standard input, a report as JSON on standard output.
"""

from __future__ import annotations

import math
import select
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

import msgspec

from bench.connection import Connection


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send where: `requests` in turn, over and over until `seconds` are over, or each once if None."""

    host: str
    port: int
    requests: list[bytes]
    connections: int
    seconds: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How it went. `client_cpu` is the part of one core that the client itself used."""

    answers: int
    seconds: float
    client_cpu: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def apply_load(plan: Plan) -> Report:
    """Runs the plan in a client process; an answer that is not successful ends it with an error."""
    client = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return msgspec.json.decode(client.stdout, type=Report)


def send_all(plan: Plan) -> Report:
    """Every connection sends its next request as soon as it has the answer to the last; answers begun are awaited."""
    opened = [Connection(plan.host, plan.port) for _ in range(plan.connections)]
    by_number = {connection.fileno(): connection for connection in opened}
    poll = select.epoll()
    for connection in opened:
        poll.register(connection.fileno(), select.EPOLLIN)
    requests = iter(plan.requests) if plan.seconds is None else cycle(plan.requests)
    answers = 0
    cpu, started = time.process_time(), time.perf_counter()
    end = math.inf if plan.seconds is None else started + plan.seconds
    waiting = 0
    for connection, request in zip(opened, requests, strict=False):
        connection.send(request)
        waiting += 1
    while waiting:
        for number, _ in poll.poll():
            connection = by_number[number]
            if connection.receive() is None:
                continue
            answers += 1
            further = next(requests, None) if time.perf_counter() < end else None
            if further is not None:
                connection.send(further)
            else:
                waiting -= 1
    elapsed = time.perf_counter() - started
    cpu = time.process_time() - cpu
    for connection in opened:
        connection.close()
    return Report(answers=answers, seconds=elapsed, client_cpu=cpu / elapsed)


if __name__ == "__main__":
    report = send_all(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))
    sys.stdout.buffer.write(msgspec.json.encode(report))
