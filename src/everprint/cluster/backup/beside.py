"""Keeps what was in a place beside it before something else is put there, and never writes over what was kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from everprint.cluster.hosts.port import Answer

Run = Callable[..., Answer]
"""Runs a command, word by word, at the host where the place is."""


def name_beside(run: Run, place: str, occasion: str) -> str:
    """A name beside the place that is free: `PLACE.before-OCCASION-TIME`, with a number if there is that one too."""
    name = f"{place}.before-{occasion}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(one for one in names if not run("test", "-e", one).is_well)
