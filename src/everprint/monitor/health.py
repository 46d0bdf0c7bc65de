"""What a check says, and what checks say together.

Three questions that must not be mixed: *liveness* (would a restart help?), *readiness* (may it get work now?) and
*business* (is everything as people want it: paper, credit, printers?). A watchdog acts on the first, a load balancer
or a cluster on the second, a person on the third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it stands; later is worse."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Question(StrEnum):
    """What a check is about."""

    LIVENESS = "liveness"
    READINESS = "readiness"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer; `message` says what to do unless it is ok."""

    name: str
    level: Level
    message: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """All answers to one question."""

    question: Question
    checks: tuple[CheckResult, ...]

    @property
    def level(self) -> Level:
        """The worst of them; ok if there is none."""
        return worst([check.level for check in self.checks])

    def as_json(self) -> dict[str, object]:
        """The form that every part's health address answers with."""
        return {
            "question": self.question.value,
            "status": self.level.value,
            "checks": [
                {"name": check.name, "status": check.level.value, "message": check.message} for check in self.checks
            ],
        }


def worst(levels: Sequence[Level]) -> Level:
    """The worst level; ok if there is none."""
    order = list(Level)
    return max(levels, key=order.index, default=Level.OK)
