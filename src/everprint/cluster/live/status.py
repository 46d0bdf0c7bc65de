"""How a running cluster stands, as Pacemaker's `crm_mon` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import unescape

from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.pairs import is_left_over, is_twin, with_halves_named
from everprint.cluster.standing.fence_events import FenceEvent, read_fence_events
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level

MIRROR_TARGET = "MirrorTarget"
"""The agent's word for what takes the copy of a mirrored disk."""

_QUOTES = {"&apos;": "'", "&quot;": '"'}

CRM_MON = ("crm_mon", "--one-shot", "--inactive", "--fence-history=3", "--output-as=xml")


class NoCluster(Exception):
    """No host could say how the cluster stands. Says what each said."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """A host as its cluster sees it."""

    name: str
    state: str
    """*online*, *drained*, *joining*, *lost* (to be fenced), *offline*; *unknown*: the cluster never heard of it."""
    runs: int
    is_controller: bool


@dataclass(frozen=True, slots=True)
class ResourceStatus:
    """A VM, service, address or fence device."""

    name: str
    kind: str
    """What it is, in the agent's word: *VirtualMachine*, *Service*, *IPaddr2*, *fence_ipmilan*."""
    host: str
    """Empty: nowhere."""
    state: str
    """*started*, *stopped*, *failed*, *blocked*, or what is being done."""
    failures: int
    """That the engine still counts."""
    last_failure: str


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """The whole cluster, asked of one host."""

    asked: str
    has_quorum: bool
    hosts: tuple[HostStatus, ...]
    resources: tuple[ResourceStatus, ...]
    fence_events: tuple[FenceEvent, ...] = ()
    """The newest first."""
    tickets: frozenset[str] = frozenset()
    """Those that the cluster has."""

    @property
    def level(self) -> Level:
        """FAIL: something does not run that should, or nobody decides; WARN: there is less safety than planned."""
        # What takes a mirror's copy is away with its host: less safety, and nothing that does not run. So is a twin.
        guards = [one for one in self.resources if one.kind == MIRROR_TARGET or is_twin(one)]
        programs = [one for one in self.resources if not is_fencing(one) and one not in guards]
        if not self.has_quorum or any(one.state not in ("started",) for one in programs):
            return Level.FAIL
        if any(host.state == "lost" and self.on(host.name) for host in self.hosts):
            return Level.FAIL  # until it is fenced nothing of it may start elsewhere, and nobody knows what it does
        weak = any(host.state != "online" for host in self.hosts) or any(one.failures for one in self.resources)
        return Level.WARN if weak or any(one.state != "started" for one in self.resources) else Level.OK

    def on(self, host: str) -> tuple[str, ...]:
        """What runs there, fence devices not counted."""
        return tuple(one.name for one in self.resources if one.host == host and not is_fencing(one))

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "status": self.level.value,
            "asked": self.asked,
            "quorum": self.has_quorum,
            "hosts": [
                {"name": host.name, "state": host.state, "runs": host.runs, "controller": host.is_controller}
                for host in self.hosts
            ],
            "resources": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "host": one.host,
                    "state": one.state,
                    "failures": one.failures,
                    "last_failure": one.last_failure,
                }
                for one in self.resources
            ],
        }


def is_fencing(resource: ResourceStatus) -> bool:
    """Is it a fence device?"""
    return resource.kind.startswith("fence_")


def ask_status(topology: Topology, hosts: Hosts) -> ClusterStatus:
    """Asks one host after the other until one tells that has quorum; else what the first told.

    A host that is cut off from the others tells of a cluster that is not. Raises NoCluster.
    """
    said = []
    without_quorum: ClusterStatus | None = None
    for host in topology.hosts:
        try:
            answer = hosts.run(host.name, CRM_MON)
        except HostUnreachable as error:
            said.append(str(error))
            continue
        if not answer.is_well:
            said.append(f"{host.name}: {answer.complaint}")
            continue
        found = read_status(answer.output, host.name, topology)
        if found.has_quorum:
            return found
        without_quorum = without_quorum or found
    if without_quorum is None:
        raise NoCluster("No host tells how the cluster stands:\n" + "\n".join(f"  {line}" for line in said))
    return without_quorum


def read_status(xml: str, asked: str, topology: Topology) -> ClusterStatus:
    """What crm_mon's XML says. Raises NoCluster."""
    try:
        root = ET.fromstring(xml)  # noqa: S314 (of the engine's own program, read within a bound)
    except ET.ParseError as error:
        raise NoCluster(f"{asked} said what is no XML: {error}") from error
    controller = root.find("summary/current_dc")
    has_quorum = controller is not None and controller.get("with_quorum") == "true"
    failures, last = _failures(root)
    told = [found for found in root.iterfind("resources//resource") if not is_left_over(found)]
    resources = with_halves_named(_resource(found, failures, last) for found in told)
    found_hosts = {node.get("name", ""): _host(node) for node in root.iterfind("nodes/node")}
    hosts = tuple(
        found_hosts.get(host.name, HostStatus(host.name, "unknown", 0, is_controller=False))
        for host in topology.hosts
    )
    tickets = frozenset(
        one.get("id", "") for one in root.iterfind("tickets/ticket") if one.get("status") == "granted"
    )
    return ClusterStatus(asked, has_quorum, hosts, resources, read_fence_events(root), tickets)


def _host(node: ET.Element) -> HostStatus:
    states = [
        ("unclean", "lost"),
        ("pending", "joining"),
        ("standby", "drained"),
        ("online", "online"),
    ]
    state = next((word for attribute, word in states if node.get(attribute) == "true"), "offline")
    runs = int(node.get("resources_running", "0"))
    return HostStatus(node.get("name", ""), state, runs, is_controller=node.get("is_dc") == "true")


def _resource(found: ET.Element, failures: dict[str, int], last: dict[str, str]) -> ResourceStatus:
    name = found.get("id", "")
    on = found.find("node")
    state = found.get("role", "").lower()
    for attribute in ("failed", "blocked"):
        if found.get(attribute) == "true":
            state = attribute
    if pending := found.get("pending"):
        state = pending.lower()
    return ResourceStatus(
        name=name,
        kind=found.get("resource_agent", "").rpartition(":")[2],
        host="" if on is None else on.get("name", ""),
        state=state,
        failures=failures.get(name, 0),
        last_failure=last.get(name, ""),
    )


def _failures(root: ET.Element) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    last: dict[str, str] = {}
    for history in root.iterfind("node_history/node/resource_history"):
        name, count = history.get("id", ""), history.get("fail-count", "0")
        counts[name] = counts.get(name, 0) + (int(count) if count.isdigit() else 1_000_000)
    for failure in root.iterfind("failures/failure"):
        name = failure.get("op_key", "").rpartition("_")[0].rpartition("_")[0]
        # Pacemaker 2.1.5 escapes an agent's words twice: what the XML is read to still says alpha&apos;s.
        reason = unescape(failure.get("exitreason", ""), _QUOTES).strip() or failure.get("exitstatus", "")
        last[name] = f"{failure.get('last-rc-change', '')} on {failure.get('node', '')}: {reason}".strip()
    return counts, last
