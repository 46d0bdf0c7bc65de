"""The printers of a storm: our own, which can jam, and CUPS's ippeveprinter, which forgets all its jobs in a crash
and numbers the next ones from 1 again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from rig.ippeveprinter import Ippeveprinter, run_ippeveprinter
from rig.network import Machine
from rig.process import Process
from rig.virtual_printer import VirtualPrinter, run_virtual_printer

VIRTUAL, FOREIGN = "virtual", "ippeveprinter"


class Printer(Protocol):
    """A device, and what is on its paper."""

    @property
    def process(self) -> Process:
        """What runs it."""
        ...

    @property
    def port(self) -> int:
        """Of its machine's loopback."""
        ...

    def start(self) -> None:
        """Starts it again."""
        ...

    def paper(self) -> list[tuple[str, int]]:
        """The names of its jobs in their order, and how many impressions came out."""
        ...


class Virtual:
    """Everprint's virtual printer."""

    def __init__(self, printer: VirtualPrinter, machine: Machine) -> None:
        self._printer = printer
        self._machine = machine
        self.process, self.port = printer.process, printer.port
        self.process.inside = machine.inside

    def start(self) -> None:
        """Starts it again; it knows its jobs."""
        self._printer.start()

    def tell(self, command: str) -> None:
        """As `everprint virtual-printer tell` does."""
        with self._machine.inside():
            self._printer.tell(command)

    def paper(self) -> list[tuple[str, int]]:
        """By its own record."""
        return [(job.job_name, job.impressions_completed or 0) for job in self._printer.jobs()]


class Foreign:
    """ippeveprinter."""

    def __init__(self, printer: Ippeveprinter, machine: Machine) -> None:
        self._printer = printer
        self.process, self.port = printer.process, printer.port
        self.process.inside = machine.inside

    def start(self) -> None:
        """Starts it again; it knows nothing of what was before."""
        self.process.start()

    def paper(self) -> list[tuple[str, int]]:
        """As its print command wrote it down."""
        return self._printer.paper()


@contextmanager
def run_printer(kind: str, machine: Machine, pages_per_minute: int) -> Iterator[Virtual | Foreign]:
    """A printer of that kind on that machine."""
    with ExitStack() as stack:
        made: Virtual | Foreign
        with machine.inside():
            if kind == VIRTUAL:
                speed = ("--pages-per-minute", str(pages_per_minute))
                made = Virtual(stack.enter_context(run_virtual_printer("--pictures", "none", *speed)), machine)
            else:
                a_job = run_ippeveprinter(seconds_a_job=120 / pages_per_minute)
                made = Foreign(stack.enter_context(a_job), machine)
        yield made
