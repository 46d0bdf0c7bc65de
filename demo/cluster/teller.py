"""Tells the story: what happens, and each job of it, with the seconds since the beginning."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from everprint.cluster.drill.people import Client
from everprint.cluster.drill.report import Report

_COLUMNS = ("failure", "seen", "off", "started", "service", "pause", "jobs", "lost", "twice", "mischarged")
"""Seen: by the engine. Off: the host certainly. Lost: accepted and not printed. Twice: printed so. Mischarged:
printed, and charged never or twice."""


class Teller:
    """One line for each thing that happens."""

    def __init__(self, console: Console) -> None:
        self._console, self._began = console, time.monotonic()

    def say(self, line: str) -> None:
        """A step of the story."""
        self._console.print(f"[dim]{time.monotonic() - self._began:6.0f} s[/]  {line}", soft_wrap=True)

    def table(self, reports: Sequence[Report]) -> None:
        """What was measured."""
        table = Table(
            box=box.SIMPLE,
            padding=0,
            pad_edge=False,
            title="Seconds from each failure on, and what became of the jobs",
        )
        for column in _COLUMNS:
            table.add_column(column, justify="left" if column == "failure" else "right", no_wrap=True)
        for report in reports:
            times, balance = report.times, report.balance
            seconds = (times.detected_s, times.fenced_s, times.started_s, times.service_s, balance.longest_pause_s)
            mischarged = len(balance.charged_twice) + len(balance.not_charged)
            counts = (balance.accepted, len(balance.lost), len(balance.printed_twice), mischarged)
            table.add_row(report.kind.value, *map(_seconds, seconds), *map(str, counts))
        self._console.print(table)


class Onlooker:
    """Tells each job once as it is accepted, and how many came out of the printer until then."""

    def __init__(self, teller: Teller, printed: Callable[[], list[str]]) -> None:
        self._teller, self._printed = teller, printed
        self._told: set[str] = set()

    def look(self, client: Client) -> None:
        """Tells what is new."""
        new = [one for one in client.tries() if one.title not in self._told]
        if not new:
            return
        printed = len(self._printed())
        for one in new:
            said = f"accepted in {one.took_s:.1f} s" if one.is_accepted else f"[yellow]not accepted[/]: {one.said}"
            self._teller.say(f"   {one.title} at {one.place} {said}; {printed} printed")
            self._told.add(one.title)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
