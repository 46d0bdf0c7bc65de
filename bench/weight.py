"""What a part weighs and works, its children included, by the kernel's own account."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.process_tree import descendants


@dataclass(frozen=True, slots=True)
class Weight:
    """Memory of a process and all below it. PSS divides shared pages among those who share them; RSS counts them
    in each."""

    pss_mib: float
    rss_mib: float
    processes: int


def weigh(*pids: int) -> Weight:
    """The memory of those processes and all below them, at this moment."""
    family = _families(pids)
    pss = rss = 0
    for member in family:
        rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        pss += _kib(rollup, "Pss")
        rss += _kib(rollup, "Rss")
    return Weight(pss_mib=pss / 1024, rss_mib=rss / 1024, processes=len(family))


def processor_seconds(*pids: int) -> float:
    """User and system time so far of those processes, all below them, and those that they have reaped."""
    ticks = 0
    for member in _families(pids):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _families(pids: Sequence[int]) -> list[int]:
    return [member for pid in pids for member in (pid, *(below.pid for below in descendants(pid)))]


def _kib(rollup: str, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB$", rollup, re.MULTILINE)
    assert found, f"no {key} in {rollup}"
    return int(found[1])
