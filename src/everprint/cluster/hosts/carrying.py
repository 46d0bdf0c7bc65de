"""Carries octets from a program at one host to a program at another, by way of this machine.

So neither host needs a key for the other, and nothing is kept here: what one writes is what the other reads.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from everprint.cluster.hosts.port import Answer, Hosts, HostUnreachable
from everprint.cluster.hosts.program import MOST_OUTPUT_OCTETS
from everprint.cluster.hosts.via import NOT_REACHED


class HostsByProgram(Hosts, Protocol):
    """Hosts that are reached by a program of this machine, whose input and output are those of what runs there."""

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """What is called on this machine to run it there."""


@dataclass(frozen=True, slots=True)
class End:
    """A program at a host."""

    host: str
    argv: Sequence[str]


def carry(hosts: HostsByProgram, source: End, target: End, within_s: float) -> tuple[Answer, Answer]:
    """Runs both to their ends, joined; how each ended, the source without what it wrote. Raises HostUnreachable."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong_there, tempfile.TemporaryFile() as wrong:
        quietly = {**os.environ, "LC_ALL": "C.UTF-8"}
        try:
            giver = subprocess.Popen(
                hosts.command(source.host, source.argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=wrong,
                env=quietly,
            )
        except FileNotFoundError as error:
            raise HostUnreachable(source.host, f"{error.filename} is not installed here") from error
        taker = subprocess.Popen(
            hosts.command(target.host, target.argv),
            stdin=giver.stdout,
            stdout=said,
            stderr=wrong_there,
            env=quietly,
        )
        assert giver.stdout is not None
        giver.stdout.close()  # the taker's alone: when it ends, the giver is told
        try:
            taker.wait(within_s)
            giver.wait(within_s)
        except subprocess.TimeoutExpired:
            raise HostUnreachable(target.host, f"it did not take everything within {within_s:.0f} s") from None
        finally:
            for process in (giver, taker):
                process.kill()
                process.wait()
        texts = []
        for stream in (wrong, said, wrong_there):
            stream.seek(0)
            texts.append(stream.read(MOST_OUTPUT_OCTETS).decode("utf-8", "replace"))
    for process, end, complaint in ((giver, source, texts[0]), (taker, target, texts[2])):
        if process.returncode == NOT_REACHED:
            raise HostUnreachable(end.host, complaint.strip() or "the connection ended")
    return Answer(giver.returncode, "", texts[0]), Answer(taker.returncode, texts[1], texts[2])
