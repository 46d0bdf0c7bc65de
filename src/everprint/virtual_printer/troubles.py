"""How a printer can misbehave, as plain data: what is wrong now, what will go wrong after so many sheets.

The device asks; the commands (commands.py) change it; printer-state-reasons (RFC 8011 section 5.4.12, PWG 5100.9)
tell of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why new jobs are not taken."""

    BUSY = "busy"  # server-error-busy: clients wait and try again
    NOT_ACCEPTING = "not-accepting"  # server-error-not-accepting-jobs


# At and below this many percent the printer warns.
TONER_LOW = 10


@dataclass(slots=True)
class Troubles:
    """Everything that is or will be wrong. A number of sheets counts down as sheets come out; None is never."""

    jammed: bool = False
    paper_out: bool = False
    door_open: bool = False
    jam_after: int | None = None
    paper_left: int | None = None
    abort_after: int | None = None  # sheets of one job; that job is aborted, then it is over
    refusal: Refusal | None = None
    answer_delay_s: float = 0.0
    garbage: bool = False  # answers to IPP requests are nonsense
    toner: int = 80  # percent

    @property
    def stops_the_engine(self) -> tuple[str, ...]:
        """The printer-state-reasons for which no sheet can come out."""
        reasons = []
        if self.jammed:
            reasons.append("media-jam-error")
        if self.paper_out:
            reasons.append("media-empty-error")
        if self.door_open:
            reasons.append("door-open-error")
        if self.toner == 0:
            reasons.append("toner-empty-error")
        return tuple(reasons)

    @property
    def state_reasons(self) -> tuple[str, ...]:
        """All printer-state-reasons; *none* if there are none."""
        reasons = self.stops_the_engine
        if self.paper_out:
            reasons += ("media-needed-error",)
        if 0 < self.toner <= TONER_LOW:
            reasons += ("toner-low-warning",)
        return reasons or ("none",)

    @property
    def needs_single_sheets(self) -> bool:
        """True if sheets have to come out one by one because one of them may be the last."""
        return bool(self.stops_the_engine) or (self.jam_after, self.paper_left, self.abort_after) != (None,) * 3

    def count_sheet(self) -> None:
        """One more sheet came out: what was to happen after it happens now."""
        if self.jam_after is not None:
            self.jam_after -= 1
        if self.paper_left is not None:
            self.paper_left -= 1
        self.strike()

    def strike(self) -> None:
        """Lets happen what has nothing more to wait for."""
        if self.jam_after is not None and self.jam_after <= 0:
            self.jammed, self.jam_after = True, None
        if self.paper_left is not None and self.paper_left <= 0:
            self.paper_out, self.paper_left = True, None
