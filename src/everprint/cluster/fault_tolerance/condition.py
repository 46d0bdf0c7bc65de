"""How well a fault-tolerant VM is guarded, as its primary tells the other hosts and `status` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Guard(StrEnum):
    """What would happen if the primary's host died now."""

    PROTECTED = "protected"
    """Its twin goes on."""
    RESYNCHRONISING = "re-synchronising"
    """A twin is being made as far; until then as *degraded*."""
    DEGRADED = "degraded"
    """It is restarted, as with `ha`: what was in its memory is lost."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One VM's."""

    guard: Guard
    twin: str = ""
    """The other host."""
    copied: float = 0.0
    """How much of its disk is there, from 0 to 1, while it is made as far."""
    checkpoint_ms: float = 0.0
    """How long the VM stands still at a checkpoint (median of the latest)."""
    checkpoints_a_minute: float = 0.0
    reason: str = ""
    """Why it is degraded."""

    @property
    def still(self) -> float:
        """The part of the time, from 0 to 1, for which the VM stands still: what its protection costs it."""
        return min(self.checkpoint_ms * self.checkpoints_a_minute / 60_000, 1.0)

    def __str__(self) -> str:
        match self.guard:
            case Guard.PROTECTED:
                return (
                    f"{self.guard} by {self.twin}; {self.checkpoints_a_minute:.0f} checkpoints a minute, "
                    f"{self.checkpoint_ms:.0f} ms each: it stands still for {self.still:.0%} of the time"
                )
            case Guard.RESYNCHRONISING:
                return f"{self.guard} with {self.twin}: {self.copied:.0%} of its disk"
            case _:
                return f"{self.guard}: {self.reason}"


def written_condition(condition: Condition) -> str:
    """As an attribute's value: no quotes, one line."""
    numbers = f"{condition.copied:.2f} {condition.checkpoint_ms:.1f} {condition.checkpoints_a_minute:.0f}"
    reason = " ".join(condition.reason.replace('"', "'").split())
    return f"{condition.guard} {condition.twin or '-'} {numbers} {reason}".strip()


def read_condition(word: str) -> Condition | None:
    """None for what was not written by us."""
    parts = word.split(" ", 5)
    try:
        guard, twin, copied, checkpoint, per_minute = parts[:5]
        return Condition(
            Guard(guard),
            "" if twin == "-" else twin,
            float(copied),
            float(checkpoint),
            float(per_minute),
            parts[5] if len(parts) > 5 else "",
        )
    except ValueError:
        return None
