"""Runs a print server whose journal kills a process at a job's n-th step: before the step is on disk, or after.

usage: deadly_journal.py {before|after|while-sending} STEP VICTIM

STEP counts what is written of jobs from 1. VICTIM is a process id, or *self*. While-sending kills when the first
piece of the document is on its way, STEP or not. The print server itself is the real one, run by its own command.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from typing import IO

from everprint.cli.main import everprint_command
from everprint.provider.delivery import outgoing
from everprint.provider.journal.entry import Entry
from everprint.provider.journal.writer import JournalFailed, JournalWriter


def main() -> None:
    when, step, victim = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    pid = os.getpid() if victim == "self" else int(victim)
    commit, pieces = JournalWriter._commit, outgoing._pieces
    steps = 0

    def deadly_commit(writer: JournalWriter, entries: Sequence[Entry]) -> JournalFailed | None:
        nonlocal steps
        before = steps
        steps += sum(len(entry.added) + len(entry.changed) for entry in entries)
        due = before < step <= steps
        if due and when == "before":
            os.kill(pid, signal.SIGKILL)
        failure = commit(writer, entries)
        if due and when == "after":
            os.kill(pid, signal.SIGKILL)
        return failure

    async def deadly_pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
        whole = b"".join([piece async for piece in pieces(file)])
        yield whole[: len(whole) // 2]
        os.kill(pid, signal.SIGKILL)
        yield whole[len(whole) // 2 :]

    if when == "while-sending":
        outgoing._pieces = deadly_pieces
    else:
        JournalWriter._commit = deadly_commit  # type: ignore[method-assign] # the fault to inject
    everprint_command(["provider", "run"], prog_name="everprint")


main()
