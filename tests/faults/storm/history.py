"""What was promised to clients, and what is true at the end: all that the checker looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from everprint.contract.job_life import JobState


class Answer(StrEnum):
    """What a client was told."""

    ACCEPTED = "accepted"  # successful-ok: from here on the job is never gone
    REFUSED = "refused"
    NONE = "none"  # the client knows nothing


@dataclass(frozen=True, slots=True)
class Submission:
    """One job as its client knows it; its name is nobody else's."""

    name: str
    user: str
    provider: str
    queue: str
    pages: int
    copies: int
    answer: Answer
    job_id: int = 0  # at its provider; 0: not known
    may_repeat: bool = False  # its client sends it again where it got no answer: it may be several jobs

    @property
    def impressions(self) -> int:
        """All that it can put on paper."""
        return self.pages * self.copies


@dataclass(frozen=True, slots=True)
class Journaled:
    """A job in a provider's journal."""

    job_id: int
    uuid: str
    name: str
    state: JobState
    impressions: int


@dataclass(frozen=True, slots=True)
class Logged:
    """A job in the Application Server's log, and what the ledger says of it."""

    uuid: str
    name: str
    state: str
    impressions: int
    paid: Decimal  # what left people's accounts for it, net
    uncollected: Decimal  # printed, but nobody's credit covered it
    settlements: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is true at the end. `paper` holds, by job name, the impressions of each time it came out."""

    journals: Mapping[str, Sequence[Journaled]]  # by provider
    log: Sequence[Logged]
    paper: Mapping[str, Sequence[int]]
    audit: Sequence[str]
    balances: Mapping[str, Decimal]
    strict_queues: frozenset[str]  # in failure mode *hold*: nothing is printed unpaid
    left_to_people: frozenset[str] = field(default_factory=frozenset)  # names of jobs that a person decided about
    given_up: frozenset[str] = field(default_factory=frozenset)  # of jobs that waited for credit to the end
    # What each print server says of a job, whosever it is: by the job's name and the print server's.
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
