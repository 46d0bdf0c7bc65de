"""What IPP clients are shown of a job that no event of its life says: told to the server when it changes, so that
other providers show the same (contract JobNoted)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobNoted
from everprint.provider.job import Job
from everprint.provider.job_state import usual_reason


def noted(job: Job) -> JobNoted:
    """What is shown of it now."""
    reasons = () if job.job_state_reasons == (usual_reason(job.state),) else job.job_state_reasons
    return JobNoted(
        job_name=job.job_name,
        job_state_reasons=reasons,
        job_state_message=job.job_state_message,
        hold=job.hold_wanted,
        is_cancelling=job.cancelled_by is not None,
        # When it was refused, its own provider knows only after the server said it.
        completed_at=job.completed_at if job.state is JobState.REFUSED else None,
    )


def news(before: Job | None, job: Job, document_until: datetime | None = None) -> JobNoted | None:
    """What to tell of it, if it is something else than before; nothing of one that the server never heard of."""
    if job.state is JobState.INCOMING or (before is not None and job.state.is_final and before.document is None):
        return None
    told = JobNoted(job_name=job.job_name)
    if before is not None and before.state is not JobState.INCOMING:
        told = noted(before)
    now = msgspec.structs.replace(noted(job), document_until=document_until)
    return None if now == told else now
