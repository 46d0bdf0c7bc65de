"""Groups in groups: who belongs to which, however deep, also where groups are in each other."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet


def groups_of_members(direct: Mapping[str, AbstractSet[str]]) -> dict[str, set[str]]:
    """Of everything that is a member, all groups that it is in; `direct` are each group's own members."""
    parents: dict[str, set[str]] = {}
    for group, members in direct.items():
        for member in members:
            parents.setdefault(member, set()).add(group)
    above = {group: _above(group, parents) for group in direct}
    found: dict[str, set[str]] = {}
    for member, groups in parents.items():
        found[member] = set(groups).union(*(above[group] for group in groups))
    return found


def _above(group: str, parents: Mapping[str, AbstractSet[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [group]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen
