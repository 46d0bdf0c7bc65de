"""Which disk of a fault-tolerant VM is the current one, who has it, and who is as far: a word in the engine's
configuration, which is the same on all hosts that have a majority.

It is what keeps a stale disk from being started. Whoever is the primary writes it, in this order: a twin is named
only when it is in lock-step, and is no longer named *before* the primary goes on without it. So a host that is named
may go on, and one that is not named must not, whatever it has on its disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

DISKS = ("a", "b")
"""The VM has two disks by turns: the current one, and the one that a twin gets."""

_WORD = re.compile(r"([ab])@([\w.-]{1,64})(?: ([ab])@([\w.-]{1,64}))?")


class BadRecord(Exception):
    """The word in the configuration is none of ours. Says what it is."""


@dataclass(frozen=True, slots=True)
class Record:
    """The current disk and the host that runs from it, and the twin that may take over."""

    disk: str
    host: str
    twin_disk: str = ""
    twin: str = ""
    """Host of the twin that is in lock-step; empty: none is."""

    def __str__(self) -> str:
        return f"{self.disk}@{self.host}" + (f" {self.twin_disk}@{self.twin}" if self.twin else "")

    @property
    def other_disk(self) -> str:
        """The one that may be overwritten."""
        return DISKS[1 - DISKS.index(self.disk)]

    def alone(self) -> Record:
        """Without a twin."""
        return replace(self, twin_disk="", twin="")

    def with_twin(self, host: str) -> Record:
        """With a twin on that host, in lock-step."""
        return replace(self, twin_disk=self.other_disk, twin=host)

    def taken_over(self) -> Record:
        """The twin is the one that runs."""
        return Record(self.twin_disk, self.twin)


def read_record(word: str) -> Record | None:
    """The record, if there is one yet. Raises BadRecord."""
    if not word:
        return None
    found = _WORD.fullmatch(word)
    if not found or found[1] == found[3] or found[2] == found[4]:
        raise BadRecord(f"{word!r} does not say which disk is the current one")
    return Record(found[1], found[2], found[3] or "", found[4] or "")
