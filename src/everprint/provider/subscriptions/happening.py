"""What subscriptions can tell, as the events of RFC 3995 section 5.3.3.4: pure, from the states before and after."""

from __future__ import annotations

from dataclasses import dataclass, field

from everprint.ipp.message import Attribute, integer
from everprint.provider.job import Job
from everprint.provider.job_state import state_attributes as job_state_attributes
from everprint.provider.queue import Queue, QueueChange
from everprint.provider.queue_state import Moment, StateValue
from everprint.provider.volatile_attributes import state_attributes as printer_state_attributes

# Who subscribed to the general event is told the special one, too.
_GENERAL = {
    "job-created": "job-state-changed",
    "job-completed": "job-state-changed",
    "printer-stopped": "printer-state-changed",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a queue or to one of its jobs, with what clients are told of it."""

    event: str
    queue: str
    text: str
    attributes: tuple[Attribute, ...]
    job_id: int | None = None
    moment: Moment = field(default_factory=Moment)

    def subscribed_as(self, events: tuple[str, ...]) -> str | None:
        """Which of these events it is; None if none of them."""
        if self.event in events:
            return self.event
        general = _GENERAL.get(self.event)
        return general if general in events else None


def of_job(before: Job | None, job: Job) -> Happening | None:
    """What a change of a job is to subscribers; None if they see no difference.

    It says no more than everybody sees of other people's jobs: which number, and how far it is.
    """
    state = tuple(job_state_attributes(job))
    event = _job_event(before, job)
    if event is None:
        return None
    return Happening(
        event=event,
        queue=job.queue,
        text=f"Job {job.job_id} {'was created' if before is None else f'is {job.state}'}.",
        attributes=(integer("notify-job-id", job.job_id), *state),
        job_id=job.job_id,
    )


def _job_event(before: Job | None, job: Job) -> str | None:
    if before is None:
        return "job-created"
    if tuple(job_state_attributes(before)) != tuple(job_state_attributes(job)):
        return "job-completed" if job.state.is_final else "job-state-changed"
    if (before.job_name, before.attributes) != (job.job_name, job.attributes):
        return "job-config-changed"
    return None


def of_queue(queue: Queue, change: QueueChange) -> Happening:
    """What a change of a queue is to subscribers."""
    if change is QueueChange.CONFIGURATION:
        event, text = "printer-config-changed", f"The configuration of {queue.name} changed."
    else:
        event = "printer-stopped" if queue.state.state is StateValue.STOPPED else "printer-state-changed"
        text = f"{queue.name}: {queue.state.message}"
    return Happening(event, queue.name, text, printer_state_attributes(queue))
