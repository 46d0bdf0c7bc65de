"""Where the seconds of a boot went, from what the console said.

The guest prints `everprint-boot UPTIME WHAT` when it got somewhere and, if the kernel's command line holds
`everprint.timings`, `everprint-unit BEGAN_US ACTIVE_US NAME` for each unit of systemd once all is up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from everprint.cluster.image.trial_machine import Line

_MARK = re.compile(r"everprint-boot (\d+\.\d+) (\S.*)")
_UNIT = re.compile(r"everprint-unit (\d{1,15}) (\d{1,15}) (\S+)")
_END = "everprint-units end"


@dataclass(frozen=True)
class Mark:
    """Something was reached: the guest's uptime, QEMU's processor seconds by then, and what."""

    up_s: float
    cpu_s: float
    what: str


@dataclass(frozen=True)
class Unit:
    """A unit of systemd: the guest's uptime when it began to start, and how long it took to be there."""

    began_s: float
    took_s: float
    name: str


def read_marks(lines: Iterable[Line]) -> tuple[Mark, ...]:
    """The marks in the order in which they were reached; half lines and all else are passed over."""
    found = ((line, _MARK.search(line.text)) for line in lines)
    return tuple(Mark(float(mark[1]), line.cpu_s, mark[2].strip()) for line, mark in found if mark)


def read_units(lines: Iterable[Line]) -> tuple[Unit, ...] | None:
    """The units that were started, the longest first; None as long as the table is not whole."""
    found: list[Unit] = []
    for line in lines:
        if line.text.startswith(_END):
            return tuple(sorted(found, key=lambda unit: -unit.took_s))
        if match := _UNIT.match(line.text):
            began, active = int(match[1]) / 1e6, int(match[2]) / 1e6
            if active >= began > 0:
                found.append(Unit(began, active - began, match[3]))
    return None
