"""What came of every job of the story, at three places: who printed, the printer, and the Application Server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from demo.cluster.people import Try
from demo.table import FINAL
from rig.everprint import Row


@dataclass(frozen=True, slots=True)
class Balance:
    """Titles of jobs, by what is wrong with them. Each try to print has a title of its own."""

    accepted: int
    lost: tuple[str, ...]
    """Accepted and not printed."""
    printed_twice: tuple[str, ...]
    not_charged_once: tuple[str, ...]
    """Printed, and charged never or twice."""
    unsettled: tuple[str, ...]
    longest_pause_s: float
    """Between two jobs that were accepted one after the other."""

    @property
    def is_settled(self) -> bool:
        """Nothing is to come any more."""
        return not (self.unsettled or self.lost or self.not_charged_once)

    @property
    def is_right(self) -> bool:
        """Each job once on paper, and once in the ledger."""
        return self.is_settled and not self.printed_twice

    def lines(self) -> list[str]:
        """In words."""
        return [
            f"{self.accepted} jobs were accepted; the longest pause between two was {self.longest_pause_s:.1f} s",
            f"lost: {_named(self.lost)}; printed twice: {_named(self.printed_twice)}; "
            f"not charged exactly once: {_named(self.not_charged_once)}",
        ]


def balance_of(tries: Sequence[Try], printed: Iterable[str], logged: Sequence[Row]) -> Balance:
    """Compares the tries, the titles of what came out, and the job log."""
    accepted = [one for one in tries if one.is_accepted]
    titles = {one.title for one in tries}
    out = Counter(title for title in printed if title in titles)
    charged = Counter(str(row["document"]) for row in logged if Decimal(str(row["cost_charged"])) > 0)
    moments = sorted(one.at for one in accepted)
    return Balance(
        accepted=len(accepted),
        lost=tuple(one.title for one in accepted if not out[one.title]),
        printed_twice=tuple(title for title, times in out.items() if times > 1),
        not_charged_once=tuple(title for title in out if charged[title] != 1),
        unsettled=tuple(str(row["document"]) for row in logged if row["state"] not in FINAL),
        longest_pause_s=max((later - sooner for sooner, later in pairwise(moments)), default=0.0),
    )


def _named(titles: Sequence[str]) -> str:
    return ", ".join(titles) or "none"
