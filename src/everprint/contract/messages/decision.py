"""The decision about one job."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from everprint.contract.messages.job import DocumentSummary, JobDescription
from everprint.contract.pricing import Costs


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
