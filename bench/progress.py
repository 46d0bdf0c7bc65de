"""Says on standard error what is being measured now; standard output is for the results."""

from __future__ import annotations

import sys
import time

_started = time.monotonic()


def say(what: str) -> None:
    """One line, with the seconds since the start."""
    print(f"  {time.monotonic() - _started:6.1f} s  {what}", file=sys.stderr, flush=True)
