"""How large the campus is that is measured."""

from __future__ import annotations

import os
from dataclasses import dataclass

from click import BadParameter

JOBS_VARIABLE = "EVERPRINT_BENCH_JOBS"
SIZES = (100_000, 1_000_000)
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each."""

    jobs: int
    users: int
    printers: int
    groups: int

    @property
    def words(self) -> str:
        """For the head of a column."""
        return f"{self.jobs:,} jobs"


def sizes(quick: bool) -> list[Size]:
    """What is to be measured: numbers of jobs from the environment, with a university's people and printers.

    Raises BadParameter for a number that is none or too large.
    """
    if quick:
        return [Size(jobs=2_000, users=500, printers=20, groups=10)]
    wanted = os.environ.get(JOBS_VARIABLE, "").split()
    if any(not number.isdigit() or not 1_000 <= int(number) <= LARGEST for number in wanted):
        raise BadParameter(f"{JOBS_VARIABLE}: expected numbers of jobs from 1000 to {LARGEST}, with spaces between")
    jobs = [int(number) for number in wanted] or list(SIZES)
    return [Size(number, users=350_000, printers=2_000, groups=500) for number in jobs]
