"""What the import of a table changes, line by line, or would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineChange:
    """What a line changes; `before` and `after` hold what differs only. Of what is new, `before` is empty."""

    line: int
    name: str
    is_new: bool
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import changes, or changed."""

    changes: tuple[LineChange, ...]
    unchanged: int

    @property
    def made(self) -> int:
        """How many are new."""
        return sum(change.is_new for change in self.changes)


def differing(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """What the line changes; groups and the like are known in any case of their letters."""
    return [key for key in after if key not in before or not _is_same(before[key], after[key])]


def line_change(line: int, name: str, before: Mapping[str, object], after: Mapping[str, object]) -> LineChange | None:
    """The change that makes `before` (empty: nothing is there) what the line says; None if it is so already."""
    keys = differing(before, after)
    if before and not keys:
        return None
    was = {key: before[key] for key in keys if key in before}
    return LineChange(line, name, not before, was, {key: after[key] for key in keys})


def _is_same(before: object, after: object) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        return {str(name).casefold() for name in before} == {str(name).casefold() for name in after}
    return before == after
