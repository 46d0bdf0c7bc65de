"""Hosts reached by a program that is called with the host's name and the command: `PROGRAM... HOST ARGV...`.

It runs the command as root at that host, passes input and outputs on, and ends as it ended; 255 says that the host
was not reached, as with ssh.
"""

from __future__ import annotations

from collections.abc import Sequence

from everprint.cluster.hosts.port import USUAL_PATIENCE_S, Answer, HostUnreachable
from everprint.cluster.hosts.program import ProgramHangs, ProgramMissing, run_program

NOT_REACHED = 255


class HostsVia:
    """All hosts are reached by the same program."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = tuple(program)

    def run(
        self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = USUAL_PATIENCE_S
    ) -> Answer:
        """Runs it there. Raises HostUnreachable."""
        try:
            answer = run_program(self.command(host, argv), stdin=stdin, timeout_s=timeout_s)
        except (ProgramMissing, ProgramHangs) as error:
            raise HostUnreachable(host, str(error)) from error
        if answer.code == NOT_REACHED:
            raise HostUnreachable(host, answer.complaint)
        return answer

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """What is called on this machine to run it there."""
        return [*self._program, host, *argv]
