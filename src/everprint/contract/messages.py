"""The messages, typed. JSON on the wire; amounts of money are decimal strings; moments are RFC 3339 with a zone.

Readers ignore fields they do not know, so that a field can be added without a new contract version (see version).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from everprint.contract.elsewhere import Outcome
from everprint.contract.failure_modes import FailureMode, OfflineTerms, UnknownPages
from everprint.contract.job_life import JobState
from everprint.contract.presets import Preset
from everprint.contract.pricing import Costs
from everprint.contract.rules import Rule
from everprint.contract.selection import Selection
from everprint.contract.snmp import Snmp
from everprint.contract.supplies import Alert, Supply
from everprint.contract.version import Versions
from everprint.documents.result import Confidence, Coverage, Output
from everprint.documents.ticket import SidesKeyword, Ticket, TicketPart


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is not 2xx: a code for programs, a sentence for people (after RFC 9457)."""

    code: str  # "bad-credential", "bad-message", "contract-version", "enrolment-code", "unknown-queue", ...
    detail: str


# Enrolment: a one-time code, made by an administrator, becomes a credential of the provider's own.


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/enrol, the only request without a credential."""

    code: str
    name: str  # how people call this print server
    software_version: str
    versions: Versions = msgspec.field(default_factory=Versions)


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate that vouches for the server's own. Nothing says so but its fingerprint, which people carry."""

    pem: str


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's identity. The credential is said once and stored only as a hash by the server."""

    provider_id: str
    credential: str
    contract_version: int


# Who is printing.


class Authenticate(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/authenticate: is this the password of that user?"""

    user_name: str
    password: str
    client_address: str = ""  # whose failures count; one address must not be able to lock everybody else out


class Authenticated(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind the name, in the server's spelling; None if the name or the password is wrong."""

    user_name: str | None
    operator: bool = False  # may steer queues and everybody's jobs


# The decision about one job.


class PageRun(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive pages of a document that are alike; `first` and `last` count from 1.

    `copies`, `sides` and `starts_sheet` are what the document sets for each of these pages, as far as it holds
    against the job's ticket (documents.merge).
    """

    first: int
    last: int
    width_mm: float
    height_mm: float
    media: str
    colour: bool
    blank: bool = False
    copies: int = 1
    sides: SidesKeyword | None = None
    starts_sheet: bool = False


class DocumentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What analysis found. `output` is None when the confidence is *unknown*.

    `settings` is what the document sets for itself, `ticket` what holds of that and of what was asked for the job.
    `coverage` is the mean over all pages, None where a page's is not known. Providers older than these fields leave
    them out; then the ticket is what the JobDescription says.
    """

    language: str
    confidence: Confidence
    pages: int
    output: Output | None
    page_runs: list[PageRun] = []
    reason: str = ""
    remarks: list[str] = []
    settings: TicketPart | None = None
    ticket: Ticket | None = None
    coverage: Coverage | None = None


class JobDescription(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its provider accepted it. `job_id` is its UUIDv7 and the idempotency key of all that concerns it."""

    job_id: str
    queue: str
    user_name: str
    authenticated: bool  # by a password, not only by the name a trusted network gave
    job_name: str
    document_format: str
    octets: int
    client_address: str
    submitted_at: datetime
    copies: int = 1
    sides: str = "one-sided"
    number_up: int = 1
    media: str | None = None
    print_color_mode: str = "auto"
    # Whom to charge, in the client's words (PWG 5100.7); shown, and no more.
    job_account_id: str = ""
    job_accounting_user_id: str = ""
    # By which IPP clients know it, if that number is given once in the whole installation (contract.job_ids).
    ipp_job_id: int | None = None
    # What became of it by rules so far (contract.rules).
    redirected: bool = False  # to the queue that it is in now, by whomever
    forced: tuple[str, ...] = ()  # the rules' actions that its provider changed it by
    let_go: tuple[int, ...] = ()  # rules that held it until somebody released it


class Authorise(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/authorise. Asking again with the same job and attempt gets the same answer and reserves once.

    `attempt` is 1, and one more each time the job was released after being held: a released job is decided anew.
    A job that failed to reach its printer is tried again under the decision it has. `understands` names the decisions
    beyond print, hold and refuse that the provider can follow; no other is given.
    """

    job: JobDescription
    document: DocumentSummary
    attempt: int = 1
    understands: tuple[str, ...] = ()


class Print(msgspec.Struct, frozen=True, kw_only=True, tag="print", omit_defaults=True):
    """Let it through; `cost` is reserved. A provider that decided alone says by which prices, and they hold to the
    end; the server's own decision leaves them out."""

    cost: Decimal
    account: str
    costs: Costs | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True, tag="hold"):
    """Keep it until somebody releases it; nothing is reserved yet.

    `keyword` is the *job-state-reasons* value that clients are shown, empty for the usual one. `rule` is the number
    of the rule that holds it, 0 for none.
    """

    reason: str
    keyword: str = ""
    rule: int = 0


class RefusalReason(StrEnum):
    """Why not, as the *job-state-reasons* keyword that stock clients translate (PWG 5100.16 section 8.1)."""

    ACCOUNT_LIMIT_REACHED = "account-limit-reached"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_INFO_NEEDED = "account-info-needed"
    ACCOUNT_AUTHORIZATION_FAILED = "account-authorization-failed"
    DOCUMENT_UNPRINTABLE = "document-unprintable-error"


class Refuse(msgspec.Struct, frozen=True, kw_only=True, tag="refuse"):
    """Do not print it; `message` tells the owner why and what to do."""

    reason: RefusalReason
    message: str


class Change(msgspec.Struct, frozen=True, kw_only=True, tag="change", omit_defaults=True):
    """A rule wants it otherwise: give it these options, analyse it again, and ask again with the next attempt."""

    rule: int
    message: str  # for its owner
    grey: bool = False
    two_sided: bool = False


class Redirect(msgspec.Struct, frozen=True, kw_only=True, tag="redirect"):
    """A rule wants it in that other queue of its provider, where it is decided anew with the next attempt."""

    rule: int
    queue: str
    message: str


Decision = Print | Hold | Refuse | Change | Redirect

# What this release understands beyond what every provider does (Authorise.understands).
UNDERSTOOD = ("change", "redirect")


# What happened: ordered by `sequence` (from 1, without gaps, per provider), reported in batches, at least once.


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


class JobNoted(msgspec.Struct, frozen=True, kw_only=True, tag="job-noted"):
    """What IPP clients are shown of the job from now on, as far as no other fact says it: for when they ask another
    provider. Only told to a server whose snapshot says that it answers for jobs."""

    job_name: str
    job_state_reasons: tuple[str, ...] = ()  # empty for the usual one of its state
    job_state_message: str = ""
    hold: bool = False  # it is held, or will be as soon as it can
    is_cancelling: bool = False
    completed_at: datetime | None = None


class OrderReported(msgspec.Struct, frozen=True, kw_only=True, tag="order-reported"):
    """What became of an order with a `request`. Only told of such."""

    request: str
    outcome: Outcome
    message: str = ""


class PrinterState(StrEnum):
    """RFC 8011 section 5.4.11, and *unreachable* for a device that does not answer."""

    IDLE = "idle"
    PROCESSING = "processing"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """What one device of a pool says of itself; `device_uri` without a password."""

    device_uri: str
    state: PrinterState
    reasons: list[str]
    message: str = ""
    make_and_model: str = ""


class PrinterStatus(msgspec.Struct, frozen=True, kw_only=True, tag="printer-status"):
    """What the device of a queue says of itself; of a pool, what all of them say together, and each by itself."""

    queue: str
    state: PrinterState
    reasons: list[str]  # printer-state-reasons, without "none"
    message: str = ""
    make_and_model: str = ""
    devices: list[DeviceState] = []
    supplies: list[Supply] = []  # of a pool, those of all its devices
    alerts: list[Alert] = []
    life_count: int | None = None  # the impressions that it made in its life, where it says so (SNMP); not of a pool


class OfflinePeriod(msgspec.Struct, frozen=True, kw_only=True, tag="offline-period"):
    """The server was away for this provider, and answers again. Told as DecidedOffline is."""

    began: datetime
    ended: datetime
    printed: int  # jobs let through in that time
    unlogged: int = 0  # of them, those printed for nobody
    refused: int = 0


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
)

# What no job is concerned by.
ProviderFact = PrinterStatus | OfflinePeriod


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `job_id` is None for a fact about a printer or the provider itself."""

    sequence: int
    at: datetime
    job_id: str | None
    fact: JobFact | ProviderFact


class EventBatch(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/events: events in order of their sequence."""

    events: list[Event]


class EventsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """All events up to and including `taken` are stored; they need not be sent again."""

    taken: int


# Pictures: drawn when there is time for it, for the job's owner to look at. They are no promise.


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """One page, small: a PNG of 8 bits a channel, grey or in colour, not interlaced; base64 on the wire."""

    page: int  # from 1
    png: bytes


class Previews(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/previews: pictures of pages of one job of this provider. What is there already is kept."""

    job_id: str
    pictures: list[Preview]


class PreviewsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How many pictures of the job the server has now."""

    kept: int


# Queues that a provider found: those of the CUPS server on its machine that it adopted.


class CupsQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that CUPS owns; its name in CUPS is its name here."""

    name: str
    device_uri: str  # everprint: and the device URI of CUPS, without a password
    info: str = ""
    location: str = ""


class CupsQueues(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/cups-queues: from now on their jobs are ours to decide about. Told again, it changes nothing."""

    queues: list[CupsQueue]


class CupsQueuesTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The names of those that were added now; the others were there."""

    added: list[str]


# Orders: what the server wants done, fetched by a long-lived GET /contract/orders?after=N.


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


class HandOverJob(msgspec.Struct, frozen=True, kw_only=True, tag="hand-over-job"):
    """Give it to another provider for a queue there, if the printer does not have it yet (contract.hand_over)."""

    job_id: str
    by: str
    hand_over: str
    queue: str
    release: bool = False


class HandOverEnded(msgspec.Struct, frozen=True, kw_only=True, tag="hand-over-ended"):
    """Said to the giver. `kept`: the taker has the job, forget it. Else: the taker declined it, look."""

    job_id: str
    hand_over: str
    kept: bool


class TakeJobs(msgspec.Struct, frozen=True, kw_only=True, tag="take-jobs"):
    """Said to a taker: jobs of other providers wait for it."""


class FetchSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag="fetch-snapshot"):
    """Settings changed: get the new snapshot."""


OrderKind = CancelJob | ReleaseJob | HoldJob | RedirectJob | HandOverJob | HandOverEnded | TakeJobs | FetchSnapshot


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order. Providers remember the last `sequence` they carried out; an order may come twice."""

    sequence: int
    do: OrderKind


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """Answered as soon as there is one, or empty after the server's patience (25 s) is over."""

    orders: list[Order]


# The snapshot: all that a provider must know to run its queues, fetched by GET /contract/snapshot.


class Authentication(StrEnum):
    """How a queue knows who prints."""

    BASIC = "basic"  # HTTP Basic over TLS, checked by the server
    REQUESTING_USER_NAME = "requesting-user-name"  # the client's word, from trusted networks only


class InDoubtPolicy(StrEnum):
    """What to do with a job when its device cannot say, after a crash, whether it printed it."""

    ASK = "ask"  # hold it: a person sees whether it was printed, and releases or cancels it
    RESEND = "resend"  # send it again: never lost, perhaps printed twice


class OverLimit(StrEnum):
    """What to do with a job that costs more than its owner can spend."""

    HOLD = "hold"  # keep it, and let it go on by itself as soon as there is credit for it
    REFUSE = "refuse"


class OneWay(msgspec.Struct, frozen=True, kw_only=True):
    """What a device can do that cannot be asked (a raw port, LPD). `pjl`: it understands options, and may answer."""

    document_formats: tuple[str, ...] = ("application/pdf", "application/postscript", "application/vnd.hp-PCL")
    media: tuple[str, ...] = ("iso_a4_210x297mm", "na_letter_8.5x11in")  # the first is the default
    colour: bool = False
    two_sided: bool = False
    pjl: bool = True


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that the provider offers, and the device behind it."""

    name: str  # the last part of its URI; unique per provider
    device_uri: str  # with one of device_uris.DEVICE_SCHEMES
    printer_uuid: str  # urn:uuid:..., the same for ever
    info: str = ""
    location: str = ""
    authentication: Authentication = Authentication.BASIC
    trusted_networks: list[str] = []  # CIDR; used with requesting-user-name
    hold: bool = False  # every job waits for release
    accepting: bool = True
    in_doubt: InDoubtPolicy = InDoubtPolicy.ASK
    one_way: OneWay | None = None  # for socket:// and lpd:// only
    pool: tuple[str, ...] = ()  # more device URIs: jobs are spread over all of them
    # What deciding alone takes. A server that does not say expects its jobs to wait for it.
    failure_mode: FailureMode = FailureMode.HOLD
    unknown_pages: UnknownPages = UnknownPages.REFUSE
    costs: Costs = Costs()
    # A server that does not say never looks at a held job again by itself.
    over_limit: OverLimit = OverLimit.REFUSE
    presets: tuple[Preset, ...] = ()
    selection: Selection = Selection()  # of the account, for people who have none of their own
    snmp: Snmp | None = None  # None: its devices are not asked over SNMP
    rules: tuple[Rule, ...] = ()  # in their order


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's world. `revision` changes whenever anything in it does."""

    revision: str
    server_name: str
    currency: str  # ISO 4217
    queues: list[Queue]
    previews: bool = False  # small pictures of pages are wanted (PREVIEWS)
    answers_for_jobs: bool = False  # providers may ask it about jobs of others, and tell it JobNoted
    offline: OfflineTerms | None = None  # None: from a server that knows no failure modes
    # Who is in the groups that its rules name: said once, however many rules and queues there are.
    groups: dict[str, tuple[str, ...]] = {}
