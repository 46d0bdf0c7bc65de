"""A job that waits goes from its provider (the giver) to another one (the taker), by way of the server.

Invariant: the server's record of the hand-over (HandOverState) says who may print the job, and changes hands once.
The giver keeps the document until the job is in the taker's journal; the taker prints nothing that it did not claim.
Every request may be sent again: it is answered with how things stand.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from everprint.contract.job_life import JobState

# A document goes in pieces of this size, the last one smaller.
PIECE_OCTETS = 1 << 20
# Most hand-overs that a taker is told of at once.
MOST_OPEN = 20


class HandOverState(StrEnum):
    """How far it is. The giver may have the job back in the first two; nobody has a choice in the next two."""

    ORDERED = "ordered"  # the giver is to send it
    OFFERED = "offered"  # the server has the document: the taker may claim it
    TAKEN = "taken"  # claimed: the taker has the document, and nobody else prints it any more
    KEPT = "kept"  # it is in the taker's journal: the giver may forget it
    DECLINED = "declined"  # the taker cannot print it: it is the giver's
    WITHDRAWN = "withdrawn"  # the giver has it back
    UNKNOWN = "unknown"  # no such hand-over: the server was restored from a backup


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """The PIN of a job as its provider keeps it: a salted slow hash of its hash by `method`."""

    method: str
    salt: bytes
    digest: bytes
    guesses: int = 0
    given: bool = False

    def __repr__(self) -> str:
        return "Pin(...)"


class ByRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the job by rules at its giver: what they forced, by which it is held and was, how often it was
    decided anew for them."""

    forced: tuple[str, ...] = ()
    held_by: int = 0
    let_go: tuple[int, ...] = ()
    sent_back: int = 0


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """All that the giver knows of the job, as it waited there."""

    job_id: str  # its UUID
    ipp_job_id: int
    is_unique: bool  # that number is given once in the whole installation: it stays
    queue: str
    first_queue: str
    user_name: str
    authenticated: bool
    client_address: str
    job_name: str
    attributes: bytes  # the job template as IPP octets: no option is ever lost
    created_at: datetime
    state: JobState  # in which it waited
    job_state_reasons: tuple[str, ...]
    attempt: int
    hold_wanted: bool
    rules: ByRules
    pin: Pin | None
    document_format: str
    document_name: str
    octets: int
    sha256: str  # of the document, in lower case hexadecimal


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/offer, by the giver: how far is it, and may the document come?"""

    hand_over: str  # a UUID, out of the order
    parcel: Parcel


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/piece, by the giver; and the answer to WantPiece. `number` counts from 0."""

    hand_over: str
    number: int
    octets: bytes


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/withdraw, by the giver: it wants the job back.

    If it is too late, and `cancelled_by` says that somebody cancelled the job, the server has the taker cancel it.
    """

    hand_over: str
    reason: str
    cancelled_by: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand. `wanted` is the number of the next piece that the server takes, None for none now."""

    state: HandOverState
    wanted: int | None = None
    reason: str = ""  # why it was declined or withdrawn


class OpenHandOvers(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/open, by the taker: what is there for it?"""


class OpenHandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A job that waits for its taker, or that it claimed and has not reported yet."""

    hand_over: str
    queue: str  # the taker's
    by: str
    release: bool  # it was sent to be printed there at once
    parcel: Parcel


class FoundHandOvers(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest first."""

    hand_overs: tuple[OpenHandOver, ...]


class WantPiece(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/fetch, by the taker."""

    hand_over: str
    number: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/claim, by the taker, who has the document on its disk."""

    hand_over: str


class Decline(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/hand-overs/decline, by the taker, who cannot print it."""

    hand_over: str
    reason: str
