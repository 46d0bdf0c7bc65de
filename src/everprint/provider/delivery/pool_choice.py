"""Which printer of a pool a job goes to: the rules, as a plain function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One printer as it stands now, for one job."""

    is_well: bool  # neither stopped nor away, and nobody need go there first
    in_doubt: bool  # it has, or may have printed, a job that nobody can say of
    has_room: bool  # it would be sent the job at once
    fits: bool  # it can do what the job asks for
    load: int  # jobs of ours that it has
    last_chosen: int  # grows with every choice: the smallest waited longest


def choose(candidates: Sequence[Candidate]) -> int | None:
    """The index of the printer to take; None if the job waits.

    A printer that is not well is never taken, one in doubt only if no other that is well can print the job at all.
    Of the rest, the one with the fewest jobs, and of these the one that was not taken for longest.
    """
    able = [number for number, one in enumerate(candidates) if one.is_well and one.fits]
    trusted = [number for number in able if not candidates[number].in_doubt] or able
    free = [number for number in trusted if candidates[number].has_room]
    return min(free, key=lambda number: (candidates[number].load, candidates[number].last_chosen), default=None)
