"""Who is below a process, by the kernel's own account (/proc): to end a whole family, and to weigh it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Member:
    """One process. Its start time keeps a later process with the same number apart."""

    pid: int
    parent: int
    started: int  # clock ticks since boot
    state: str  # R, S, D, Z, ...

    @property
    def is_alive(self) -> bool:
        """True if this very process runs still; one that only waits to be reaped has ended."""
        now = read_member(self.pid)
        return now is not None and now.started == self.started and now.state != "Z"

    def kill(self) -> None:
        """Ends it; never another one that has got its number since."""
        if self.is_alive:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def read_member(pid: int) -> Member | None:
    """What the kernel says of that process, or None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold blanks and brackets
    return Member(pid=pid, parent=int(fields[1]), started=int(fields[19]), state=fields[0])


def descendants(pid: int) -> list[Member]:
    """All processes below that one, parents first."""
    children: dict[int, list[Member]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            member = read_member(int(entry.name))
            if member is not None:
                children.setdefault(member.parent, []).append(member)
    found: list[Member] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [member.pid for member in below]
    return found
