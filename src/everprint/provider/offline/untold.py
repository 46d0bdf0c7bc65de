"""What is taken up again: at start, decisions that the server was not told of; when it is back, what it must know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from everprint.contract.messages import OfflinePeriod, Print
from everprint.provider.journal import Entry, JobEventFact, Journal
from everprint.provider.offline.absence import Absence
from everprint.provider.offline.spending import Spending
from everprint.provider.queues import Queues


def resume_untold(journal: Journal, spending: Spending, absence: Absence) -> None:
    """Counts what an earlier run of this provider let through, as if it had never been stopped."""
    decisions = journal.untold_decisions()
    if not decisions:
        return
    spending.resume((job_uuid, fact) for _, job_uuid, fact in decisions)
    printed = [fact for _, _, fact in decisions if isinstance(fact.decision, Print)]
    unlogged = sum(not fact.logged for fact in printed)
    absence.resume(decisions[0][0], len(printed), unlogged, len(decisions) - len(printed))


class BackAgain:
    """What happens when the server answers again."""

    def __init__(self, journal: Journal, queues: Queues) -> None:
        self.fetch_soon: Iterable[Callable[[], None]] = ()
        self._journal = journal
        self._queues = queues

    def tell(self, period: OfflinePeriod | None) -> None:
        """Fetches what changed meanwhile, and reports the time without the server if it is worth a report."""
        for fetch in self.fetch_soon:
            fetch()
        snapshot = self._queues.snapshot
        if period is not None and snapshot is not None and snapshot.offline is not None:
            fact = JobEventFact(datetime.now(UTC), None, period)
            # Not awaited: it is for people to look at, and a journal that cannot be written has worse to say.
            self._journal.write(Entry(facts=(fact,))).add_done_callback(lambda done: done.exception())
