"""Runs two or more sides by turns, A B A B, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from bench.progress import say

Measure = TypeVar("Measure")


def alternate(sides: Mapping[str, Callable[[], Measure]], rounds: int) -> dict[str, list[Measure]]:
    """Every side's measures, one a round."""
    measures: dict[str, list[Measure]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, measure in sides.items():
            say(f"round {number} of {rounds}: {name}")
            measures[name].append(measure())
    return measures
