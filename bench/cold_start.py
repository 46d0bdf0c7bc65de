"""How soon after a start the first job is accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bench.connection import Connection, WrongAnswer
from rig.process import Process


def seconds_to_first_job(port: int, print_job: bytes, processes: Sequence[Process]) -> float:
    """Stops the parts, starts them anew without waiting for each other, and tries until a job is accepted."""
    for process in processes:
        process.stop()
    accepted: list[float] = []
    started = time.perf_counter()
    for process in processes[:-1]:
        process.start(ready=lambda: True)
    processes[-1].start(ready=_when_accepted(port, print_job, accepted))
    return accepted[0] - started


def _when_accepted(port: int, request: bytes, accepted: list[float]) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            connection = Connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return False
        try:
            connection.send(request)
            while connection.receive() is None:
                continue
        except (WrongAnswer, OSError):
            return False
        finally:
            connection.close()
        accepted.append(time.perf_counter())
        return True

    return ask
