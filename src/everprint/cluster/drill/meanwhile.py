"""Somebody who prints while something happens, and what came of each of their jobs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from everprint.cluster.drill.balance import Balance, balance_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.people import Client, NotAnswered
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.watching import Watch

JOBS_BEFORE, JOBS_AFTER = 4, 4


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """The jobs of somebody who prints; the label is the first word of their titles."""

    stage: Stage
    client: Client
    label: str
    within_s: float
    """How long anything that is waited for may take."""
    look_on: Callable[[Client], None]

    def watch(self) -> Watch:
        """A watch that begins now, and lets others look at the jobs."""
        return Watch(self.within_s, lambda: self.look_on(self.client))

    def wait_for_first(self) -> None:
        """Until so many jobs were accepted that printing goes well. Raises DrillFailed."""
        self.watch().until("jobs to be accepted", lambda: self._accepted() >= JOBS_BEFORE)

    def wait_for_more(self) -> None:
        """Until some more were accepted than now. Raises DrillFailed."""
        enough = self._accepted() + JOBS_AFTER
        self.watch().until("jobs to be accepted after it", lambda: self._accepted() >= enough)

    def settled(self) -> Balance:
        """What came of the jobs, once nothing is to come any more, or it did not come in time.

        Raises DrillFailed if nobody could be asked by then: that is no loss, and no success.
        """
        found: list[Balance | None] = [None]

        def is_settled() -> bool:
            found[0] = self._balance()
            return found[0] is not None and found[0].is_settled

        with suppress(DrillFailed):  # what is wrong is in the balance
            self.watch().until("every job to be printed and paid", is_settled)
        if found[0] is None:
            raise DrillFailed(
                f"what came of {self._accepted()} accepted jobs is not known: Application Server or printer "
                f"did not answer within {self.within_s:g} s; look for {self.label} in the job log once it does"
            )
        return found[0]

    def _accepted(self) -> int:
        return len([one for one in self.client.tries() if one.is_accepted])

    def _balance(self) -> Balance | None:
        """None while who knows does not answer."""
        stage = self.stage
        try:
            logged = stage.asker.items("/jobs", self.label)
            printed = stage.asker.printed(stage.printer) if stage.printer else None
        except NotAnswered:
            return None
        return balance_of(self.client.tries(), printed, logged, is_free=stage.is_free)
