"""What the cluster's status says of mirrored disks."""

from __future__ import annotations

from collections.abc import Sequence

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.mirror.listing import list_mirrors
from everprint.cluster.standing.layers import LayerState
from everprint.cluster.topology.model import Topology


class Mirrors:
    """Each VM whose disk is on mirrored storage."""

    name = "mirror"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        """Whether the other copy is as good."""
        return [
            LayerState(found.vm, self.name, found.state, found.level, found.said)
            for found in list_mirrors(topology, hosts)
        ]
