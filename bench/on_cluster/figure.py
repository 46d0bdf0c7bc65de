"""What was measured as rows of a table: seconds, their ratio to a boot, the target, and what became of the jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.result import Result, spread
from everprint.cluster.drill.balance import Balance

COLUMNS = ("what", "seconds", "ratio to boot-to-service", "target", "jobs: accepted / lost / twice / mischarged")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Target:
    """At most so many seconds, or so many more than a boot takes in the same run."""

    most_s: float
    beside_boot: bool = False

    def cell(self, seconds: float, boot_s: float | None) -> str:
        """The target in words, and whether it was met; without a boot that cannot be said of all."""
        words = f"boot + {self.most_s:g} s" if self.beside_boot else f"{self.most_s:g} s"
        if self.beside_boot and boot_s is None:
            return words
        most = self.most_s + (boot_s or 0.0 if self.beside_boot else 0.0)
        return f"{words}: {'met' if seconds <= most else 'not met'}"


@dataclass(frozen=True, slots=True)
class Jobs:
    """How many were accepted, and of how many what went wrong."""

    accepted: int
    lost: int
    twice: int
    mischarged: int

    @property
    def are_right(self) -> bool:
        """Each once on paper, and once in the ledger."""
        return not (self.lost or self.twice or self.mischarged)

    def cell(self) -> str:
        """In the order of the column's title."""
        return f"{self.accepted} / {self.lost} / {self.twice} / {self.mischarged}"


def jobs_of(balances: Sequence[Balance]) -> Jobs:
    """All jobs of some balances. One in no final state at the end counts as lost."""
    return Jobs(
        sum(one.accepted for one in balances),
        sum(len({*one.lost, *one.unsettled}) for one in balances),
        sum(len(one.printed_twice) for one in balances),
        sum(len(one.charged_twice) + len(one.not_charged) for one in balances),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `seconds` are those of each time; none: what is `said` stands there instead."""

    what: str
    seconds: tuple[float, ...] = ()
    target: Target | None = None
    jobs: Jobs | None = None
    said: str = _NONE
    failed: bool = False

    @property
    def is_well(self) -> bool:
        """It could be measured, and no job went wrong. A target that was not met is said, and is no failure."""
        return not self.failed and (self.jobs is None or self.jobs.are_right)


def not_measured(what: str, why: object) -> Figure:
    """The row of a measure that failed."""
    reason = " ".join(str(why).split()) or type(why).__name__
    return Figure(f"{what}: {reason}", said="failed", failed=True)


def table_of(title: str, figures: Sequence[Figure], boot_s: float | None, notes: Sequence[str]) -> Result:
    """The table. `boot_s`: what ratios are of; None: it was not measured in this run."""
    return Result(title, COLUMNS, [_row(figure, boot_s) for figure in figures], list(notes))


def _row(figure: Figure, boot_s: float | None) -> tuple[str, ...]:
    jobs = figure.jobs.cell() if figure.jobs else _NONE
    if not figure.seconds:
        return figure.what, figure.said, _NONE, _NONE, jobs
    middle = median(figure.seconds)
    target = figure.target.cell(middle, boot_s) if figure.target else _NONE
    return figure.what, _seconds(figure.seconds), _ratio(middle, boot_s), target, jobs


def _seconds(values: Sequence[float]) -> str:
    return spread(values, 1 if median(values) >= 10 else 2)


def _ratio(seconds: float, boot_s: float | None) -> str:
    if not boot_s:
        return _NONE
    ratio = seconds / boot_s
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.4f}"
