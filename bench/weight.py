"""What a part weighs and works, its children included, by the kernel's own account."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.process_tree import descendants

_ENDED = (FileNotFoundError, ProcessLookupError)
"""A process that was there a moment ago."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Memory of a process and all below it. PSS divides shared pages among those who share them; RSS counts them
    in each."""

    pss_mib: float
    rss_mib: float
    processes: int


def weigh(*pids: int) -> Weight:
    """The memory of those processes and all below them, at this moment."""
    pss = rss = processes = 0
    for member in _families(pids):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except _ENDED:
            continue
        pss += _kib(rollup, "Pss")
        rss += _kib(rollup, "Rss")
        processes += 1
    return Weight(pss_mib=pss / 1024, rss_mib=rss / 1024, processes=processes)


def processor_seconds(*pids: int) -> float:
    """User and system time so far of those processes, all below them, and those that they have reaped."""
    ticks = 0
    for member in _families(pids):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except _ENDED:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _families(pids: Sequence[int]) -> list[int]:
    return [member for pid in pids for member in (pid, *(below.pid for below in descendants(pid)))]


def _kib(rollup: str, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB$", rollup, re.MULTILINE)
    assert found, f"no {key} in {rollup}"
    return int(found[1])
