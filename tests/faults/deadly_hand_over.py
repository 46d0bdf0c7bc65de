"""Runs a real part that kills itself at each of its points of a hand-over, at each once.

usage: deadly_hand_over.py {giver|taker|server} NOTES

NOTES is a folder; a file of the point's name in it says that the part died there, and does not again.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from everprint.cli.main import everprint_command
from everprint.contract.client import ServerClient
from everprint.contract.job_life import JobState
from everprint.provider.journal.entry import Entry
from everprint.provider.journal.writer import JournalFailed, JournalWriter

GIVER = ("before-given", "after-given", "after-offer-heard", "before-let-go", "after-let-go")
TAKER = ("after-fetched", "before-taken", "after-taken")
SERVER = ("after-offer", "after-piece", "before-claim", "after-claim", "before-taking-booked")


def main() -> None:
    role, notes = sys.argv[1], Path(sys.argv[2])

    def die_at(point: str, points: Sequence[str]) -> None:
        if point not in points or (notes / point).exists():
            return
        (notes / point).touch()
        os.kill(os.getpid(), signal.SIGKILL)

    if role == "server":
        _make_referee_deadly(lambda point: die_at(point, SERVER))
        everprint_command(["server", "run"], prog_name="everprint")
        return
    points = GIVER if role == "giver" else TAKER
    commit = JournalWriter._commit

    def deadly_commit(writer: JournalWriter, entries: Sequence[Entry]) -> JournalFailed | None:
        steps = {step for entry in entries for step in _steps_of(entry)}
        for step in steps:
            die_at(f"before-{step}", points)
        failure = commit(writer, entries)
        for step in steps:
            die_at(f"after-{step}", points)
        return failure

    def deadly(call: Any, point: str) -> Any:
        async def run(client: ServerClient, *arguments: object) -> object:
            answer = await call(client, *arguments)
            die_at(point, points)
            return answer

        return run

    JournalWriter._commit = deadly_commit  # type: ignore[method-assign] # the faults to inject
    ServerClient.offer = deadly(ServerClient.offer, "after-offer-heard")  # type: ignore[method-assign]
    ServerClient.fetch_piece = deadly(ServerClient.fetch_piece, "after-fetched")  # type: ignore[method-assign]
    everprint_command(["provider", "run"], prog_name="everprint")


def _make_referee_deadly(die_at: Callable[[str], None]) -> None:
    """Once Django is set up, which the command does itself: then the server's own modules can be loaded."""
    from django import setup

    def deadly(function: Any, name: str) -> Any:
        def run(*arguments: object) -> object:
            die_at(f"before-{name}")
            answer = function(*arguments)
            die_at(f"after-{name}")  # its transaction is committed, and nobody was told
            return answer

        return run

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "everprint.server.settings")
    setup()
    from everprint.server.jobs import facts, hand_overs

    hand_overs.offer = deadly(hand_overs.offer, "offer")
    hand_overs.keep_piece = deadly(hand_overs.keep_piece, "piece")
    hand_overs.claim = deadly(hand_overs.claim, "claim")
    facts.take_taking = deadly(facts.take_taking, "taking-booked")


def _steps_of(entry: Entry) -> set[str]:
    steps = {"given"} if any(job.state is JobState.MOVING for job in entry.changed) else set()
    if entry.forgotten:
        steps.add("let-go")
    if entry.taken_over:
        steps.add("taken")
    return steps


main()
