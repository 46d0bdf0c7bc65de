"""What people print with in a drill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.drill.people import Asker


@dataclass(frozen=True, slots=True)
class Stage:
    """What people print with, and who asks for them."""

    asker: Asker
    user: str
    queues: Sequence[str]
    """URIs, of which each job goes to the next one."""
    printer: str
    """URI of the printer behind all queues, which is asked what came out; empty: the job log is believed."""
    document: Path | None
    """What is printed; None: a page of our own."""
    is_free: bool
    """Do the queues cost nothing?"""
    pause_s: float = 3.0
    """Between two jobs."""
