"""Waiting for something to become true, with a deadline and a name for what was waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NeverHappened(AssertionError):
    """The deadline passed; the text says what was waited for and what was seen last."""


def wait_for(what: str, look: Callable[[], Found], *, within_s: float = 60.0, every_s: float = 0.05) -> Found:
    """The first thing that `look` finds (anything true).

    Raises NeverHappened.
    """
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NeverHappened(f"{what}: not within {within_s:g} s; last seen: {found!r}")
        time.sleep(every_s)
