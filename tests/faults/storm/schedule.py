"""What a storm does when: jobs and faults at moments drawn from a seed. The same seed is the same storm.

Processes take their own time, so a storm that is run again is the same weather, not the same history.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong."""

    KILL_PROVIDER = "kill-provider"
    POWER_LOSS = "power-loss"
    FREEZE_PROVIDER = "freeze-provider"
    KILL_SERVER = "kill-server"
    FREEZE_SERVER = "freeze-server"
    KILL_SERVER_IN_COMMIT = "kill-server-in-commit"
    KILL_DATABASE = "kill-database"
    KILL_DATABASE_IN_COMMIT = "kill-database-in-commit"
    COMMIT_ANSWER_LOST = "commit-answer-lost"
    SERVER_POWER_LOSS = "server-power-loss"
    SERVER_FAILING_SYNC = "server-failing-sync"
    KILL_PRINTER = "kill-printer"
    PRINTER_DIES_WITH_JOB = "printer-dies-with-job"
    FREEZE_PRINTER = "freeze-printer"
    JAM = "jam"
    PRINTER_BUSY = "printer-busy"
    CUT_FROM_SERVER = "cut-from-server"
    CUT_FROM_PRINTER = "cut-from-printer"
    SERVER_ANSWERS_LOST = "server-answers-lost"
    PRINTER_ANSWERS_LOST = "printer-answers-lost"
    PARTITION = "partition"
    DISK_FULL = "disk-full"
    SLOW_SYNC = "slow-sync"
    FAILING_SYNC = "failing-sync"
    CLOCK_STEP = "clock-step"
    KILL_CUPS = "kill-cups"
    RESTART_ALL = "restart-all"


# What goes wrong with a database of its own, and what with the server's own disk, on which SQLite is.
_OF_POSTGRESQL = {
    Fault.KILL_DATABASE,
    Fault.KILL_DATABASE_IN_COMMIT,
    Fault.KILL_SERVER_IN_COMMIT,
    Fault.COMMIT_ANSWER_LOST,
}
_OF_SQLITE = {Fault.SERVER_POWER_LOSS, Fault.SERVER_FAILING_SYNC}


def kinds(*, on_sqlite: bool) -> tuple[Fault, ...]:
    """All that can go wrong where the server has that database."""
    without = _OF_POSTGRESQL if on_sqlite else _OF_SQLITE
    return tuple(fault for fault in Fault if fault not in without)


@dataclass(frozen=True, slots=True)
class Print:
    """Somebody prints."""

    at_s: float
    number: int
    provider: int
    queue: int
    user: int
    pages: int
    copies: int
    by_cups: bool  # by lp and a driverless queue, else by one request


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something goes wrong at a place, for so long."""

    at_s: float
    fault: Fault
    where: int
    for_s: float


@dataclass(frozen=True, slots=True)
class Storm:
    """All of it, in order of time."""

    seed: int
    actions: tuple[Print | Trouble, ...]

    @property
    def jobs(self) -> int:
        """How many are printed."""
        return sum(isinstance(action, Print) for action in self.actions)

    @property
    def faults(self) -> int:
        """How much goes wrong."""
        return len(self.actions) - self.jobs


def make_storm(
    seed: int,
    *,
    jobs: int,
    faults: int,
    jobs_per_s: float,
    providers: int,
    queues: Sequence[int],
    users: int,
    only: tuple[Fault, ...],
    by_cups: float = 0.15,
    longest_s: float = 3.0,
) -> Storm:
    """A storm of so many jobs and faults; every kind of `only` comes before one comes again.

    `queues` are the numbers of those printed to; `by_cups` is the share of jobs that clients of CUPS print. No
    fault lasts longer than `longest_s`.
    """
    dice = random.Random(seed)
    lasts_s = jobs / jobs_per_s
    actions: list[Print | Trouble] = [
        Print(
            at_s=dice.uniform(0, lasts_s),
            number=number,
            provider=dice.randrange(providers),
            queue=dice.choice(queues),
            user=dice.randrange(users),
            pages=dice.choice((1, 1, 4)),
            copies=dice.choice((1, 1, 1, 2)),
            by_cups=dice.random() < by_cups,
        )
        for number in range(jobs)
    ]
    kinds: list[Fault] = []
    while len(kinds) < faults:
        kinds += dice.sample(only, len(only))
    actions += [
        # Evenly over the time, so that there is a while of peace between most.
        Trouble(lasts_s * (number + dice.random()) / faults, kind, dice.randrange(100), dice.uniform(0.2, longest_s))
        for number, kind in enumerate(kinds[:faults])
    ]
    return Storm(seed, tuple(sorted(actions, key=lambda action: action.at_s)))
