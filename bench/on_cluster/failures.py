"""What fails while somebody prints: how soon it is noticed, started again, and back, and what became of the jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.on_cluster.answers import longest_hole
from bench.on_cluster.figure import Figure, Target, jobs_of
from bench.on_cluster.ground import Ground
from bench.on_cluster.probe import PEOPLE, asking
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.report import Report, keep_report

TITLES = {
    Kind.HOST: "host kill",
    Kind.VM: "VM kill",
    Kind.APPLICATION: "application hang",
    Kind.PANIC: "kernel panic",
}
_NOTICED = {Kind.APPLICATION: Target(10.0)}
_BACK = {Kind.HOST: Target(8.0, beside_boot=True)}


def measure_failure(kind: Kind) -> Callable[[Ground], list[Figure]]:
    """The measure of one kind of failure, of the Application Server."""

    def measure(ground: Ground) -> list[Figure]:
        laboratory, victim = ground.laboratory, ground.server
        reports: list[Report] = []
        silences: list[float] = []
        with asking(laboratory.beside, laboratory.folder, kind.value, victim.health, PEOPLE) as probe:
            for _ in range(ground.times):
                ground.say(f"Drill: {TITLES[kind]}")
                report = ground.drill.run(kind, victim)
                keep_report(report, ground.reports)
                reports.append(report)
                silences.append(longest_hole(probe.answers(), report.injected_at.timestamp()).seconds)
                for line in report.lines():
                    ground.say(line)
        return figures_of(kind, reports, silences)

    return measure


def figures_of(kind: Kind, reports: Sequence[Report], silences: Sequence[float]) -> list[Figure]:
    """The rows of one kind. `silences`: how long its health gave no good answer, each time."""
    title, times = TITLES[kind], [report.times for report in reports]
    off = tuple(one.fenced_s for one in times if one.fenced_s is not None)
    jobs = jobs_of([report.balance for report in reports])
    return [
        Figure(f"{title}: noticed by the engine", tuple(one.detected_s for one in times), _NOTICED.get(kind)),
        *([Figure(f"{title}: host certainly off", off)] if off else []),
        Figure(f"{title}: VM started again", tuple(one.started_s for one in times)),
        Figure(f"{title}: last to next good answer of its health", tuple(silences), _BACK.get(kind)),
        Figure(f"{title}: to an answer of its API", tuple(one.service_s for one in times), _BACK.get(kind), jobs),
    ]
