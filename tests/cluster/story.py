"""Plays a scenario folder to Pacemaker's simulator and writes down what it does.

A folder has `topology.toml`, `events` (a line a moment, several events of one moment with commas) and `expect`, the
log that a person has read and found right. Events: `fail HOST...`, `join HOST`, `leave HOST`, `drain HOST`,
`undrain HOST`, `monitor-fails RESOURCE HOST`, `start-fails RESOURCE HOST...`, `quorum-lost`, `grant TICKET`,
`revoke TICKET`, `nothing`. HERE is the host where the resource is. A moment may be `all hosts off and on again`: what
the engine knew is gone then, and its configuration is not.
"""

from __future__ import annotations

import re
from pathlib import Path

from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.prediction.simulator import Event, Prediction, all_hosts_up, simulate
from everprint.cluster.prediction.standby import with_standby
from everprint.cluster.topology.reader import read_topology

SCENARIOS = sorted(path.parent for path in (Path(__file__).parent / "scenarios").glob("*/topology.toml"))


def tell(folder: Path) -> tuple[str, list[str]]:
    """The log, and the CIB after each moment."""
    topology = read_topology(folder / "topology.toml")
    hosts = tuple(host.name for host in topology.hosts)
    monitor_ms = topology.timing.monitor_ms
    state = all_hosts_up(cib_xml(topology), hosts)
    lines = ["# start", *_log(state)]
    cibs = [state.cib]
    for moment in (folder / "events").read_text("utf-8").splitlines():
        if moment == "all hosts off and on again":
            state = all_hosts_up(_without_status(state.cib), hosts)
            lines += ["", f"# {moment}", *_log(state)]
            cibs.append(state.cib)
            continue
        cib, events = state.cib, []
        for text in moment.split(", "):
            word, *names = text.split()
            match word:
                case "fail":
                    events += [Event.fails(host) for host in names]
                case "join":
                    events += [Event.joins(host) for host in names]
                case "leave":
                    events += [Event.leaves(host) for host in names]
                case "drain" | "undrain":
                    cib = with_standby(cib, names[0], standby=word == "drain")
                case "monitor-fails":
                    host = state.placed[names[0]] if names[1] == "HERE" else names[1]
                    events.append(Event.monitor_fails(names[0], host, monitor_ms))
                case "start-fails":
                    events += [Event.start_fails(names[0], host) for host in names[1:]]
                case "quorum-lost":
                    events.append(Event.quorum_lost())
                case "grant":
                    events.append(Event.ticket_granted(names[0]))
                case "revoke":
                    events.append(Event.ticket_revoked(names[0]))
                case "nothing":
                    pass
                case _:
                    raise AssertionError(f"{folder}: unknown event {text}")
        state = simulate(cib, *events)
        lines += ["", f"# {moment}", *_log(state)]
        cibs.append(state.cib)
    return "\n".join(lines) + "\n", cibs


def _without_status(cib: str) -> str:
    """As Pacemaker writes it to the disk, and reads it when it starts."""
    return re.sub(r"<status>.*</status>", "<status/>", cib, flags=re.DOTALL)


def _log(state: Prediction) -> list[str]:
    lines = [f"fence {host}" for host in sorted(state.fenced)]
    for action in sorted(state.actions, key=lambda one: one.subject):
        if action.what == "fence" or action.subject.startswith(("fence-", "watchdog")):
            continue
        way = f" {action.source} -> {action.target}" if action.source else f" on {action.target}"
        lines.append(f"{action.what} {action.subject}{way}{' (blocked)' if action.is_blocked else ''}")
    shown = [f"{name}@{host}" for name, host in sorted(state.placed.items()) if not _is_fencing(name)]
    down = sorted(name for name in state.stopped if not _is_fencing(name))
    lines.append("runs: " + (" ".join(shown) or "nothing"))
    if down:
        lines.append("down: " + " ".join(down))
    if state.failed:
        lines.append("failed: " + " ".join(sorted(state.failed)))
    return lines


def _is_fencing(name: str) -> bool:
    return name.startswith("fence-") or name == "watchdog"
