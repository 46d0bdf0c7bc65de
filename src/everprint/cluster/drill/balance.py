"""What came of every job of a drill, at three places: who printed, the printer, and the Application Server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from everprint.cluster.drill.people import Row, Try

FINAL = frozenset({"completed", "cancelled", "refused", "aborted", "expired"})
"""The states that a job stays in."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Titles of jobs, by what is wrong with them. Each try to print has a title of its own."""

    tried: int
    accepted: int
    lost: tuple[str, ...]
    """Accepted and not printed."""
    printed_twice: tuple[str, ...]
    charged_twice: tuple[str, ...]
    not_charged: tuple[str, ...]
    """Printed, and not charged. None if the queue costs nothing."""
    unsettled: tuple[str, ...]
    longest_pause_s: float
    """Between two jobs that were accepted one after the other."""

    @property
    def is_settled(self) -> bool:
        """Nothing is to come any more."""
        return not (self.unsettled or self.lost or self.not_charged)

    @property
    def is_right(self) -> bool:
        """Each job once on paper, and once in the ledger."""
        return self.is_settled and not self.printed_twice and not self.charged_twice


def balance_of(
    tries: Sequence[Try], printed: Iterable[str] | None, logged: Sequence[Row], *, is_free: bool = False
) -> Balance:
    """Compares the tries, the titles of what came out, and the job log. None: the log says what came out, too."""
    accepted = [one for one in tries if one.is_accepted]
    titles = {one.title for one in tries}
    completed = [str(row["document"]) for row in logged if row["state"] == "completed"]
    out = Counter(title for title in (completed if printed is None else printed) if title in titles)
    charged = Counter(str(row["document"]) for row in logged if Decimal(str(row["cost_charged"])) > 0)
    moments = sorted(one.at for one in accepted)
    return Balance(
        tried=len(tries),
        accepted=len(accepted),
        lost=tuple(one.title for one in accepted if not out[one.title]),
        printed_twice=tuple(title for title, times in out.items() if times > 1),
        charged_twice=tuple(title for title, times in charged.items() if times > 1),
        not_charged=() if is_free else tuple(title for title in out if not charged[title]),
        unsettled=tuple(str(row["document"]) for row in logged if row["state"] not in FINAL),
        longest_pause_s=max((later - sooner for sooner, later in pairwise(moments)), default=0.0),
    )
