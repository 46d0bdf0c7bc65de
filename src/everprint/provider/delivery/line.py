"""Whose turn it is at a device: one job is sent at a time, in the order of job-ids, and some may be there at once.

A job that waits for nothing but its turn never waits for one that is analysed, held or undecided.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 15.0


class Line:
    """The line of one device."""

    def __init__(self, most_at_device: int) -> None:
        self._most = most_at_device
        self.on_room: Callable[[], None] | None = None  # called when a job that joined would have its turn (pool)
        self._turns: dict[int, asyncio.Future[None]] = {}  # of those who wait
        self._order: list[int] = []  # a heap of their job-ids, and of some who have left
        self._sending: int | None = None
        self._at_device: dict[int, None] = {}  # in the order in which they went there
        self._first_changed = asyncio.Event()
        self._pause_s = _FIRST_PAUSE_S
        self._paused: asyncio.TimerHandle | None = None
        self._closed = False
        self.failures = 0  # in a row; after the first, the device is tried with a question before a job

    @property
    def has_room(self) -> bool:
        """True if a job that joined now would have its turn at once."""
        return self._is_open() and not self._turns

    @property
    def load(self) -> int:
        """How many jobs are at the device or wait for their turn there."""
        return len(self._at_device) + len(self._turns)

    def change_most(self, most_at_device: int) -> None:
        """From now on so many jobs may be there at once; those that are there stay."""
        self._most = most_at_device
        self._advance()

    def dissolve(self) -> None:
        """The queue lost this device: whoever waits for a turn goes on at once, to find that out."""
        turns = [turn for turn in self._turns.values() if not turn.done()]
        self._turns.clear()
        self._order.clear()
        for turn in turns:
            turn.set_result(None)

    def join(self, job_id: int) -> asyncio.Future[None]:
        """Queues up; the future is done when it is the job's turn. Whoever joins must leave()."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns[job_id] = turn
        heapq.heappush(self._order, job_id)
        self._advance()
        return turn

    def occupy(self, job_id: int) -> None:
        """Counts a job that the device has since before this line was made."""
        self._at_device[job_id] = None

    def is_first(self, job_id: int) -> bool:
        """True for the job that a printer, which prints in order, is busy with."""
        return next(iter(self._at_device), job_id) == job_id

    async def until_first(self, job_id: int) -> None:
        """Waits until the job is the first one at the device."""
        while not self.is_first(job_id):
            await self._first_changed.wait()

    def worked(self) -> None:
        """The device does its work: a next failure is a first one."""
        self.failures, self._pause_s = 0, _FIRST_PAUSE_S

    def step_aside(self, job_id: int) -> None:
        """The job stays at the device but needs no more sending: the next one may be sent."""
        if self._sending == job_id:
            self._sending = None
            self._advance()

    def leave(self, job_id: int) -> None:
        """The job is done here, or does not want to go any more."""
        if self.is_first(job_id):
            self._first_changed.set()
            self._first_changed = asyncio.Event()
        self._at_device.pop(job_id, None)
        if self._sending == job_id:
            self._sending = None
        if (turn := self._turns.pop(job_id, None)) is not None:
            turn.cancel()
        self._advance()

    def pause(self) -> None:
        """The device wants no job now: nobody's turn comes for a while, longer each time."""
        self.failures += 1
        if self._paused is None:
            wait_s = self._pause_s * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
            self._paused = asyncio.get_running_loop().call_later(wait_s, self.resume)
            self._pause_s = min(self._pause_s * 1.6, _LONGEST_PAUSE_S)

    def resume(self) -> None:
        """The pause is over."""
        if self._paused is not None:
            self._paused.cancel()
            self._paused = None
        self._advance()

    def close(self) -> None:
        """An operator paused the printer: nobody's turn comes until it is opened again."""
        self._closed = True

    def open(self) -> None:
        """The operator lets it go on."""
        self._closed = False
        self._advance()

    def _advance(self) -> None:
        while self._turns and self._is_open():
            job_id = heapq.heappop(self._order)
            turn = self._turns.pop(job_id, None)
            if turn is None or turn.done():
                continue  # it has left
            self._sending = job_id
            self._at_device[job_id] = None
            turn.set_result(None)
        if not self._turns:
            self._order.clear()
        if self.on_room is not None and self.has_room:
            self.on_room()

    def _is_open(self) -> bool:
        free = self._sending is None and len(self._at_device) < self._most
        return free and self._paused is None and not self._closed
