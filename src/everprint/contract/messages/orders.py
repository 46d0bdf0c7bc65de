"""Orders: what the server wants done, fetched by a long-lived GET /contract/orders?after=N."""

from __future__ import annotations

import msgspec


class CancelJob(msgspec.Struct, frozen=True, kw_only=True, tag="cancel-job"):
    """Cancel it wherever it stands."""

    job_id: str
    by: str
    request: str = ""  # of every order about a job: somebody waits for an OrderReported that names it


class ReleaseJob(msgspec.Struct, frozen=True, kw_only=True, tag="release-job"):
    """Let a held job go on; with `only_if`, one that is held for that reason (a *job-state-reasons* keyword)."""

    job_id: str
    by: str
    only_if: str = ""
    # The PIN of a job that waits for one, hashed as its JobHeld said: only the job's provider knows if it is right.
    password: bytes = b""
    password_encryption: str = ""
    request: str = ""


class HoldJob(msgspec.Struct, frozen=True, kw_only=True, tag="hold-job"):
    """Hold a job that the printer does not have yet."""

    job_id: str
    by: str
    request: str = ""


class RedirectJob(msgspec.Struct, frozen=True, kw_only=True, tag="redirect-job"):
    """Send it to another queue of the same provider, if the printer does not have it yet.

    One that is held stays held, unless it is sent there to be printed at once (`release`).
    """

    job_id: str
    by: str
    queue: str
    release: bool = False
    # As of ReleaseJob: a job that waits for its PIN is sent to be printed at once with it only.
    password: bytes = b""
    password_encryption: str = ""


class HandOverJob(msgspec.Struct, frozen=True, kw_only=True, tag="hand-over-job"):
    """Give it to another provider for a queue there, if the printer does not have it yet (contract.hand_over)."""

    job_id: str
    by: str
    hand_over: str
    queue: str
    release: bool = False
    password: bytes = b""  # as of RedirectJob
    password_encryption: str = ""


class ResubmitJob(msgspec.Struct, frozen=True, kw_only=True, tag="resubmit-job"):
    """Print a job that is over again from its kept document, as a new job of its owner's with that `new_job_id`.

    The id is said with the order, so that an order that comes twice makes one job.
    """

    job_id: str
    by: str
    new_job_id: str


class HandOverEnded(msgspec.Struct, frozen=True, kw_only=True, tag="hand-over-ended"):
    """Said to the giver. `kept`: the taker has the job, forget it. Else: the taker declined it, look."""

    job_id: str
    hand_over: str
    kept: bool


class TakeJobs(msgspec.Struct, frozen=True, kw_only=True, tag="take-jobs"):
    """Said to a taker: jobs of other providers wait for it."""


class FetchSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag="fetch-snapshot"):
    """Settings changed: get the new snapshot."""


OrderKind = (
    CancelJob
    | ReleaseJob
    | HoldJob
    | RedirectJob
    | HandOverJob
    | HandOverEnded
    | TakeJobs
    | ResubmitJob
    | FetchSnapshot
)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order. Providers remember the last `sequence` they carried out; an order may come twice."""

    sequence: int
    do: OrderKind


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """Answered as soon as there is one, or empty after the server's patience (25 s) is over."""

    orders: list[Order]
