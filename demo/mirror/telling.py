"""What is seen of it: lines while it happens, what `everprint cluster status` shows, and one table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from everprint.cli.cluster_picture import shown
from everprint.cluster.standing.overview import Overview

if TYPE_CHECKING:
    from demo.mirror.acts import Act


class Story:
    """One line for each thing that happens, with the seconds since the beginning."""

    def __init__(self, console: Console) -> None:
        self._console, self._began = console, time.monotonic()

    def say(self, line: str) -> None:
        """A step."""
        self._console.print(f"{time.monotonic() - self._began:6.0f} s  {line}", soft_wrap=True, markup=False)

    def show(self, overview: Overview) -> None:
        """What an administrator sees."""
        self.say("`everprint cluster status` shows:")
        self._console.print(shown(overview), soft_wrap=True)


def table_of(acts: Sequence[Act]) -> list[str]:
    """In Markdown: a row each."""
    rows: list[tuple[str, ...]] = [("", *(act.title for act in acts)), ("---", *("--:" for _ in acts))]
    rows += [(what, *cells) for what, cells in _figures(acts)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _figures(acts: Sequence[Act]) -> Iterable[tuple[str, list[str]]]:
    def each(what: str, cells: Iterable[object]) -> tuple[str, list[str]]:
        return what, [str(cell) for cell in cells]

    jobs = [(act, act.outcome, act.outcome.balance) for act in acts]
    yield each("lost host, which ran both VMs", (act.loss.host for act in acts))
    yield each("jobs accepted", (balance.accepted for _, _, balance in jobs))
    yield each(
        "of them before the host was lost", (len(outcome.accepted_before(act.loss.done)) for act, outcome, _ in jobs)
    )
    yield each("the last of those, before the loss", (_last_before(act) for act in acts))
    yield each("accepted and not printed", (len(balance.lost) for _, _, balance in jobs))
    yield each("printed twice", (len(balance.printed_twice) for _, _, balance in jobs))
    yield each(
        "charged twice, or not", (len(balance.charged_twice) + len(balance.not_charged) for _, _, balance in jobs)
    )
    yield each("charged for all jobs, and less on the account", (_money(act) for act in acts))
    yield each("RPO (accepted work lost)", (_s(act.outcome.lost_work_s(act.loss.done)) for act in acts))
    yield each("the engine misses the host after", (_s(act.missed_s) for act in acts))
    yield each("the host is certainly off after", (_s(act.off_s) for act in acts))
    yield each("old copies refused", (_refused(act) for act in acts))
    yield each("both VMs are started after", (_since(act, act.started_s) for act in acts))
    yield each("both services answer after", (_since(act, act.served_s) for act in acts))
    yield each("a job is accepted again after", (_s(act.outcome.first_after(act.loss.done)) for act in acts))
    yield each("in sync again after", (_s(act.in_sync_s) for act in acts))


def _last_before(act: Act) -> str:
    before = act.outcome.accepted_before(act.loss.done)
    return f"{act.loss.done - before[-1].at:.1f} s" if before else "-"


def _money(act: Act) -> str:
    account = act.outcome.account
    return f"{account.charged}, {account.had - account.has}"


def _refused(act: Act) -> str:
    return f"{sum(not one.wrong() for one in act.left_behind)} of {len(act.left_behind)}" if act.left_behind else "-"


def _since(act: Act, seconds: float) -> str:
    return f"{seconds:.1f} s from switching {act.loss.host} on" if act.left_behind else _s(seconds)


def _s(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"
