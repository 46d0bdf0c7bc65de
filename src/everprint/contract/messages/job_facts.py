"""What happened to one job, as its provider tells it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from everprint.contract.elsewhere import Outcome
from everprint.contract.job_life import JobState
from everprint.contract.messages.decision import Print, Refuse
from everprint.contract.messages.job import DocumentSummary, JobDescription
from everprint.documents.result import Output


class JobReceived(msgspec.Struct, frozen=True, kw_only=True, tag="job-received"):
    """The job was accepted: from here on it is never gone."""

    job: JobDescription


class JobAnalysed(msgspec.Struct, frozen=True, kw_only=True, tag="job-analysed"):
    """What it will put on paper is known."""

    document: DocumentSummary


class JobHeld(msgspec.Struct, frozen=True, kw_only=True, tag="job-held"):
    """It waits for a person. A reservation stays only if `in_doubt`: paper may have moved.

    `look_again`: its provider held it alone, for want of credit as far as it knew. The server decides about it anew.
    `password_encryption`: it waits for its PIN, which may be sent hashed by that method (*job-password-encryption*).
    """

    reason: str
    in_doubt: bool = False
    look_again: bool = False
    password_encryption: str = ""


class PasswordRefused(msgspec.Struct, frozen=True, kw_only=True, tag="password-refused"):
    """The PIN of an order was not the job's; the job waits on. Only told of orders that had one."""

    reason: str


class DecidedOffline(msgspec.Struct, frozen=True, kw_only=True, tag="decided-offline"):
    """The server was away (or its answer was lost): the provider decided this attempt by itself, as its queue's
    failure mode says. Only told to a server whose snapshot has offline terms: an older one does not know it."""

    attempt: int
    user_name: str  # in the server's spelling
    decision: Print | Refuse
    logged: bool = True  # False: printed for nobody; only counts are kept of it


class JobReleased(msgspec.Struct, frozen=True, kw_only=True, tag="job-released"):
    """Somebody let it go on; it will be decided anew."""


class JobRedirected(msgspec.Struct, frozen=True, kw_only=True, tag="job-redirected"):
    """An operator sent it to another queue of its provider: nothing is reserved any more, and it is decided anew."""

    queue: str
    by: str


class JobChanged(msgspec.Struct, frozen=True, kw_only=True, tag="job-changed"):
    """A rule's change was made (Change): it is analysed and decided anew. Only told of what a server wanted."""

    reason: str


class RedirectFailed(msgspec.Struct, frozen=True, kw_only=True, tag="redirect-failed"):
    """It stays in its queue: it was too late, or the other one cannot print it."""

    queue: str
    reason: str


class JobGiven(msgspec.Struct, frozen=True, kw_only=True, tag="job-given"):
    """It is on its way to a printer of another provider (contract.hand_over): nothing is reserved any more."""

    hand_over: str
    queue: str
    by: str


class JobTaken(msgspec.Struct, frozen=True, kw_only=True, tag="job-taken"):
    """Said by the taker: the job is in its journal, and it tells of it from now on."""

    hand_over: str
    job: JobDescription


class JobTakenBack(msgspec.Struct, frozen=True, kw_only=True, tag="job-taken-back"):
    """Said by the giver: the job does not get to the other provider, and is decided anew where it was."""

    hand_over: str
    reason: str


class DeliveryBegun(msgspec.Struct, frozen=True, kw_only=True, tag="delivery-begun"):
    """The printer was asked for a job. `device_uri` says which of a pool; without a password."""

    device_uri: str = ""


class DocumentSent(msgspec.Struct, frozen=True, kw_only=True, tag="document-sent"):
    """The printer has it all; `device_job_id` is the printer's number for it."""

    device_job_id: int


class DeliveryFailed(msgspec.Struct, frozen=True, kw_only=True, tag="delivery-failed"):
    """Nothing reached paper; it will be tried again under the same reservation."""

    reason: str


class CounterCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The printer's own counter of impressions before and after a job, where the queue says to look at it.

    `remark` says why the output does not follow it; empty: it does.
    """

    before: int
    after: int | None = None  # None: it could not be read then
    remark: str = ""


class JobFinished(msgspec.Struct, frozen=True, kw_only=True, tag="job-finished"):
    """Completed, cancelled or aborted, with what really came out: the server settles on `output`."""

    state: JobState
    output: Output
    reason: str = ""
    counter: CounterCheck | None = None


class JobResubmitted(msgspec.Struct, frozen=True, kw_only=True, tag="job-resubmitted"):
    """It was printed again as the server ordered (ResubmitJob): that new job was received."""

    new_job_id: str
    by: str


class ResubmitFailed(msgspec.Struct, frozen=True, kw_only=True, tag="resubmit-failed"):
    """It was not: its document is gone, or its queue takes no jobs."""

    reason: str


class JobNoted(msgspec.Struct, frozen=True, kw_only=True, tag="job-noted"):
    """What IPP clients are shown of the job from now on, as far as no other fact says it: for when they ask another
    provider. Only told to a server whose snapshot says that it answers for jobs."""

    job_name: str
    job_state_reasons: tuple[str, ...] = ()  # empty for the usual one of its state
    job_state_message: str = ""
    hold: bool = False  # it is held, or will be as soon as it can
    is_cancelling: bool = False
    completed_at: datetime | None = None
    document_until: datetime | None = None  # its document is kept, and it can be printed again


class OrderReported(msgspec.Struct, frozen=True, kw_only=True, tag="order-reported"):
    """What became of an order with a `request`. Only told of such."""

    request: str
    outcome: Outcome
    message: str = ""


JobFact = (
    JobReceived
    | JobAnalysed
    | JobHeld
    | PasswordRefused
    | JobReleased
    | JobRedirected
    | JobChanged
    | RedirectFailed
    | JobGiven
    | JobTaken
    | JobTakenBack
    | DecidedOffline
    | DeliveryBegun
    | DocumentSent
    | DeliveryFailed
    | JobFinished
    | JobNoted
    | OrderReported
    | JobResubmitted
    | ResubmitFailed
)
