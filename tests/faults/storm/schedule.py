"""What a storm does when: jobs and faults at moments drawn from a seed. The same seed is the same storm.

Processes take their own time, so a storm that is run again is the same weather, not the same history.
"""

from __future__ import annotations

import random
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
    queues: int,
    users: int,
    by_cups: float = 0.15,
    only: tuple[Fault, ...] = tuple(Fault),
) -> Storm:
    """A storm of so many jobs and faults; every kind of fault comes before one comes again.

    `by_cups` is the share of jobs that clients of CUPS print.
    """
    dice = random.Random(seed)
    lasts_s = jobs / jobs_per_s
    actions: list[Print | Trouble] = [
        Print(
            at_s=dice.uniform(0, lasts_s),
            number=number,
            provider=dice.randrange(providers),
            queue=dice.randrange(queues),
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
        Trouble(lasts_s * (number + dice.random()) / faults, kind, dice.randrange(100), dice.uniform(0.2, 3.0))
        for number, kind in enumerate(kinds[:faults])
    ]
    return Storm(seed, tuple(sorted(actions, key=lambda action: action.at_s)))
