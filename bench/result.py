"""What a benchmark found: one table, and the notes without which its numbers would mislead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Result:
    """A table of text. `notes` say what was measured, on both sides."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median, and the least and greatest when there were several: "1,204 (1,180-1,251)"."""
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Our median as a multiple of theirs."""
    return f"{median(ours) / median(theirs):.2f} x"
