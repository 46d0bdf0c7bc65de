"""The state of a job as clients see it (RFC 8011 sections 5.3.7 and 5.3.8)."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.contract.job_life import JobState
from everprint.ipp.message import Attribute, enum, keyword
from everprint.provider.job import Job

# The job-state enum (RFC 8011 section 5.3.7), and the reason that goes without saying in that state.
_STATES: dict[JobState, tuple[int, str]] = {
    JobState.INCOMING: (4, "job-incoming"),
    JobState.ACCEPTED: (3, "none"),
    JobState.ANALYSED: (3, "none"),
    JobState.HELD: (4, "job-hold-until-specified"),
    JobState.MOVING: (4, "job-outgoing"),
    JobState.AUTHORISED: (3, "none"),
    JobState.DELIVERING: (5, "job-outgoing"),
    JobState.PRINTING: (5, "job-printing"),
    JobState.COMPLETED: (9, "job-completed-successfully"),
    JobState.CANCELLED: (7, "job-canceled-by-user"),
    JobState.REFUSED: (8, "aborted-by-system"),
    JobState.ABORTED: (8, "aborted-by-system"),
}


def usual_reason(state: JobState) -> str:
    """The *job-state-reasons* value that goes without saying in that state."""
    return _STATES[state][1]


def state_attributes(job: Job) -> Iterator[Attribute]:
    """The two that events tell, too (RFC 3995 section 5.3.6)."""
    state, usual = _STATES[job.state]
    reasons = job.job_state_reasons or (usual,)
    if job.cancelled_by is not None:
        reasons = (*reasons, "processing-to-stop-point")
    yield enum("job-state", state)
    yield keyword("job-state-reasons", *reasons)
