"""Telling somebody that their job was refused, and why."""

from __future__ import annotations

from everprint.server.jobs.models import Job
from everprint.server.jobs.sentences import as_stored
from everprint.server.notifications.kinds import JOB_REFUSED
from everprint.server.notifications.telling import tell


def tell_refused(job: Job) -> None:
    """Tells the job's owner, if it is known whose it is; in the transaction that refuses it."""
    if job.owner is None:
        return
    fields = {
        "name": str(job.owner),
        "job": job.name or f"{job.number}",
        "printer": job.printer.name,
        "reason": as_stored(job.reason),
    }
    tell([job.owner.pk], JOB_REFUSED, fields)
