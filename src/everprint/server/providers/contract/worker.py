"""Threads that speak to the database for the event loop, each with a connection that it keeps.

Passwords are hashed by threads of their own, so that nobody's job waits behind a sign-in; what every job writes goes
through group_writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.db import Error, connection

Result = TypeVar("Result")

MOST_WAITING = 2000


class Overloaded(Exception):
    """More requests wait for the database than it can answer in time."""


class Worker:
    """A bounded queue in front of a few threads."""

    def __init__(self, threads: int, name: str, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most_waiting
        self._under_way = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """What the work returns; raises what it raises, or Overloaded."""
        if self._under_way >= self._most:
            raise Overloaded
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, partial(with_connection, work))
        finally:
            self._under_way -= 1

    def stop(self) -> None:
        """Ends the threads after what they are doing."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def with_connection(work: Callable[[], Result]) -> Result:
    """The work with this thread's connection, which is kept on SQLite and goes back to the pool elsewhere."""
    try:
        return work()
    except Error:
        connection.close()
        raise
    finally:
        if connection.vendor != "sqlite":
            connection.close()  # back to the pool
