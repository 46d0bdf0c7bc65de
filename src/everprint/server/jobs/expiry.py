"""Until when a held job waits, for people to read. Its Print Provider ends it then, whether we are there or not."""

from __future__ import annotations

from datetime import datetime, timedelta

from everprint.contract.job_life import JobState
from everprint.server.jobs.models import Job


def expires_at(job: Job, default_hours: int) -> datetime | None:
    """When the held job ends if nobody releases it; None if it waits for somebody to look, or as long as its Print
    Provider's own settings say.
    """
    hours = job.printer.hold_hours or default_hours
    if job.state != JobState.HELD or job.in_doubt or not hours:
        return None
    return job.submitted_at + timedelta(hours=hours)
