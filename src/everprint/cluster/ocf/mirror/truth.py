"""Which copy of a disk is good: what the cluster says, what lies beside each copy, and what follows from both.

Invariant: a copy that lacks an acknowledged write is not among the current ones. So the host that runs the VM has the
cluster note that it is alone *before* the first write is acknowledged which the other copy lacks, and that the other
is current only after every write is in both. Nothing else is ever believed: not a file's date, not who answers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import Enum

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_MOST_GENERATION = 10**15


class Damaged(Exception):
    """What should say which copy is good cannot be read. Says what it was."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the whole cluster knows of a mirror (a property of the CIB)."""

    generation: int
    """Grows with each change of who is current."""
    current: tuple[str, ...]
    """The hosts whose copies have every acknowledged write, in alphabetical order."""
    since: str
    """When that became so, in UTC by the clock of who noted it."""

    def written(self) -> str:
        """As the property has it: *12:alpha,beta:2026-11-27T10:15:00Z*."""
        return f"{self.generation}:{','.join(self.current)}:{self.since}"


def read_truth(text: str) -> Truth | None:
    """The property's value; None if there is none yet. Raises Damaged."""
    if not text.strip():
        return None
    generation, _, rest = text.strip().partition(":")
    names, _, since = rest.partition(":")
    current = tuple(sorted(names.split(",")))
    if not (generation.isascii() and generation.isdigit() and int(generation) <= _MOST_GENERATION):
        raise Damaged(f"the cluster's word on the mirror is damaged: {text[:200]!r}")
    if not all(_NAME.fullmatch(name) for name in current):
        raise Damaged(f"the cluster's word on the mirror is damaged: {text[:200]!r}")
    return Truth(int(generation), current, since)


@dataclass(frozen=True, slots=True)
class Record:
    """What lies beside a copy, on the same disk."""

    generation: int
    """Of the cluster's word when this was noted."""
    is_target: bool
    """It was given to the other host to write into: by itself it proves nothing."""
    since: str

    def written(self) -> str:
        """As the file has it."""
        return json.dumps({"generation": self.generation, "is_target": self.is_target, "since": self.since}) + "\n"


def read_record(text: str) -> Record:
    """Raises Damaged."""
    try:
        found = json.loads(text)
        words = found["generation"], found["is_target"], found["since"]
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"the record beside the copy is damaged: {text[:200]!r}") from error
    match words:
        case (int() as generation, bool() as is_target, str() as since):
            return Record(generation, is_target, since)
    raise Damaged(f"the record beside the copy is damaged: {text[:200]!r}")


class Start(Enum):
    """May the VM start from the copy of a host?"""

    YES = "yes"
    STALE = "stale"
    """The cluster knows that another copy has more."""
    UNKNOWN = "unknown"
    """The cluster knows nothing, but once it did: this copy has a record."""
    ELSEWHERE = "elsewhere"
    """It never ran, and its disk was made on the other host."""
    NEWER = "newer"
    """The copy has seen more than the cluster remembers: its configuration came from a backup."""


def may_start(host: str, home: str, truth: Truth | None, record: Record | None) -> Start:
    """Only what the cluster says is good may start. `home` is where the disk was first made."""
    if truth is None:
        # A first start that was interrupted before the cluster had noted it has left the first record.
        never_ran = record is None or (record.generation == 1 and not record.is_target)
        if never_ran:
            return Start.YES if host == home else Start.ELSEWHERE
        return Start.UNKNOWN
    if host not in truth.current:
        return Start.STALE
    # One more is a start that was interrupted before the cluster had noted it: nothing had run.
    if record is not None and record.generation > truth.generation + 1:
        return Start.NEWER
    return Start.YES


def alone(host: str, truth: Truth | None, now: str) -> Truth:
    """From now on writes go to this copy only."""
    return Truth(truth.generation + 1 if truth else 1, (host,), now)


def may_declare(host: str, truth: Truth | None) -> bool:
    """May who runs the VM change the cluster's word?

    Not if another copy was declared meanwhile, by a person's word or because this host was taken for dead.
    """
    return truth is None or host in truth.current


def given_back(before: Truth, now: Truth) -> Truth:
    """After a start that did not come about: nothing was written, and who was current is so again."""
    return replace(before, generation=now.generation + 1)


def in_sync(host: str, peer: str, truth: Truth, now: str) -> Truth:
    """From now on nothing is acknowledged that is not in both."""
    return Truth(truth.generation + 1, tuple(sorted((host, peer))), now)


def may_be_written_over(host: str, home: str, truth: Truth | None) -> bool:
    """May the copy of a host be given to the other one as the target?

    Not the only good copy, and not the first disk before it ever ran.
    """
    if truth is None:
        return host != home
    return truth.current != (host,)


def may_be_made_anew(host: str, home: str, truth: Truth | None) -> bool:
    """May an empty copy be made for a host that has none?

    A copy that the cluster holds for current and that is gone must first be noted as such by who runs the VM.
    """
    return may_be_written_over(host, home, truth) and (truth is None or host not in truth.current)


def as_target(truth: Truth | None, now: str) -> Record:
    """What lies beside a copy that the other host writes into."""
    return Record(truth.generation if truth else 0, is_target=True, since=now)


def as_source(truth: Truth) -> Record:
    """What lies beside the copy that the VM runs from."""
    return Record(truth.generation, is_target=False, since=truth.since)


def forced(host: str, truth: Truth | None, records: tuple[Record, ...], now: str) -> Truth:
    """An administrator's word: this copy it is, whatever the others had."""
    highest = max([truth.generation if truth else 0, *(record.generation for record in records)])
    return replace(alone(host, None, now), generation=highest + 1)


def refusal(start: Start, vm: str, host: str, truth: Truth | None) -> str:
    """Why the VM does not start there, and what to do: for `crm_mon` and the log."""
    command = f"everprint cluster mirror force TOPOLOGY {vm} --host {host}"
    match start:
        case Start.STALE if truth is not None:
            good = " and ".join(truth.current)
            # The engine shows the first 128 characters: what to do comes first, whatever length hosts' names have.
            return (
                f"stale copy: switch {good} on, or see `everprint cluster mirror force`. {host} lacks what was "
                f"written since {truth.since}; the VM starts where the good copy is. Is {good} lost for ever: "
                f"`{command}` starts the old copy, and loses what was written since"
            )
        case Start.UNKNOWN:
            return (
                f"the cluster does not know any more which copy of {vm} is good. Look with `everprint cluster "
                f"mirror list TOPOLOGY`; `{command}` declares {host}'s"
            )
        case Start.NEWER:
            return (
                f"{host}'s copy is newer than what the cluster knows of it: was its configuration brought back from "
                f"a backup? Look with `everprint cluster mirror list TOPOLOGY`; `{command}` declares {host}'s copy"
            )
        case _:
            return f"{vm} never ran; its first disk is on the other host"
