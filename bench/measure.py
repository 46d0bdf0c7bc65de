"""One side under one load: what its clients got, and what it cost the side."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load import Plan, Report, apply_load
from bench.sides import Side


@dataclass(frozen=True, slots=True)
class Measure:
    """The clients' report, and the seconds that the side's processes worked meanwhile."""

    report: Report
    processor_s: float


def measure_load(side: Side, plan: Plan) -> Measure:
    """Applies the load and looks at the side's processor time before and after."""
    before = side.processor_seconds()
    report = apply_load(plan)
    return Measure(report, side.processor_seconds() - before)
