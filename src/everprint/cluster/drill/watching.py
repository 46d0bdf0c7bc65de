"""What the engine says of a failure while it deals with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.status import ClusterStatus, NoCluster, ResourceStatus, ask_status
from everprint.cluster.topology.model import Topology

_LOOK_EVERY_S = 0.25
_OPERATIONS = ("crm_mon", "--one-shot", "--inactive", "--operations", "--output-as=xml")

Start = tuple[str, str, str]
"""A start of a resource that went well: the host, the number of the call there, and when it began."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the failure on; None: that is no part of it."""

    detected_s: float
    """Until the engine counted it."""
    fenced_s: float | None
    """Until the host was certainly off."""
    started_s: float
    """Until what failed was started again, wherever."""
    service_s: float
    """Until it served people again: the RTO."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The cluster's engine, asked at its hosts, about one resource."""

    topology: Topology
    hosts: Hosts
    resource: str

    def status(self) -> ClusterStatus | None:
        """None while no host tells."""
        try:
            return ask_status(self.topology, self.hosts)
        except NoCluster:
            return None

    def seen(self) -> ResourceStatus | None:
        """The resource as the engine sees it; None while no host tells."""
        return self._of(self.status())

    def home(self) -> str:
        """Where it runs; empty: nowhere, or nobody tells."""
        seen = self.seen()
        return "" if seen is None or seen.state != "started" else seen.host

    def hosts_that_are(self, *states: str) -> set[str]:
        """The names of hosts in one of the states that `everprint cluster status` knows."""
        status = self.status()
        return set() if status is None else {host.name for host in status.hosts if host.state in states}

    def failures(self) -> int:
        """How many of its failures the engine counts now."""
        seen = self.seen()
        return 0 if seen is None else seen.failures

    def starts(self) -> set[Start]:
        """The starts that the engine remembers: the last one at each host."""
        status = self.status()
        if status is None:
            return set()
        try:
            answer = self.hosts.run(status.asked, _OPERATIONS)
        except HostUnreachable:
            return set()
        return read_starts(answer.output, self.resource) if answer.is_well else set()

    def forget_failures(self) -> None:
        """They were a drill's: they must not count when something really fails."""
        status = self.status()
        if status is not None:
            self.hosts.run(status.asked, ["crm_resource", "--cleanup", "--resource", self.resource])

    def _of(self, status: ClusterStatus | None) -> ResourceStatus | None:
        if status is None:
            return None
        return next((one for one in status.resources if one.name == self.resource), None)


def read_starts(xml: str, resource: str) -> set[Start]:
    """The successful starts of a resource in crm_mon's XML with operations."""
    try:
        root = ET.fromstring(xml)  # noqa: S314 (of the engine's own program, read within a bound)
    except ET.ParseError:
        return set()
    return {
        (node.get("name", ""), operation.get("call", ""), operation.get("last-rc-change", ""))
        for node in root.iterfind("node_history/node")
        for history in node.iterfind("resource_history")
        if history.get("id") == resource
        for operation in history.iterfind("operation_history")
        if operation.get("task") == "start" and operation.get("rc") == "0"
    }


@dataclass(frozen=True, slots=True)
class Watch:
    """Waits for what must come, and lets others look on meanwhile."""

    within_s: float
    look_on: Callable[[], None]
    began: float = field(default_factory=time.monotonic)

    def until(self, what: str, is_so: Callable[[], bool]) -> float:
        """Seconds since the watch began when it is so. Raises DrillFailed."""
        deadline = time.monotonic() + self.within_s
        while True:
            if is_so():
                return time.monotonic() - self.began
            self.look_on()
            if time.monotonic() > deadline:
                raise DrillFailed(f"waited {self.within_s:g} s in vain for {what}")
            time.sleep(_LOOK_EVERY_S)
