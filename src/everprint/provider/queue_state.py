"""The state of a queue as clients see it (RFC 8011 sections 5.4.11 to 5.4.13): its device's, unless an operator or a
waiting job says otherwise. A plain function, and the moments at which things changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum

from everprint.contract.messages import PrinterState
from everprint.provider.queue_control import QueueControl


class StateValue(IntEnum):
    """*printer-state*."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was so first: by the clock on the wall, and by one that is never set."""

    monotonic_s: float = field(default_factory=time.monotonic)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What the device said of itself last."""

    state: PrinterState = PrinterState.UNREACHABLE
    reasons: tuple[str, ...] = ("connecting-to-device",)
    message: str = ""


@dataclass(frozen=True, slots=True)
class QueueState:
    """What clients are told. `reasons` is empty where the standard says *none*."""

    state: StateValue
    reasons: tuple[str, ...]
    message: str
    accepting: bool


# A device that does not answer is a stopped printer.
_STATES = {
    PrinterState.IDLE: StateValue.IDLE,
    PrinterState.PROCESSING: StateValue.PROCESSING,
    PrinterState.STOPPED: StateValue.STOPPED,
    PrinterState.UNREACHABLE: StateValue.STOPPED,
}
_MESSAGES = {
    PrinterState.IDLE: "Ready.",
    PrinterState.PROCESSING: "Printing.",
    PrinterState.STOPPED: "The printer is stopped.",
    PrinterState.UNREACHABLE: "The printer does not answer; jobs wait for it.",
}


def state_of(status: DeviceStatus, control: QueueControl, *, accepting: bool, jobs_wait: bool) -> QueueState:
    """The state of a queue; `accepting` is what the Application Server says."""
    accepts = accepting and not control.disabled
    if control.paused:
        return QueueState(
            StateValue.STOPPED, ("paused", *status.reasons), "Paused by an operator; jobs wait.", accepts
        )
    state = _STATES[status.state]
    if state is StateValue.IDLE and jobs_wait:
        state = StateValue.PROCESSING
    return QueueState(state, status.reasons, status.message or _MESSAGES[status.state], accepts)
