"""Tells the story: what happens, and each job of it, with the seconds since the beginning."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from demo.cluster.balance import Balance
from demo.cluster.failures import Times
from demo.cluster.people import ClientBeside, PrinterBeside

_COLUMNS = ("failure", "noticed", "elsewhere", "service", "pause", "jobs", "lost", "twice", "mischarged")
"""Lost: accepted and not printed. Twice: printed so. Mischarged: printed, and charged never or twice."""


class Teller:
    """One line for each thing that happens."""

    def __init__(self, console: Console) -> None:
        self._console, self._began = console, time.monotonic()

    def say(self, line: str) -> None:
        """A step of the story."""
        self._console.print(f"[dim]{time.monotonic() - self._began:6.0f} s[/]  {line}", soft_wrap=True)

    def table(self, rows: Sequence[tuple[Times, Balance]]) -> None:
        """What was measured."""
        table = Table(
            box=box.SIMPLE,
            padding=0,
            pad_edge=False,
            title="Seconds from each failure on, and what became of the jobs",
        )
        for column in _COLUMNS:
            table.add_column(column, justify="left" if column == "failure" else "right", no_wrap=True)
        for times, balance in rows:
            seconds = [_seconds(one) for one in (times.noticed_s, times.elsewhere_s, times.service_s)]
            wrong = [str(len(one)) for one in (balance.lost, balance.printed_twice, balance.not_charged_once)]
            pause = _seconds(balance.longest_pause_s)
            table.add_row(times.failure, *seconds, pause, str(balance.accepted), *wrong)
        self._console.print(table)


class Onlooker:
    """Tells each job once as it is accepted, and how many came out of the printer until then."""

    def __init__(self, teller: Teller, client: ClientBeside, printer: PrinterBeside) -> None:
        self._teller, self._client, self._printer = teller, client, printer
        self._told = 0

    def look(self) -> None:
        """Tells what is new."""
        tries = self._client.tries()
        if len(tries) == self._told:
            return
        printed = len(self._printer.printed())
        for one in tries[self._told :]:
            said = f"accepted in {one.took_s:.1f} s" if one.is_accepted else f"[yellow]not accepted[/]: {one.said}"
            self._teller.say(f"   {one.title:10} at {one.place:10} {said}; {printed} printed")
        self._told = len(tries)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
