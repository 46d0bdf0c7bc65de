"""The port through which everything that is done to a host goes: one command, its input, its answer.

Real hosts are reached by ssh (`ssh`), others by a program that is told the host and the command (`via`), such as the
lab's, which enters namespaces. What is above this port does not know which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

USUAL_PATIENCE_S = 30.0


class HostUnreachable(Exception):
    """The host could not be asked at all: nothing is known of what it did. Says why."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = reason
        super().__init__(f"{host} cannot be reached: {reason}")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended at the host."""

    code: int
    output: str
    errors: str

    @property
    def is_well(self) -> bool:
        return self.code == 0

    @property
    def complaint(self) -> str:
        """What it said, in one line."""
        said = (self.errors or self.output).strip().splitlines()
        return said[-1][:300] if said else f"exit code {self.code}"


class Hosts(Protocol):
    """Runs commands at hosts, as root."""

    def run(
        self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = USUAL_PATIENCE_S
    ) -> Answer:
        """Runs it to its end. Raises HostUnreachable if it cannot be said how that went."""
