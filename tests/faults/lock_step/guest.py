"""What is in the fault-tolerant VM, and what its people do: the same for a small guest and for a print server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from everprint.cluster.lab.laboratory import Laboratory

LASTING_S = 25.0
"""How long a document takes to be sent."""
OCTETS = 1_000_000

Said = dict[str, object]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document."""

    whole: bool
    charged: int
    printed: int | None
    """How often it was on paper; None: the guest prints nothing."""

    @property
    def is_right(self) -> bool:
        return self.whole and self.charged == 1 and self.printed in (None, 1)

    def cells(self) -> tuple[str, str, str]:
        """Of the table."""
        printed = "-" if self.printed is None else str(self.printed)
        return "whole" if self.whole else "WRONG", printed, str(self.charged)


class People(Protocol):
    """Who uses the VM's service, while its hosts die."""

    def sending(self, name: str) -> list[str]:
        """The program that sends a document of that name by one connection, where people are.

        It prints lines of JSON: the *part* of the document that is on its way, from 0 to 1, and at the end what was
        answered, with *paused_s*, the longest time in which nothing was acknowledged.
        """

    def outcome(self, name: str, said: Said) -> Outcome:
        """What came of it, once nothing is to come any more; `said` is the program's last line."""

    def cost(self) -> str:
        """What people get while all is as it is, in words."""

    def in_the_end(self) -> str:
        """What is so of all documents together, in words; empty: it is right, and there is nothing to say."""


class Guest(Protocol):
    """A kind of guest."""

    def topology(self) -> str:
        """The text of the lab's topology, with one fault-tolerant VM."""

    def image(self, folder: Path, say: Say) -> Path:
        """The folder with its image; made in `folder` if it is none that lasts."""

    def people(self, lab: Laboratory, say: Say) -> AbstractContextManager[People]:
        """Waits until the guest serves people."""
