"""What the end of a real backend means for the job: printed, to be sent again, or nobody knows. One plain function.

| the real backend | then |
|---|---|
| ended with 0 | printed |
| was ended because the job was cancelled | cancelled; what came out is paid |
| ended with 5 (cancel) | the printer would not have it: cancelled; what came out is paid |
| ended with 2 (authentication), 3 (hold) | its word is passed on to CUPS; the job waits |
| ended with 6, 7 (retry) | by its own word nothing is printed: sent again |
| ended otherwise, or was killed, having read nothing of the document | sent again |
| ended otherwise, or was killed, having read some of it | in doubt: by the queue's policy |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BACKEND_OK, BACKEND_AUTH_REQUIRED, BACKEND_HOLD, BACKEND_CANCEL = 0, 2, 3, 5
_RETRY = frozenset({6, 7})


class Verdict(StrEnum):
    """What is to be done about the job."""

    PRINTED = "printed"
    CANCELLED = "cancelled"
    HAND_BACK = "hand-back"  # to CUPS, with the real backend's own exit code
    AGAIN = "again"
    IN_DOUBT = "in-doubt"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a real backend ended. Counts are None if nobody knows."""

    status: int | None  # its exit code, negative for a signal; None if nobody lived to tell
    taken: int | None  # octets of the document that it read
    size: int
    pages: int | None  # sides that it says are printed
    terminated: bool  # cupsd asked for its end, or we did
    cancelled: bool  # because the job is cancelled

    @property
    def untouched(self) -> bool:
        """True if nothing of the document can have reached the printer."""
        return self.taken == 0 and not self.pages


def judge(ended: Ended) -> Verdict:
    """What is to be done."""
    if ended.cancelled or (ended.status == BACKEND_CANCEL and not ended.terminated):
        return Verdict.CANCELLED
    if ended.status == BACKEND_OK and not ended.terminated:
        return Verdict.PRINTED
    if ended.untouched and ended.status not in (BACKEND_AUTH_REQUIRED, BACKEND_HOLD):
        return Verdict.AGAIN
    if ended.pages or ended.terminated:
        return Verdict.IN_DOUBT
    if ended.status in (BACKEND_AUTH_REQUIRED, BACKEND_HOLD):
        return Verdict.HAND_BACK
    return Verdict.AGAIN if ended.status in _RETRY else Verdict.IN_DOUBT


def sides_out(ended: Ended, expected: int | None) -> int | None:
    """Sides of a cancelled job that are on paper: as counted, else the share of the document that was read."""
    if ended.pages is not None:
        return ended.pages
    if expected is None:
        return None
    if ended.taken is None or not ended.size:
        return expected
    return expected * min(ended.taken, ended.size) // ended.size
