"""Says what is being started, how long it takes, and that it worked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """One line a step; on a terminal with something that turns meanwhile."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Names a step while it is done, and what it took when it is."""
        began = time.monotonic()
        with self._console.status(f"{what} ..."):
            yield
        self._console.print(f"[green]done[/] {what} [dim]{time.monotonic() - began:.1f} s[/]")
