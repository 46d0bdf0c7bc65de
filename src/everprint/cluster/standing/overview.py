"""The whole of a cluster in one picture: what `everprint cluster status` shows and `report` tells the pages.

Asks crm_mon at one host, then every host that takes part for what it noted, then the layers. Pictures nothing that
was not told: what is not known is empty, never well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from everprint.cluster.compilation.fencing import WATCHDOG_RESOURCE
from everprint.cluster.compilation.names import fence_resource, resource_of
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.status import ClusterStatus, HostStatus, ResourceStatus, ask_status
from everprint.cluster.ocf.runs import CAME, STARTED
from everprint.cluster.standing.fail_over import FailOver, last_fail_over
from everprint.cluster.standing.fence_events import FenceEvent
from everprint.cluster.standing.host_records import Evidence, HostRecords, ask_records
from everprint.cluster.standing.known_layers import LAYERS
from everprint.cluster.standing.layers import Layer, LayerState, ask_layers
from everprint.cluster.topology.model import Host, Protection, Topology, VirtualMachine
from everprint.monitor.health import Level, worst

_TAKES_PART = ("online", "drained", "joining")


@dataclass(frozen=True, slots=True)
class FencingState:
    """One fence device of a host."""

    device: str
    """The agent: *fence_ipmilan*; *watchdog*."""
    state: str
    """*started*: it answered when the engine last asked; *stopped*, *failed*, *unknown*: it does not."""

    def as_json(self) -> dict[str, str]:
        """The form for programs."""
        return {"device": self.device, "state": self.state}


@dataclass(frozen=True, slots=True)
class HostView:
    """A host, and what may switch it off."""

    status: HostStatus
    site: str
    runs: tuple[str, ...]
    fencing: tuple[FencingState, ...]
    last_fenced: FenceEvent | None

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "name": self.status.name,
            "state": self.status.state,
            "runs": self.status.runs,
            "controller": self.status.is_controller,
            "site": self.site,
            "programs": list(self.runs),
            "fencing": [one.as_json() for one in self.fencing],
            "last_fenced": self.last_fenced.as_json() if self.last_fenced else None,
        }


@dataclass(frozen=True, slots=True)
class VmView:
    """A VM."""

    name: str
    role: str
    protection: str
    host: str
    """Empty: nowhere."""
    state: str
    health: str
    """*well*, *starting*, *failed*, *down*; *not asked*: nobody asks its service; *unknown*."""
    since: datetime | None
    """When it began to run where it is."""
    failures: int
    last_failure: str
    last_fail_over: FailOver | None
    evidence: tuple[Evidence, ...]
    layers: tuple[LayerState, ...]

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "name": self.name,
            "role": self.role,
            "protection": self.protection,
            "host": self.host,
            "state": self.state,
            "health": self.health,
            "since": self.since.isoformat() if self.since else None,
            "failures": self.failures,
            "last_failure": self.last_failure,
            "last_fail_over": self.last_fail_over.as_json() if self.last_fail_over else None,
            "evidence": [one.as_json() for one in self.evidence],
            "layers": [one.as_json() for one in self.layers],
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """The cluster at one moment."""

    name: str
    at: datetime
    status: ClusterStatus
    hosts: tuple[HostView, ...]
    vms: tuple[VmView, ...]
    troubles: tuple[LayerState, ...]
    """Layers that could not tell."""

    @property
    def level(self) -> Level:
        """The worst of what the engine and the layers say."""
        layers = [one.level for vm in self.vms for one in vm.layers] + [one.level for one in self.troubles]
        return worst([self.status.level, *layers])

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            **self.status.as_json(),
            "name": self.name,
            "at": self.at.isoformat(),
            "status": self.level.value,
            "hosts": [host.as_json() for host in self.hosts],
            "vms": [vm.as_json() for vm in self.vms],
            "troubles": [one.as_json() for one in self.troubles],
        }


def ask_overview(topology: Topology, hosts: Hosts, layers: Sequence[Layer] = LAYERS) -> Overview:
    """Asks the hosts. Raises NoCluster."""
    status = ask_status(topology, hosts)
    records = ask_records(hosts, [host.name for host in status.hosts if host.state in _TAKES_PART])
    states = ask_layers(topology, hosts, layers)
    return picture(topology, status, records, states, datetime.now(UTC))


def picture(
    topology: Topology,
    status: ClusterStatus,
    records: HostRecords,
    layers: Sequence[LayerState],
    at: datetime,
) -> Overview:
    """Puts together what was told."""
    names = {vm.name for vm in topology.vms}
    return Overview(
        name=topology.name,
        at=at,
        status=status,
        hosts=tuple(_host(status, told, topology.host(told.name)) for told in status.hosts),
        vms=tuple(_vm(vm, status, records, layers) for vm in topology.vms),
        troubles=tuple(one for one in layers if one.vm not in names),
    )


def _host(status: ClusterStatus, told: HostStatus, host: Host) -> HostView:
    states = {one.name: one.state for one in status.resources}
    fencing = []
    for number, device in enumerate(host.fencing, 1):
        resource = WATCHDOG_RESOURCE if device.is_watchdog else fence_resource(host, number)
        fencing.append(FencingState(device.agent, states.get(resource, "unknown")))
    fenced = next((event for event in status.fence_events if event.host == host.name), None)
    return HostView(told, host.site, status.on(host.name), tuple(fencing), fenced)


def _vm(vm: VirtualMachine, status: ClusterStatus, records: HostRecords, layers: Sequence[LayerState]) -> VmView:
    unknown = ResourceStatus(resource_of(vm), "VirtualMachine", "", "unknown", 0, "")
    told = next((one for one in status.resources if one.name == resource_of(vm)), unknown)
    runs = records.runs.get(vm.name, ())
    began = [run.at for run in runs if run.host == told.host and run.word in (STARTED, CAME)]
    return VmView(
        name=vm.name,
        role=vm.role.value,
        protection=vm.protection.value,
        host=told.host,
        state=told.state,
        health=_health(vm, told, records),
        since=began[-1] if began else None,
        failures=told.failures,
        last_failure=told.last_failure,
        last_fail_over=last_fail_over(runs, status.fence_events, records.told),
        evidence=records.evidence.get(vm.name, ()),
        layers=tuple(one for one in layers if one.vm == vm.name),
    )


def _health(vm: VirtualMachine, told: ResourceStatus, records: HostRecords) -> str:
    if told.state == "failed":
        return "failed"
    if told.state in ("stopped", "blocked"):
        return "down"
    if told.state != "started" or told.host not in records.told:
        return "unknown"
    if (vm.name, told.host) in records.failed:
        return "failed"
    if vm.protection is not Protection.APP_HA:
        return "not asked"
    if (vm.name, told.host) in records.starting:
        return "starting"
    return "well"
