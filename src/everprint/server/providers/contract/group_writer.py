"""One thread that writes for all providers, and shares a commit among all requests that wait.

A commit costs a sync of the disk, and every job's money passes the same system accounts: requests one by one would
each wait for the disk in turn. Those that came in while the last commit ran go into the next one together, each
behind a savepoint, so that a request that fails takes no other with it. Nobody is answered before the commit.

The work must be safe to repeat: if the commit of a group fails, or nobody can say whether it did, each is done again
alone.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from django.db import Error, connection, transaction

from everprint.server.database import is_passing
from everprint.server.providers.contract.worker import Overloaded, with_connection

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MOST_TOGETHER = 64
MOST_WAITING = 2000


@dataclass(slots=True)
class _Item(Generic[Result]):
    """One request's work, and where its outcome goes."""

    work: Callable[[], Result]
    future: Future[Result]
    outcome: Result | None = None
    error: Exception | None = None

    def attempt(self) -> None:
        """Does the work, and keeps what it returns or raises."""
        self.outcome, self.error = None, None
        try:
            self.outcome = self.work()
        except Exception as error:
            self.error = error

    def attempt_within_a_group(self) -> None:
        """Does the work behind a savepoint. Raises what the whole group must be undone for."""
        try:
            with transaction.atomic():
                self.outcome = self.work()
        except Error as error:
            if is_passing(error):
                raise
            self.error = error
        except Exception as error:
            self.error = error

    def deliver(self) -> None:
        """Answers whoever waits."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.outcome)  # type: ignore[arg-type] # None only if the work returned it


class GroupWriter:
    """Takes work from the event loop and answers after the commit."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._waiting: queue.Queue[_Item[object] | None] = queue.Queue(most_waiting)
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[], Result]) -> Result:
        """What the work returns; raises what it raises, or Overloaded."""
        item = _Item(work, Future())
        try:
            self._waiting.put_nowait(item)  # type: ignore[arg-type] # an item of whatever it returns
        except queue.Full:
            raise Overloaded from None
        # A request that went away is done nevertheless: it may be half through already.
        return await asyncio.shield(asyncio.wrap_future(item.future))

    @property
    def is_alive(self) -> bool:
        """True while its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ends the thread after what waits is done."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            items, ends = self._next_group()
            if items:
                with_connection(partial(_write, items))
                for item in items:
                    item.deliver()
            if ends:
                connection.close()
                return

    def _next_group(self) -> tuple[list[_Item[object]], bool]:
        """All that waits, at least one; and whether to end after it."""
        items: list[_Item[object]] = []
        item = self._waiting.get()
        while item is not None:
            items.append(item)
            if len(items) >= MOST_TOGETHER:
                return items, False
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return items, False
        return items, True


def _write(items: list[_Item[object]]) -> None:
    if len(items) > 1:
        try:
            with transaction.atomic():
                for item in items:
                    item.attempt_within_a_group()
        except Exception as error:
            log.warning("group commit failed, writing one by one requests=%d error=%s", len(items), error)
            connection.close_if_unusable_or_obsolete()
        else:
            return
    for item in items:
        item.attempt()
