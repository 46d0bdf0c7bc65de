"""A job's life: every state, every event, and where each event leads. This table is the only place that knows.

The Print Provider journals each step before it takes effect; the Application Server replays the reported events
through the same table. A pair that is not in the table is an error, never a guess.
"""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. In brackets the IPP *job-state* that clients see (RFC 8011 section 5.3.7)."""

    INCOMING = "incoming"  # created, its document has not come yet [pending-held]
    ACCEPTED = "accepted"  # document and journal entry are on disk; the client was told so [pending]
    ANALYSED = "analysed"  # what it will put on paper is known, or known to be unknown [pending]
    HELD = "held"  # waits for a person [pending-held]
    MOVING = "moving"  # goes to another print server, or back: contract.hand_over says who has it [pending-held]
    AUTHORISED = "authorised"  # may print; its cost is reserved [pending]
    DELIVERING = "delivering"  # the device's job exists or is being made [processing]
    PRINTING = "printing"  # the device has the whole document [processing]
    COMPLETED = "completed"  # printed and paid [completed]
    CANCELLED = "cancelled"  # by its owner or an operator; paid for what came out [canceled]
    REFUSED = "refused"  # the Application Server said no; nothing was printed [aborted]
    ABORTED = "aborted"  # by the device, by the system or by its own document [aborted]

    @property
    def is_final(self) -> bool:
        """True if nothing can follow."""
        return self in FINAL


class JobEvent(StrEnum):
    """What happens to a job."""

    DOCUMENT_RECEIVED = "document-received"
    ANALYSED = "analysed"
    HELD = "held"
    RELEASED = "released"
    REDIRECTED = "redirected"  # by an operator, to another queue: analysed and decided anew for that one
    CHANGED = "changed"  # by a rule: analysed and decided anew
    GIVEN = "given"  # sent on its way to a printer of another print server
    TAKEN = "taken"  # that print server has it: analysed and decided anew there
    TAKEN_BACK = "taken-back"  # it does not get there: analysed and decided anew where it was
    AUTHORISED = "authorised"
    REFUSED = "refused"
    DELIVERY_BEGUN = "delivery-begun"
    DOCUMENT_SENT = "document-sent"
    DELIVERY_FAILED = "delivery-failed"  # for certain nothing reached paper: it may be tried again
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ABORTED = "aborted"


FINAL = frozenset({JobState.COMPLETED, JobState.CANCELLED, JobState.REFUSED, JobState.ABORTED})

_S, _E = JobState, JobEvent

TRANSITIONS: dict[tuple[JobState, JobEvent], JobState] = {
    (_S.INCOMING, _E.DOCUMENT_RECEIVED): _S.ACCEPTED,
    (_S.INCOMING, _E.CANCELLED): _S.CANCELLED,
    (_S.INCOMING, _E.ABORTED): _S.ABORTED,
    (_S.ACCEPTED, _E.ANALYSED): _S.ANALYSED,
    (_S.ACCEPTED, _E.CANCELLED): _S.CANCELLED,
    (_S.ACCEPTED, _E.ABORTED): _S.ABORTED,
    (_S.ANALYSED, _E.CHANGED): _S.ACCEPTED,
    (_S.ANALYSED, _E.HELD): _S.HELD,
    (_S.ANALYSED, _E.AUTHORISED): _S.AUTHORISED,
    (_S.ANALYSED, _E.REFUSED): _S.REFUSED,
    (_S.ANALYSED, _E.CANCELLED): _S.CANCELLED,
    (_S.ANALYSED, _E.ABORTED): _S.ABORTED,
    # A released job is decided anew: balances and rules may have changed while it waited.
    (_S.HELD, _E.RELEASED): _S.ANALYSED,
    (_S.HELD, _E.CANCELLED): _S.CANCELLED,
    (_S.HELD, _E.ABORTED): _S.ABORTED,
    (_S.AUTHORISED, _E.HELD): _S.HELD,
    (_S.AUTHORISED, _E.DELIVERY_BEGUN): _S.DELIVERING,
    (_S.AUTHORISED, _E.CANCELLED): _S.CANCELLED,
    (_S.AUTHORISED, _E.ABORTED): _S.ABORTED,
    (_S.DELIVERING, _E.DOCUMENT_SENT): _S.PRINTING,
    (_S.DELIVERING, _E.DELIVERY_FAILED): _S.AUTHORISED,
    # Held from here on means in doubt: the device cannot say what became of it, so a person is asked.
    (_S.DELIVERING, _E.HELD): _S.HELD,
    (_S.DELIVERING, _E.COMPLETED): _S.COMPLETED,
    (_S.DELIVERING, _E.CANCELLED): _S.CANCELLED,
    (_S.DELIVERING, _E.ABORTED): _S.ABORTED,
    (_S.PRINTING, _E.DELIVERY_FAILED): _S.AUTHORISED,
    (_S.PRINTING, _E.HELD): _S.HELD,
    (_S.PRINTING, _E.COMPLETED): _S.COMPLETED,
    (_S.PRINTING, _E.CANCELLED): _S.CANCELLED,
    (_S.PRINTING, _E.ABORTED): _S.ABORTED,
    # What it puts on paper hangs on the printer, and so does what it costs.
    (_S.ACCEPTED, _E.REDIRECTED): _S.ACCEPTED,
    (_S.ANALYSED, _E.REDIRECTED): _S.ACCEPTED,
    (_S.HELD, _E.REDIRECTED): _S.ACCEPTED,
    (_S.AUTHORISED, _E.REDIRECTED): _S.ACCEPTED,
    # The same to a printer of another print server, in two steps: on its way nobody prints it.
    (_S.ACCEPTED, _E.GIVEN): _S.MOVING,
    (_S.ANALYSED, _E.GIVEN): _S.MOVING,
    (_S.HELD, _E.GIVEN): _S.MOVING,
    (_S.AUTHORISED, _E.GIVEN): _S.MOVING,
    (_S.MOVING, _E.TAKEN): _S.ACCEPTED,
    (_S.MOVING, _E.TAKEN_BACK): _S.ACCEPTED,
    # Nobody can say whether the other has it: a person must see.
    (_S.MOVING, _E.HELD): _S.HELD,
    (_S.MOVING, _E.CANCELLED): _S.CANCELLED,
    (_S.MOVING, _E.ABORTED): _S.ABORTED,
}


class IllegalEvent(Exception):
    """An event that cannot happen to a job in that state."""

    def __init__(self, state: JobState, event: JobEvent) -> None:
        super().__init__(f"a job that is {state} cannot be told {event}")
        self.state = state
        self.event = event


def next_state(state: JobState, event: JobEvent) -> JobState:
    """Where the event leads.

    Raises IllegalEvent.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalEvent(state, event) from None
