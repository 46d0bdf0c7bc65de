"""How old the newest whole point of each VM is at the other site, and whether that is an alarm.

A point's age is counted by the clock it was taken by, the cluster's; clocks of two sites may differ, and by how much
is said. If no host of the cluster tells its time, as after the loss of its site, this machine's clock has to do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.check.finding import Finding
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.replication.other_site import ReplicaPoint, Shelf, look
from everprint.cluster.replication.sending import clock_of
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.replication import ReplicationSettings, VmReplication
from everprint.monitor.health import Level

CLOCKS_WARN_S = 0.5
"""More than that between the sites, for certain, is worth a word."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the other site is behind with one VM."""

    vm: str
    host: str
    points: tuple[ReplicaPoint, ...]
    lag_s: float | None
    """Age of the newest whole point; None: there is none."""
    late_after_s: float
    clocks_apart_s: float | None
    """How much the other site's clock is ahead of the cluster's; None: the cluster's is not known."""
    clocks_unsure_s: float
    """By how much that may be wrong: asking takes its time."""
    serving: str
    """The VM was started there; empty: it was not."""
    trouble: str
    """Why nothing is known; empty: it is."""

    @property
    def is_late(self) -> bool:
        """Is it an alarm?"""
        return not self.serving and (bool(self.trouble) or self.lag_s is None or self.lag_s > self.late_after_s)

    @property
    def said(self) -> str:
        """How it stands, in words."""
        if self.trouble:
            return self.trouble
        if self.serving:
            return f"runs at {self.host}: {self.serving}"
        if self.lag_s is None:
            return f"{self.host} has no whole point"
        late = f", late after {self.late_after_s:.0f} s" if self.is_late else ""
        return f"its newest whole point at {self.host} is {self.lag_s:.0f} s old{late}"

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "vm": self.vm,
            "host": self.host,
            "lag_s": self.lag_s,
            "late_after_s": self.late_after_s,
            "late": self.is_late,
            "clocks_apart_s": self.clocks_apart_s,
            "serving": self.serving,
            "trouble": self.trouble,
            "points": [point.as_json() for point in self.points],
        }


def lags(topology: Topology, settings: ReplicationSettings, hosts: Hosts) -> list[Lag]:
    """Of each VM that is replicated."""
    clock = _cluster_clock(topology, hosts)
    return [_lag(one, settings, hosts, clock) for one in settings.vms]


@dataclass(frozen=True, slots=True)
class Clock:
    """The cluster's."""

    ahead_s: float
    """Of this machine's."""
    unsure_s: float


def _cluster_clock(topology: Topology, hosts: Hosts) -> Clock | None:
    for host in topology.hosts:
        asked = time.time()
        try:
            said = clock_of(hosts, host.name).timestamp()
        except HostUnreachable:
            continue
        answered = time.time()
        return Clock(said - (asked + answered) / 2, (answered - asked) / 2)
    return None


def _lag(one: VmReplication, settings: ReplicationSettings, hosts: Hosts, clock: Clock | None) -> Lag:
    try:
        shelf = look(hosts, one.host, settings.folder, one.vm)
    except (BackupError, HostUnreachable) as error:
        return Lag(one.vm, one.host, (), None, one.late_after_ms / 1000, None, 0.0, "", str(error))
    return lag_of(one, shelf, time.time() + (clock.ahead_s if clock else 0.0), clock)


def lag_of(one: VmReplication, shelf: Shelf, now: float, clock: Clock | None) -> Lag:
    """What the shelf says at that moment of the cluster's clock."""
    newest = shelf.newest
    return Lag(
        vm=one.vm,
        host=shelf.host,
        points=shelf.points,
        lag_s=max(now - newest.taken.timestamp(), 0.0) if newest else None,
        late_after_s=one.late_after_ms / 1000,
        clocks_apart_s=None if clock is None else shelf.ahead_s - clock.ahead_s,
        clocks_unsure_s=shelf.unsure_s + (clock.unsure_s if clock else 0.0),
        serving=shelf.serving,
        trouble="",
    )


def findings(settings: ReplicationSettings, found: Sequence[Lag]) -> Iterator[Finding]:
    """What is to mend."""
    for lag in found:
        one = settings.of(lag.vm)
        line = one.line if one else settings.line
        if lag.is_late:
            why = f"if the site were lost now, what {lag.vm} did since then would be lost with it"
            advice = "see what `everprint cluster replicate now` says, and whether its service runs"
            yield Finding("replica-late", Level.FAIL, lag.vm, line, f"{lag.vm}: {lag.said}", why, advice)
        if lag.clocks_apart_s is not None and abs(lag.clocks_apart_s) - lag.clocks_unsure_s > CLOCKS_WARN_S:
            what = f"the clock of {lag.host} is {abs(lag.clocks_apart_s):.1f} s " + (
                "ahead" if lag.clocks_apart_s > 0 else "behind"
            )
            why = "after a failover events seem to come from another time than they did"
            yield Finding("replica-clocks-apart", Level.WARN, lag.vm, line, what, why, "run a time service (chrony)")


def as_metrics(found: Sequence[Lag]) -> str:
    """Prometheus's text format, for node_exporter's textfile collector."""
    lines = [
        "# HELP everprint_replica_lag_seconds Age of the newest whole point of a VM at the other site.",
        "# TYPE everprint_replica_lag_seconds gauge",
        *(
            f'everprint_replica_lag_seconds{{vm="{one.vm}"}} {one.lag_s:.0f}'
            for one in found
            if one.lag_s is not None
        ),
        "# HELP everprint_replica_late 1 if that is older than it should be, or there is none.",
        "# TYPE everprint_replica_late gauge",
        *(f'everprint_replica_late{{vm="{one.vm}"}} {int(one.is_late)}' for one in found),
    ]
    return "\n".join(lines) + "\n"
