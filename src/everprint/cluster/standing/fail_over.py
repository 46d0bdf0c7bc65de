"""When a VM last failed over, why, from where and to where: told from what hosts noted and whom the engine fenced.

A host that lost its power notes nothing any more. If it does not answer yet, its name comes from the fencing that
came before the VM's start elsewhere; when it is back, from its own notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from everprint.cluster.ocf import runs as words
from everprint.cluster.standing.fence_events import FenceEvent
from everprint.cluster.standing.host_records import Run

_FENCED_BEFORE = timedelta(minutes=15)
# Hosts' clocks may be so far apart, and notes are of whole seconds.
_CLOCKS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class FailOver:
    """A VM that was started because something had failed."""

    at: datetime
    why: str
    source: str
    """The host that it was on; empty if nobody knows."""
    target: str
    """The same host: it was started again in place."""

    def as_json(self) -> dict[str, str]:
        """The form for programs."""
        return {"at": self.at.isoformat(), "why": self.why, "from": self.source, "to": self.target}


def last_fail_over(runs: Sequence[Run], fenced: Sequence[FenceEvent], told: frozenset[str]) -> FailOver | None:
    """The newest start that was no wish of anybody; None if none is known.

    `runs` are the VM's, the oldest first; `told` are the hosts whose notes they are.
    """
    for number in range(len(runs) - 1, -1, -1):
        start = runs[number]
        if start.word == words.STARTED and (cause := _cause(runs[:number], start, fenced, told)):
            source, why = cause
            return FailOver(start.at, why, source, start.host)
    return None


def _cause(
    before: Sequence[Run], start: Run, fenced: Sequence[FenceEvent], told: frozenset[str]
) -> tuple[str, str] | None:
    """Where it was, and why it went; None if it was not running, or was stopped in order."""
    earliest = start.at - _FENCED_BEFORE
    since = max(earliest, before[-1].at) if before else earliest
    silent = [host for host in _fenced(fenced, since, start.at) if host not in told and host != start.host]
    if silent:
        return silent[0], f"{silent[0]} was fenced"
    if not before:
        return None
    last = before[-1]
    if last.word == words.STOPPED and len(before) > 1:
        last = before[-2]
        if last.word != words.FAILED:
            return None
    match last.word:
        case words.FAILED:
            return last.host, last.text
        case words.STARTED | words.CAME:
            return last.host, _ended_without_a_word(last.host, start, last.at, fenced)
        case words.LEFT:
            # The other host noted nothing, or its clock is behind.
            return last.text, _ended_without_a_word(last.text, start, last.at, fenced)
    return None


def _ended_without_a_word(host: str, start: Run, since: datetime, fenced: Sequence[FenceEvent]) -> str:
    if host in _fenced(fenced, since, start.at):
        return f"{host} was fenced"
    return f"{host} was started anew" if host == start.host else f"{host} was lost"


def _fenced(fenced: Sequence[FenceEvent], since: datetime, until: datetime) -> list[str]:
    """The hosts that were fenced in that time, the newest first."""
    times = (since - _CLOCKS, until + _CLOCKS)
    return [event.host for event in fenced if event.is_done and event.at and times[0] <= event.at <= times[1]]
