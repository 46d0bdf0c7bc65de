"""Somebody on the people's side of the lab's network who asks a VM all the time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.on_cluster.answers import read_answers
from everprint.cluster.drill.people import Beside

_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is asked, how long an answer is waited for, and how many may be waited for at a time."""

    every_s: float
    patience_s: float
    most: int


PEOPLE = Pace(0.5, 5.0, 4)
"""Often enough to say when a service is back, and seldom enough not to keep it from coming back."""
CLOSE = Pace(0.02, 3.0, 100)
HEALTH_WHILE_MOVED = Pace(0.2, 10.0, 20)


class Probe:
    """Who asks, and what was answered until now."""

    def __init__(self, log: Path, errors: Path) -> None:
        self._log, self._errors = log, errors

    def answers(self) -> list[float]:
        """The moments of all good answers until now."""
        return read_answers(self._log.read_text("ascii"))

    def trouble(self) -> str:
        """What the program complained of; empty: of nothing."""
        return self._errors.read_text("utf-8", "replace").strip()[-300:]


@contextmanager
def asking(beside: Beside, folder: Path, name: str, url: str, pace: Pace, *, by_http: bool = True) -> Iterator[Probe]:
    """Somebody asks while this is open: the health address, or only whether its port takes a connection."""
    parts = urlsplit(url)
    words = [parts.hostname or "", str(parts.port or 80), parts.path if by_http else ""]
    words += [f"{pace.every_s:g}", f"{pace.patience_s:g}", str(pace.most)]
    # The lab's namespaces have this machine's files; the modules are found from the checkout.
    argv = ["env", "-C", str(_CHECKOUT), sys.executable, "-m", "bench.on_cluster.asking", *words]
    probe = Probe(folder / f"{name}.answers", folder / f"{name}.errors")
    with (folder / f"{name}.answers").open("w") as log, (folder / f"{name}.errors").open("w") as errors:
        process = subprocess.Popen(beside(argv), stdin=subprocess.PIPE, stdout=log, stderr=errors)
    try:
        yield probe
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
