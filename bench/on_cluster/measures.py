"""What is measured, in which order; a measure that fails is a row that says why, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from bench.on_cluster import draining, failures, migration
from bench.on_cluster.answers import NothingSeen
from bench.on_cluster.boot import BOOT, measure_boot
from bench.on_cluster.figure import Figure, not_measured
from bench.on_cluster.ground import Ground
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.people import NotAnswered
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.errors import LabError
from everprint.cluster.live.drain import CannotDrain
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.live.status import NoCluster
from everprint.cluster.prediction.simulator import CannotPredict

Measure = Callable[[Ground], list[Figure]]

MEASURES: dict[str, tuple[str, Measure]] = {
    "boot": ("boot-to-service", measure_boot),
    **{kind.value: (title, failures.measure_failure(kind)) for kind, title in failures.TITLES.items()},
    # Last: an emulated guest that writes much while it is moved may be damaged by QEMU 7.2.
    "migration": (migration.TITLE, migration.measure_migration),
    "drain": (draining.TITLE, draining.measure_drain),
}
TROUBLES = (
    CannotDrain,
    CannotPredict,
    DrillFailed,
    HostRefuses,
    HostUnreachable,
    LabError,
    NoCluster,
    NotAnswered,
    NothingSeen,
)


def take_measures(ground: Ground, names: Sequence[str], figures: list[Figure]) -> None:
    """Adds the rows of each as it is done: who is stopped in between has those that were."""
    for name in [one for one in MEASURES if one in names]:
        title, measure = MEASURES[name]
        ground.say(f"Measured now: {title}")
        try:
            # What the one before has left, if it failed, is not measured beside this one.
            ground.watch().until("all hosts, VMs and the Application Server to be there", ground.is_whole)
            figures += measure(ground)
        except TROUBLES as error:
            ground.say(f"{title} failed: {error}")
            figures.append(not_measured(title, error))


def boot_of(figures: Sequence[Figure]) -> float | None:
    """What ratios are of: the median of the boots of this run; None if there was none."""
    return next((median(figure.seconds) for figure in figures if figure.what == BOOT and figure.seconds), None)
