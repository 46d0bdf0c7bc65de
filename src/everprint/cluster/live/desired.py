"""What must be on each host for the topology to be true, and where."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.compilation.corosync import corosync_conf
from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.compilation.fault_tolerance import twins_definition
from everprint.cluster.compilation.names import domain_file, twins_file
from everprint.cluster.ocf.installation import agent_files
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Topology

COROSYNC_CONF = "/etc/corosync/corosync.conf"
AUTHKEY = "/etc/corosync/authkey"


def units(topology: Topology) -> tuple[str, ...]:
    """The engine's services on a host, in the order in which they start."""
    quorum_device = ("corosync-qdevice.service",) if topology.quorum_device else ()
    return ("corosync.service", *quorum_device, "pacemaker.service")


# systemctl itself is content with one active unit of several.
ALL_ACTIVE = 'for unit; do systemctl is-active --quiet "$unit" || exit 1; done'


def are_active(topology: Topology) -> list[str]:
    """The command that ends with 0 if all of the engine's services are active on a host."""
    return ["sh", "-c", ALL_ACTIVE, "sh", *units(topology)]


@dataclass(frozen=True, slots=True)
class HostFile:
    """A file of ours on a host."""

    path: str
    text: str
    mode: int


def host_files(topology: Topology) -> tuple[HostFile, ...]:
    """The files that every host has, all the same."""
    agents = [HostFile(path, text, mode) for path, (text, mode) in agent_files().items()]
    pairs = fault_tolerant(topology)
    domains = [HostFile(domain_file(vm), domain_xml(topology, vm), 0o644) for vm in topology.vms if vm not in pairs]
    domains += [HostFile(twins_file(vm), twins_definition(topology, vm), 0o644) for vm in pairs]
    return (HostFile(COROSYNC_CONF, corosync_conf(topology), 0o644), *agents, *domains)
