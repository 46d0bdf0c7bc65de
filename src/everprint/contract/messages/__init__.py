"""The messages, typed. JSON on the wire; amounts of money are decimal strings; moments are RFC 3339 with a zone.

Readers ignore fields they do not know, so that a field can be added without a new contract version (see version).

One module an area; all their names are imported from here.
"""

from __future__ import annotations

from everprint.contract.messages.authentication import Authenticate, Authenticated
from everprint.contract.messages.cups_queues import CupsQueue, CupsQueues, CupsQueuesTaken
from everprint.contract.messages.decision import (
    UNDERSTOOD,
    Authorise,
    Change,
    Decision,
    Hold,
    Print,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.messages.enrolment import Authority, Enrol, Enrolled
from everprint.contract.messages.events import Event, EventBatch, EventsTaken
from everprint.contract.messages.job import DocumentSummary, JobDescription, PageRun
from everprint.contract.messages.job_facts import (
    CounterCheck,
    DecidedOffline,
    DeliveryBegun,
    DeliveryFailed,
    DocumentSent,
    JobAnalysed,
    JobChanged,
    JobFact,
    JobFinished,
    JobGiven,
    JobHeld,
    JobNoted,
    JobReceived,
    JobRedirected,
    JobReleased,
    JobTaken,
    JobTakenBack,
    OrderReported,
    PasswordRefused,
    RedirectFailed,
)
from everprint.contract.messages.orders import (
    CancelJob,
    FetchSnapshot,
    HandOverEnded,
    HandOverJob,
    HoldJob,
    Order,
    OrderKind,
    Orders,
    RedirectJob,
    ReleaseJob,
    TakeJobs,
)
from everprint.contract.messages.previews import Preview, Previews, PreviewsTaken
from everprint.contract.messages.problem import Problem
from everprint.contract.messages.provider_facts import (
    DeviceState,
    OfflinePeriod,
    PrinterState,
    PrinterStatus,
    ProviderFact,
)
from everprint.contract.messages.snapshot import Authentication, InDoubtPolicy, OneWay, OverLimit, Queue, Snapshot

__all__ = [
    "UNDERSTOOD",
    "Authenticate",
    "Authenticated",
    "Authentication",
    "Authorise",
    "Authority",
    "CancelJob",
    "Change",
    "CounterCheck",
    "CupsQueue",
    "CupsQueues",
    "CupsQueuesTaken",
    "DecidedOffline",
    "Decision",
    "DeliveryBegun",
    "DeliveryFailed",
    "DeviceState",
    "DocumentSent",
    "DocumentSummary",
    "Enrol",
    "Enrolled",
    "Event",
    "EventBatch",
    "EventsTaken",
    "FetchSnapshot",
    "HandOverEnded",
    "HandOverJob",
    "Hold",
    "HoldJob",
    "InDoubtPolicy",
    "JobAnalysed",
    "JobChanged",
    "JobDescription",
    "JobFact",
    "JobFinished",
    "JobGiven",
    "JobHeld",
    "JobNoted",
    "JobReceived",
    "JobRedirected",
    "JobReleased",
    "JobTaken",
    "JobTakenBack",
    "OfflinePeriod",
    "OneWay",
    "Order",
    "OrderKind",
    "OrderReported",
    "Orders",
    "OverLimit",
    "PageRun",
    "PasswordRefused",
    "Preview",
    "Previews",
    "PreviewsTaken",
    "Print",
    "PrinterState",
    "PrinterStatus",
    "Problem",
    "ProviderFact",
    "Queue",
    "Redirect",
    "RedirectFailed",
    "RedirectJob",
    "RefusalReason",
    "Refuse",
    "ReleaseJob",
    "Snapshot",
    "TakeJobs",
]
