"""The database layer of a topology, as its members are set up."""

from __future__ import annotations

from everprint.cluster.database.members import DatabaseCluster, Member
from everprint.cluster.topology.model import DatabaseLayer, Topology


def database_cluster(topology: Topology, layer: DatabaseLayer) -> DatabaseCluster:
    """Its members with their addresses: those of VMs go where the VMs go."""
    addresses = {host.name: host.address for host in topology.hosts} | {vm.name: vm.address for vm in topology.vms}
    return DatabaseCluster(
        name=topology.name,
        members=tuple(Member(name, addresses[name]) for name in layer.members),
        certificates=layer.certificates,
        watchdog=layer.watchdog,
        lost_after_s=layer.lost_after_ms // 1000,
        backup=layer.backup,
    )
