"""What must be on each host for the topology to be true, and where."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.compilation.corosync import corosync_conf
from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.compilation.names import domain_file
from everprint.cluster.ocf.installation import agent_files
from everprint.cluster.topology.model import Topology

COROSYNC_CONF = "/etc/corosync/corosync.conf"
AUTHKEY = "/etc/corosync/authkey"
UNITS = ("corosync.service", "pacemaker.service")


@dataclass(frozen=True, slots=True)
class HostFile:
    """A file of ours on a host."""

    path: str
    text: str
    mode: int


def host_files(topology: Topology) -> tuple[HostFile, ...]:
    """The files that every host has, all the same."""
    agents = [HostFile(path, text, mode) for path, (text, mode) in agent_files().items()]
    domains = [HostFile(domain_file(vm), domain_xml(topology, vm), 0o644) for vm in topology.vms]
    return (HostFile(COROSYNC_CONF, corosync_conf(topology), 0o644), *agents, *domains)
