"""What a plugin for Nagios, Icinga and their relatives says (Monitoring Plugins Development Guidelines): one line of
state, performance data behind a bar, further lines for people, and an exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from everprint.monitor.health import Level


class State(IntEnum):
    """The exit codes of the guidelines."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


STATE_OF = {Level.OK: State.OK, Level.WARN: State.WARNING, Level.FAIL: State.CRITICAL}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that is drawn over time."""

    label: str
    value: float
    unit: str = ""
    """*s* or empty for a count."""
    warning: float | None = None
    critical: float | None = None

    def __str__(self) -> str:
        bounds = ";".join("" if bound is None else f"{bound:g}" for bound in (self.warning, self.critical))
        return f"'{_plain(self.label)}'={self.value:.6g}{self.unit};{bounds};0;"

    @property
    def state(self) -> State:
        """By its own bounds."""
        if self.critical is not None and self.value > self.critical:
            return State.CRITICAL
        return State.WARNING if self.warning is not None and self.value > self.warning else State.OK


@dataclass(frozen=True, slots=True)
class Report:
    """All that the plugin says."""

    service: str
    state: State
    text: str
    figures: tuple[Figure, ...] = ()
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        figures = f" | {' '.join(map(str, self.figures))}" if self.figures else ""
        head = f"{self.service} {self.state.name} - {_plain(self.text)}{figures}"
        return "\n".join([head, *map(_plain, self.details)])


def worst_of(states: Sequence[State]) -> State:
    """What is certain to be bad comes before what is not known."""
    order = (State.OK, State.UNKNOWN, State.WARNING, State.CRITICAL)
    return max(states, key=order.index, default=State.OK)


def _plain(text: str) -> str:
    """Without what the reader would take for its own: bars, quotes of labels, line ends."""
    return "".join(one if one.isprintable() else " " for one in text).replace("|", "/").replace("'", "").strip()
