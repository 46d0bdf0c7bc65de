"""Virtual printers that one test after the other prints on: to start one costs more than most tests do.

A printer is lent to one test at a time, which sees only its own jobs. One that was stopped, was told anything or has
a job left is not lent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rig.virtual_printer import VirtualPrinter, run_virtual_printer

_KEPT_AT_MOST = 2


class LentPrinters:
    """Those that nobody has, and their end."""

    def __init__(self) -> None:
        self._free: list[tuple[VirtualPrinter, ExitStack]] = []

    @contextmanager
    def one(self) -> Iterator[VirtualPrinter]:
        """A printer as if it was new."""
        printer, end = self._free.pop() if self._free else self._start()
        printer.leave_out_earlier_jobs()
        pid = printer.process.pid
        try:
            yield printer
        finally:
            is_as_before = printer.process.is_running() and printer.process.pid == pid and not printer.was_told
            if is_as_before and len(self._free) < _KEPT_AT_MOST and all(job.state.is_final for job in printer.jobs()):
                self._free.append((printer, end))
            else:
                end.close()

    def stop(self) -> None:
        """Ends all that are left."""
        while self._free:
            self._free.pop()[1].close()

    def _start(self) -> tuple[VirtualPrinter, ExitStack]:
        end = ExitStack()
        return end.enter_context(run_virtual_printer("--pictures", "none")), end
