"""How often somebody may try a password: per name and address, per address, and per name.

Counted in this process's memory, as failures are many and cheap to forget: a restart forgives them.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 300.0
# Failures within the window after which no further attempt is looked at.
PER_NAME_AND_ADDRESS = 5
PER_ADDRESS = 50
PER_NAME = 100  # high: else anybody could lock somebody out
MOST_COUNTERS = 20_000


class TooManyAttempts(Exception):
    """Wait before trying again."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = math.ceil(wait_s)
        super().__init__(f"Too many failed attempts to sign in: wait {self.wait_s} seconds and try again.")


@dataclass(slots=True)
class _Counter:
    failures: int
    until: float


class Attempts:
    """The failures of the last minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: OrderedDict[tuple[str, str], _Counter] = OrderedDict()

    def check(self, name: str, address: str, *, shared_address: bool = False) -> None:
        """Raises TooManyAttempts if a limit is reached; called before the password is looked at.

        A *shared* address is that of a Print Provider, behind which many people are: it is not counted itself.
        """
        now = self._clock()
        with self._lock:
            for key, most in self._limits(name, address, shared_address):
                counter = self._counters.get(key)
                if counter is not None and counter.failures >= most and counter.until > now:
                    raise TooManyAttempts(counter.until - now)

    def failed(self, name: str, address: str, *, shared_address: bool = False) -> None:
        """Counts one failure."""
        now = self._clock()
        with self._lock:
            for key, _ in self._limits(name, address, shared_address):
                counter = self._counters.pop(key, None)
                if counter is None or counter.until <= now:
                    counter = _Counter(0, now + WINDOW_S)
                counter.failures += 1
                self._counters[key] = counter
            while len(self._counters) > MOST_COUNTERS:
                self._counters.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Forgives that name at that address."""
        with self._lock:
            self._counters.pop((name, address), None)

    @staticmethod
    def _limits(name: str, address: str, shared_address: bool) -> list[tuple[tuple[str, str], int]]:
        limits = [((name, address), PER_NAME_AND_ADDRESS), ((name, "*"), PER_NAME)]
        return limits if shared_address else [*limits, (("*", address), PER_ADDRESS)]
