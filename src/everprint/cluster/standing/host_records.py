"""What each host noted of its VMs (ocf.runs), what evidence it kept (ocf.evidence), and what its agents wait for.

A host that is not reached has told nothing; what it noted is still there when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from everprint.cluster.hosts.port import Hosts, HostUnreachable

RUNS_FOLDER = "/var/lib/everprint/runs"
EVIDENCE_FOLDER = "/var/lib/everprint/evidence"
AGENTS_STATE = "/run/resource-agents"

_PATIENCE_S = 15.0
_MOST_LINES = 5000
# One question for all, so that a host over a slow line is asked once. Reads bounded pieces of small files only.
_SCRIPT = """
cd "$1" 2>/dev/null && for vm in *; do [ -f "$vm" ] && tail -n 50 -- "$vm" | sed "s/^/run $vm /"; done
cd "$2" 2>/dev/null && for kept in */*/reason.txt; do
    [ -f "$kept" ] && printf 'kept %s %s\\n' "${kept%/reason.txt}" "$(head -c 300 -- "$kept" | tr -s '[:space:]' ' ')"
done
cd "$3" 2>/dev/null && for file in everprint-*.starting everprint-*.failed; do
    [ -f "$file" ] && printf 'agent %s %s %s\\n' "$file" "$(head -c 20 -- "$file")" "$(cut -d. -f1 /proc/uptime)"
done
true
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A line that a host noted of a VM."""

    host: str
    at: datetime
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a host kept of a VM that failed."""

    host: str
    folder: str
    at: str
    """As the folder is named: *20261127T112305Z*."""
    reason: str

    def as_json(self) -> dict[str, str]:
        """The form for programs."""
        return {"host": self.host, "folder": self.folder, "at": self.at, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class HostRecords:
    """What the hosts that answered told."""

    told: frozenset[str]
    """These hosts answered."""
    runs: dict[str, tuple[Run, ...]]
    """By VM, the oldest first."""
    evidence: dict[str, tuple[Evidence, ...]]
    """By VM, the newest first."""
    starting: frozenset[tuple[str, str]]
    """VM and host: its service has not answered since it was started, and still has time."""
    failed: frozenset[tuple[str, str]]
    """VM and host: the agent's last look found a failure."""


def ask_records(hosts: Hosts, names: Iterable[str]) -> HostRecords:
    """Asks the hosts of these names, all at once; one that does not answer has told nothing."""
    wanted = list(names)
    if not wanted:
        return read_records({})
    with ThreadPoolExecutor(min(len(wanted), 16)) as pool:
        answers = pool.map(lambda name: _ask(hosts, name), wanted)
        return read_records({name: text for name, text in zip(wanted, answers, strict=True) if text is not None})


def read_records(texts: dict[str, str]) -> HostRecords:
    """What the texts say, by host. A line that is not understood is left away: hosts may be of another release."""
    runs: dict[str, list[Run]] = {}
    evidence: dict[str, list[Evidence]] = {}
    starting: set[tuple[str, str]] = set()
    failed: set[tuple[str, str]] = set()
    for host, text in texts.items():
        for line in text.splitlines()[:_MOST_LINES]:
            kind, _, rest = line.partition(" ")
            name, _, said = rest.partition(" ")
            if kind == "run" and (run := _run(host, said)):
                runs.setdefault(name, []).append(run)
            elif kind == "kept" and name.count("/") == 1:
                vm, _, at = name.partition("/")
                found = Evidence(host, f"{EVIDENCE_FOLDER}/{name}", at, said.strip())
                evidence.setdefault(vm, []).append(found)
            elif kind == "agent":
                _agent(host, name, said, starting, failed)
    return HostRecords(
        told=frozenset(texts),
        runs={vm: tuple(sorted(found, key=lambda run: run.at)) for vm, found in runs.items()},
        evidence={vm: tuple(sorted(found, key=lambda one: one.at, reverse=True)) for vm, found in evidence.items()},
        starting=frozenset(starting),
        failed=frozenset(failed),
    )


def _ask(hosts: Hosts, name: str) -> str | None:
    argv = ["sh", "-c", _SCRIPT, "sh", RUNS_FOLDER, EVIDENCE_FOLDER, AGENTS_STATE]
    try:
        answer = hosts.run(name, argv, timeout_s=_PATIENCE_S)
    except HostUnreachable:
        return None
    return answer.output if answer.is_well else None


def _run(host: str, said: str) -> Run | None:
    at, _, rest = said.partition(" ")
    word, _, text = rest.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Run(host, moment, word, text) if moment.tzinfo else None


def _agent(host: str, file: str, said: str, starting: set[tuple[str, str]], failed: set[tuple[str, str]]) -> None:
    vm, _, what = file.removeprefix("everprint-").rpartition(".")
    if what == "failed":
        failed.add((vm, host))
        return
    until, _, uptime = said.partition(" ")
    if what == "starting" and until.isdigit() and uptime.isdigit() and int(uptime) < int(until):
        starting.add((vm, host))
