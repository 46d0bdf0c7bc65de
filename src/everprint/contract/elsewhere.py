"""Jobs of other providers: any provider answers for any job, and the same as the job's own provider would.

The one that is asked asks the server, which answers from what the job's own provider reported. To cancel, hold or
release it, the server gives that provider the order and waits for its report.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from everprint.contract.job_life import JobState
from everprint.documents.result import Output

# Most jobs of one list.
MOST_LISTED = 500
# How long the server waits for the report of the job's own provider, in seconds; less than callers wait for it.
REPORT_PATIENCE_S = 10.0


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as the provider that was asked knows them."""

    user_name: str  # in its one spelling; empty for nobody
    authenticated: bool  # by a password, not only by the client's word
    client_address: str


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its own provider shows it to IPP clients."""

    job_id: str
    ipp_job_id: int
    queue: str
    user_name: str  # empty, as is the name of the job, for who may only know that it is there
    job_name: str
    document_format: str
    octets: int
    created_at: datetime
    state: JobState
    job_state_reasons: tuple[str, ...] = ()  # empty for the usual one
    job_state_message: str = ""
    hold: bool = False  # *job-hold-until* is indefinite
    is_cancelling: bool = False
    processing_at: datetime | None = None
    completed_at: datetime | None = None
    expected: Output | None = None  # what analysis says will be printed
    output: Output | None = None  # what came out, of one that is finished
    password_encryption: str = ""  # it waits for its PIN, compared by that method


class Found(StrEnum):
    """What became of a question about a job."""

    FOUND = "found"
    UNKNOWN = "unknown"
    NOT_YOURS = "not-yours"
    NEEDS_PASSWORD = "needs-password"  # noqa: S105 - its queue believes passwords only
    UNTRUSTED = "untrusted"  # its queue does not believe the word of clients at that address


class FindJob(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/jobs/find: the job of that job-id, or of that UUID, if the asker may see it."""

    asker: Asker
    ipp_job_id: int = 0
    job_id: str = ""  # its UUID; if it is there, it counts


class FoundJob(msgspec.Struct, frozen=True, kw_only=True):
    """`job` is there if it was found."""

    outcome: Found
    job: JobView | None = None


class WhichJobs(StrEnum):
    """*which-jobs* (RFC 8011 section 4.2.6.1)."""

    NOT_COMPLETED = "not-completed"
    COMPLETED = "completed"
    ALL = "all"


class ListJobs(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/jobs/list: the jobs of the queues of that name, of all providers but the one that asks."""

    asker: Asker
    queue: str
    which: WhichJobs = WhichJobs.NOT_COMPLETED
    mine: bool = False
    ipp_job_ids: tuple[int, ...] = ()  # only these, instead of `which`
    limit: int = MOST_LISTED


class ListedJobs(msgspec.Struct, frozen=True, kw_only=True):
    """Unfinished ones the oldest first, then finished ones the newest first. *unknown*: there is no such queue."""

    outcome: Found
    jobs: tuple[JobView, ...] = ()


class Act(StrEnum):
    """What people do to a job."""

    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"


class SteerJob(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/jobs/steer. `request` is the idempotency key: sent again, it orders nothing anew."""

    request: str  # a UUID
    asker: Asker
    job_id: str
    act: Act
    password: bytes = b""  # of a release: the job's PIN, hashed by `password_encryption`
    password_encryption: str = ""


class Outcome(StrEnum):
    """What the job's own provider says of an order."""

    DONE = "done"
    NOT_POSSIBLE = "not-possible"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - no password
    UNKNOWN_JOB = "unknown-job"
    NOT_REPORTED = "not-reported"  # yet: the order stands, and is carried out when that provider can


class Steered(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome` is there for a job that was found; `message` is in the words of the job's own provider."""

    found: Found
    outcome: Outcome | None = None
    message: str = ""
