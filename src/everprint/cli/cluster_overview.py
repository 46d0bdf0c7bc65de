"""How the commands ask for a cluster's overview: its hosts, or the platform that has its VMs."""

from __future__ import annotations

from everprint.cli.cluster_topology import hosts_of
from everprint.cluster.hypervisor.connection import Connection, HypervisorTrouble
from everprint.cluster.hypervisor.overview import ask_hypervisor
from everprint.cluster.live.status import NoCluster
from everprint.cluster.standing.overview import Overview, ask_overview
from everprint.cluster.topology.model import Topology


def overview_of(topology: Topology, via: str | None) -> Overview:
    """How it stands now. Raises NoCluster."""
    if topology.hypervisor is None:
        return ask_overview(topology, hosts_of(topology, via))
    try:
        return ask_hypervisor(topology, Connection(topology.hypervisor.uri))
    except HypervisorTrouble as error:
        raise NoCluster(str(error)) from error
