"""What is kept with a job that is on its way to another print server: where to, and how it stood before."""

from __future__ import annotations

from datetime import datetime

import msgspec

from everprint.contract.job_life import JobState


class OnItsWay(msgspec.Struct, frozen=True, kw_only=True):
    """Part of the journal's row, as JSON."""

    hand_over: str  # the server's name for it
    queue: str  # of the other print server
    by: str
    given_at: datetime
    was: JobState
    reasons: tuple[str, ...]  # job-state-reasons, as it waited
    hold_after: bool  # held again, should it come back
    password_given: bool = False  # its PIN, to be printed there at once; it needs it again, should it come back
