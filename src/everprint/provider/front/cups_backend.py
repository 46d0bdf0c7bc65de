"""What CUPS's own IPP backend needs to be told in its own way (every release up to 2.4 at least, macOS too).

Its requests are known by their User-Agent and by what they ask for; ipptool and others that use CUPS's library have
the same User-Agent and are told what everybody is told.
"""

from __future__ import annotations

from everprint.contract.job_life import JobState
from everprint.contract.messages import RefusalReason
from everprint.ipp.message import Attribute, Group, enum
from everprint.ipp.operations import Operation
from everprint.ipp.requested_attributes import requested_attributes
from everprint.ipp.status import Status
from everprint.provider.front.call import Asked, Call
from everprint.provider.job import Job

# Exactly what it asks of a job while it waits for its end.
_FOLLOWED = frozenset(
    {
        "job-id", "job-impressions-completed", "job-media-sheets-completed", "job-name",
        "job-originating-user-name", "job-state", "job-state-reasons",
    }
)  # fmt: skip
_PROCESSING_STOPPED = 6
# What it asks for until its job is ours.
_SUBMITS = frozenset({Operation.VALIDATE_JOB, Operation.CREATE_JOB, Operation.SEND_DOCUMENT})


def later(call: Call) -> Status:
    """How a client is told that its job cannot be kept now, and can later.

    The backend takes *temporary-error* on Send-Document for the end of the job, and CUPS shows it as completed. After
    *busy* it waits, cancels what there is of the job, and sends all of it again.
    """
    if call.request.message.code in _SUBMITS and _is_cups(call):
        return Status.SERVER_ERROR_BUSY
    return Status.SERVER_ERROR_TEMPORARY_ERROR


def sends_document(call: Call) -> bool:
    """True if the backend sends a document."""
    return call.request.message.code == Operation.SEND_DOCUMENT and _is_cups(call)


def as_followed(call: Asked, job: Job, group: Group) -> Group:
    """The job's attributes as they let the backend follow a job that waits for credit until it is printed.

    It takes a job that is *pending-held* for one that is done: CUPS would show its own as completed, and it is not.
    Of one that is *processing-stopped* it shows the reason, and waits on.
    """
    waits = job.state is JobState.HELD and RefusalReason.ACCOUNT_LIMIT_REACHED in job.job_state_reasons
    if not waits or not _is_cups(call) or requested_attributes(call.request.message).names != _FOLLOWED:
        return group
    return Group(group.tag, tuple(_stopped(attribute) for attribute in group))


def _stopped(attribute: Attribute) -> Attribute:
    return enum("job-state", _PROCESSING_STOPPED) if attribute.name == "job-state" else attribute


def _is_cups(call: Asked) -> bool:
    return call.request.user_agent.startswith("CUPS/")
