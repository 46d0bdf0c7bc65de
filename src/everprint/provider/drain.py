"""Draining: the print server takes no new job, and those it has finish or wait, until it is safe to stop or move it.

The wish is an empty file in the state folder, so that it outlives a restart: a drained print server that is started
again stays drained. Clients are told *server-error-not-accepting-jobs*, and *printer-is-accepting-jobs* is false.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.provider.identity import store_durably
from everprint.provider.job import Job

log = logging.getLogger(__name__)

FILE_NAME = "drained"
LOOK_EVERY_S = 0.5

AT_PRINTER = frozenset({JobState.DELIVERING, JobState.PRINTING})
# On their way by themselves, if server and printers let them.
GOING = frozenset({JobState.INCOMING, JobState.ACCEPTED, JobState.ANALYSED, JobState.AUTHORISED})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The unfinished jobs of a print server that drains."""

    at_printer: int  # stopping now leaves their printers' word for the next start
    going: int
    parked: int  # they wait for a person or for the server, on disk

    @property
    def is_drained(self) -> bool:
        """True if nothing moves by itself any more."""
        return not self.at_printer and not self.going


def wish_drained(state_folder: Path) -> None:
    """Takes no new jobs from now on. Raises OSError."""
    store_durably(state_folder / FILE_NAME, b"")


def wish_undrained(state_folder: Path) -> None:
    """Takes jobs again. Raises OSError."""
    (state_folder / FILE_NAME).unlink(missing_ok=True)


def is_wanted(state_folder: Path) -> bool:
    """True if it shall take no new jobs."""
    return (state_folder / FILE_NAME).exists()


def unfinished(jobs: Iterable[Job]) -> Unfinished:
    """Where the unfinished jobs stand. One that says what it waits for, and is not at a printer, is parked."""
    at_printer = going = parked = 0
    for job in jobs:
        if job.state in AT_PRINTER:
            at_printer += 1
        elif job.state in GOING and not job.job_state_message:
            going += 1
        elif not job.state.is_final:
            parked += 1
    return Unfinished(at_printer, going, parked)


class DrainWatch:
    """Does what the file wishes, within half a second."""

    def __init__(self, state_folder: Path, change: Callable[[bool], None]) -> None:
        self._state_folder = state_folder
        self._change = change
        self._drained = False

    def look(self) -> None:
        """Looks once."""
        drained = is_wanted(self._state_folder)
        if drained is not self._drained:
            log.warning("drained: no new jobs are taken" if drained else "undrained: jobs are taken again")
            self._drained = drained
        self._change(drained)

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)
