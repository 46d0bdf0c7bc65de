"""The printer attributes of a queue that time, jobs and operators change (RFC 8011 sections 5.4.11 to 5.4.29)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from everprint.ipp.message import Attribute, boolean, date_time, enum, integer, keyword, text
from everprint.provider.queue import Queue

VOLATILE = frozenset(
    {
        "printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs",
        "queued-job-count", "printer-up-time", "printer-current-time", "printer-message-from-operator",
        "printer-state-change-time", "printer-state-change-date-time", "printer-config-change-time",
        "printer-config-change-date-time",
    }
)  # fmt: skip

_MOST_MESSAGE_OCTETS = 1023


@dataclass(frozen=True, slots=True)
class UpTime:
    """*printer-up-time*: whole seconds since the start, and 1 at the start."""

    started_s: float = field(default_factory=time.monotonic)

    def now(self) -> int:
        """Now."""
        return self.at(time.monotonic())

    def at(self, monotonic_s: float) -> int:
        """At that moment of time.monotonic(); 1 for one before the start."""
        return max(1, int(monotonic_s - self.started_s) + 1)


def volatile_attributes(queue: Queue, queued: int, up_time: UpTime) -> tuple[Attribute, ...]:
    """The state of the queue now, with so many unfinished jobs."""
    state = queue.state
    return (
        *state_attributes(queue),
        text("printer-state-message", state.message.encode()[:_MOST_MESSAGE_OCTETS].decode("utf-8", "ignore")),
        integer("queued-job-count", queued),
        integer("printer-up-time", up_time.now()),
        date_time("printer-current-time", datetime.now(UTC)),
        text("printer-message-from-operator", queue.control.message),
        integer("printer-state-change-time", up_time.at(queue.state_since.monotonic_s)),
        date_time("printer-state-change-date-time", queue.state_since.at),
        integer("printer-config-change-time", up_time.at(queue.config_since.monotonic_s)),
        date_time("printer-config-change-date-time", queue.config_since.at),
    )


def state_attributes(queue: Queue) -> tuple[Attribute, ...]:
    """The three that events tell, too (RFC 3995 section 5.3.6)."""
    return (
        enum("printer-state", queue.state.state),
        keyword("printer-state-reasons", *(queue.state.reasons or ("none",))),
        boolean("printer-is-accepting-jobs", queue.state.accepting),
    )
