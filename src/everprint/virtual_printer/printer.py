"""The printer with its power switch: what stays when the power goes (paper, jams, settings, records) and what comes
and goes with it (the device). Commands arrive here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from everprint.virtual_printer.changes import Changes
from everprint.virtual_printer.commands import Told, afflict
from everprint.virtual_printer.device import Analyser, Camera, Device, Pace
from everprint.virtual_printer.job import Job, JobState, now
from everprint.virtual_printer.model import Model
from everprint.virtual_printer.record import JobFolders
from everprint.virtual_printer.troubles import Troubles

STOPPED = {
    "media-jam-error": "Paper is jammed.",
    "media-empty-error": "There is no paper.",
    "door-open-error": "The door is open.",
    "toner-empty-error": "There is no toner.",
}

logger = logging.getLogger(__name__)


class Forgets(StrEnum):
    """What a printer no longer knows after a loss of power."""

    NOTHING = "nothing"  # jobs that were not over are aborted and remembered
    ACTIVE = "active"  # jobs that were not over are gone, as if there had been none
    ALL = "all"  # every job is gone, and numbers begin at 1 again


@dataclass(frozen=True, slots=True)
class Habits:
    """How this printer treats its jobs."""

    forgets: Forgets = Forgets.NOTHING
    keep_jobs: int = 10_000


class Printer:
    """A virtual printer. It starts without power."""

    def __init__(
        self,
        model: Model,
        folders: JobFolders,
        analyser: Analyser,
        camera: Camera,
        *,
        habits: Habits | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.model = model
        self.folders = folders
        self.troubles = Troubles()
        self.pace = pace or Pace()
        self.changes = Changes()
        self.device: Device | None = None
        self.powered_at: datetime = now()
        self.port_is_open = False
        self.page_port = 0  # the page's own port, once it listens
        self.identified = 0  # how often somebody asked it to show itself
        self._habits = habits or Habits()
        self._analyser = analyser
        self._camera = camera

    def power_on(self) -> None:
        """Begins a new life with what the records tell of the last one.

        Raises BadRecord.
        """
        if self.device:
            return
        known = self.folders.read_all()
        for job in known:
            if not job.state.is_final:
                self._lose(job)
        known = self._remove_the_oldest(known)
        forgets_all = self._habits.forgets is Forgets.ALL
        self.powered_at = now()
        self.device = Device(
            self.model,
            self.folders,
            self.troubles,
            self.pace,
            self.changes,
            self._analyser,
            self._camera,
            keep_jobs=self._habits.keep_jobs,
            remembered=[] if forgets_all else [job for job in known if not job.forgotten],
            first_job_id=1 if forgets_all else 1 + max((job.job_id for job in known), default=0),
        )
        logger.info("power on jobs=%d", len(self.device.jobs))
        self.changes.announce()

    def power_off(self) -> None:
        """Stops everything where it is."""
        if self.device:
            self.device.lose_power()
            self.device = None
            logger.info("power off")
            self.changes.announce()

    def obey(self, told: Told) -> None:
        """Carries out a command.

        Raises BadRecord (at power-on).
        """
        match told.name:
            case "power-on":
                self.power_on()
            case "power-off":
                self.power_off()
            case "slow":
                self.pace.pages_per_minute = told.number
            case _:
                afflict(self.troubles, told)
        logger.info("told command=%s number=%g", told.name, told.number)
        if self.device:
            self.device.announce()

    @property
    def up_time(self) -> int:
        """Seconds under power, from 1 (*printer-up-time*)."""
        return self.up_time_at(now())

    def up_time_at(self, moment: datetime) -> int:
        """What *printer-up-time* was then; 1 for what was before power-on."""
        return max(1, int((moment - self.powered_at).total_seconds()) + 1)

    @property
    def state_message(self) -> str:
        """The printer's state in words."""
        if self.device is None:
            return "Switched off."
        reasons = self.troubles.stops_the_engine
        if reasons:
            return " ".join(STOPPED[reason] for reason in reasons)
        current = self.device.current
        return f"Printing job {current.job_id}." if current else "Ready."

    def identify(self) -> None:
        """Shows itself (Identify-Printer): the page flashes."""
        self.identified += 1
        self.changes.announce()

    def _lose(self, job: Job) -> None:
        """A job that was not over when the power went."""
        job.state, job.state_reasons = JobState.ABORTED, ("aborted-by-system",)
        job.state_message = "The printer lost power."
        job.completed_at = now()
        job.forgotten = self._habits.forgets is not Forgets.NOTHING
        self.folders.write(job, durable=True)

    def _remove_the_oldest(self, jobs: list[Job]) -> list[Job]:
        surplus = max(0, len(jobs) - self._habits.keep_jobs)
        for job in jobs[:surplus]:
            self.folders.remove(job)
        return jobs[surplus:]
