"""What somebody saw who asked again and again: when each good answer came, and how long there was none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median


class NothingSeen(Exception):
    """There are too few answers to say anything."""


@dataclass(frozen=True, slots=True)
class Hole:
    """From one good answer to the next, in seconds of the Unix epoch."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long no good answer came."""
        return self.ended - self.began


def read_answers(text: str) -> list[float]:
    """The moments of good answers, one a line, in order; a line that is still being written not."""
    whole, _, _ = text.rpartition("\n")
    return sorted(float(line) for line in whole.splitlines())


def longest_hole(answers: Sequence[float], since: float, until: float = float("inf")) -> Hole:
    """The longest one that was not over at *since* and had begun at *until*. Raises NothingSeen."""
    holes = [Hole(*pair) for pair in pairwise(answers)]
    touched = [hole for hole in holes if hole.ended > since and hole.began < until]
    if not touched:
        raise NothingSeen(f"of {len(answers)} good answers none are on both sides of what was to be seen")
    return max(touched, key=lambda hole: hole.seconds)


def usual_interval(answers: Sequence[float]) -> float:
    """From one good answer to the next while all is well. Raises NothingSeen."""
    if len(answers) < 2:
        raise NothingSeen(f"{len(answers)} good answers have no interval")
    return median(later - sooner for sooner, later in pairwise(answers))


def longest_gap(answers: Sequence[float], since: float, until: float) -> float:
    """By how many seconds an answer was later than usual at the worst of that time. Raises NothingSeen."""
    return max(0.0, longest_hole(answers, since, until).seconds - usual_interval(answers))


def first_after(answers: Sequence[float], moment: float) -> float:
    """When the first good answer came after that moment. Raises NothingSeen."""
    for answer in answers:
        if answer > moment:
            return answer
    raise NothingSeen("no good answer came afterwards")
