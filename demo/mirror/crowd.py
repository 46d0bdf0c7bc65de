"""People who print at the same time, and what came of every job of theirs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from demo.mirror.verdict import Account, Outcome
from everprint.cluster.drill.balance import balance_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.people import Beside, Client, NotAnswered, Row, Try
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.watching import Watch

_LOOK_EVERY_S, _TELL_EVERY_S = 0.25, 30.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who prints. The label is what the titles of all their jobs begin with."""

    stage: Stage
    label: str
    clients: tuple[Client, ...]
    had: Decimal
    """What their account had before."""
    patience_s: float
    say: Callable[[str], None]

    def tries(self) -> list[Try]:
        """Each time that somebody printed until now, in the order of the answers."""
        return sorted((one for client in self.clients for one in client.tries()), key=lambda one: one.at)

    def accepted(self) -> list[Try]:
        """Those that were accepted."""
        return [one for one in self.tries() if one.is_accepted]

    def wait_until_accepted(self, jobs: int) -> None:
        """So many in all; patience ends when none was accepted for so long. Raises DrillFailed."""
        seen, since, told = -1, time.monotonic(), time.monotonic()
        while (now := len(self.accepted())) < jobs:
            if now > seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > self.patience_s:
                raise DrillFailed(f"{now} of {jobs} jobs were accepted, and for {self.patience_s:g} s none any more")
            if time.monotonic() - told > _TELL_EVERY_S:
                told = time.monotonic()
                self.say(f"   {now} of {jobs} jobs are accepted")
            time.sleep(_LOOK_EVERY_S)

    def outcome(self, wanted: int) -> Outcome:
        """What came of it, once nothing is to come any more, or it did not come in time.

        Raises DrillFailed if nobody tells.
        """
        found: list[Outcome] = []

        def is_settled() -> bool:
            with suppress(NotAnswered):
                found[:] = [self._outcome(wanted)]
                return found[0].balance.is_settled
            return False

        with suppress(DrillFailed):  # what is wrong is in the outcome
            Watch(self.patience_s, lambda: None).until("every job to be printed and paid", is_settled)
        if not found:
            raise DrillFailed(
                f"what came of the jobs {self.label} is not known: nobody told for {self.patience_s:g} s"
            )
        return found[0]

    def _outcome(self, wanted: int) -> Outcome:
        logged: list[Row] = self.stage.asker.items("/jobs", self.label)
        printed = self.stage.asker.printed(self.stage.printer)
        has = balance_at(self.stage)
        tries = self.tries()
        return Outcome(wanted, tries, balance_of(tries, printed, logged), Account(self.had, has, _charged(logged)))


@contextmanager
def crowd_that_prints(
    beside: Beside, folder: Path, stage: Stage, clients: int, patience_s: float, say: Callable[[str], None]
) -> Iterator[Crowd]:
    """So many print as fast as each gets its answers, while this is open. Raises NotAnswered."""
    label = f"mirror-{secrets.token_hex(3)}"
    had = balance_at(stage)
    people: list[Client] = []
    try:
        for number in range(1, clients + 1):
            name = f"{label}-{number}"
            people.append(Client(beside, folder, name, stage.user, stage.queues, stage.document, 0.0))
        yield Crowd(stage, label, tuple(people), had, patience_s, say)
    finally:
        for client in people:
            client.stop()


def balance_at(stage: Stage) -> Decimal:
    """What the account of who prints has. Raises NotAnswered."""
    users = stage.asker.items("/users", stage.user)
    return next(Decimal(str(user["balance"])) for user in users if user["name"] == stage.user)


def _charged(logged: list[Row]) -> Decimal:
    return sum((Decimal(str(row["cost_charged"])) for row in logged), Decimal(0))
