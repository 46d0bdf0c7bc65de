"""Asks the Application Server again and again, beside the show: it takes a second each time."""

from __future__ import annotations

import threading
from decimal import Decimal
from types import TracebackType
from typing import Self

from demo.table import Line, read_lines
from rig.everprint import CommandFailed, Server


class ServerWatch:
    """Keeps `lines` as new as can be; use it as a context manager."""

    def __init__(self, server: Server) -> None:
        self.lines: dict[str, Line] = {}
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                # Jobs first: a balance is then at least as new as the state that it is shown beside.
                jobs = self._server.jobs()
                users = self._server.listing("user", "list")
            except CommandFailed:
                return  # the server is being stopped; if it is not, the check says what is missing
            self.lines = read_lines(jobs, {str(user["name"]): Decimal(str(user["balance"])) for user in users})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
