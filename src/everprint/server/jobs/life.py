"""How this server walks contract.job_life: each event leads to one state, and late reports are caught up with."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from everprint.contract.job_life import TRANSITIONS, JobEvent, JobState, next_state
from everprint.server.jobs.models import Job

# Wherever it happens, an event leads to the same state.
LEADS_TO: dict[JobEvent, JobState] = {event: target for (_, event), target in TRANSITIONS.items()}


def move(job: Job, event: JobEvent, at: datetime) -> None:
    """Takes one step; the caller saves.

    Raises IllegalEvent.
    """
    job.state = next_state(job.job_state, event).value
    job.state_at = at
    if job.job_state.is_final:
        job.finished_at = at
        job.cost_awaited = None


def catch_up(job: Job, wanted: JobEvent, at: datetime) -> None:
    """Walks the shortest legal way to a state in which the event can happen: its provider is ahead of its reports.

    Stays where it is if there is no way (the job is finished).
    """
    for event in way_to(job.job_state, wanted):
        move(job, event, at)


def way_to(state: JobState, wanted: JobEvent) -> list[JobEvent]:
    """The fewest events after which the wanted one is legal; empty if it is now, or never will be."""
    reached: dict[JobState, list[JobEvent]] = {state: []}
    waiting = deque([state])
    while waiting:
        here = waiting.popleft()
        if (here, wanted) in TRANSITIONS:
            return reached[here]
        for (source, event), target in TRANSITIONS.items():
            if source is here and target not in reached:
                reached[target] = [*reached[here], event]
                waiting.append(target)
    return []
