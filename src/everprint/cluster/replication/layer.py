"""What the cluster's status says of replicas at another site, and of who may run the VMs."""

from __future__ import annotations

from collections.abc import Sequence

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.replication.lag import Lag, lags
from everprint.cluster.replication.ticket import is_granted
from everprint.cluster.standing.layers import LayerState
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.ticket import ticket_of, ticketed
from everprint.monitor.health import Level


class Replicas:
    """Each VM that the topology replicates."""

    name = "replica"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        """How old its newest whole point is."""
        if topology.replication is None:
            return ()
        return [state_of(lag) for lag in lags(topology, topology.replication, hosts)]


class Tickets:
    """Each VM that the engine does not start, because its cluster has not the ticket."""

    name = "ticket"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        """None while all is as it should be."""
        if is_granted(topology, hosts):
            return ()
        detail = f"not started here without the ticket {ticket_of(topology)}: see `failback`, or `apply`"
        return [LayerState(vm.name, self.name, "not granted", Level.WARN, detail) for vm in ticketed(topology)]


def state_of(lag: Lag) -> LayerState:
    """In a word: *replicated*, *late*, or *taken over* where the other site has it."""
    word = "taken over" if lag.serving else "late" if lag.is_late else "replicated"
    level = Level.WARN if lag.serving else Level.FAIL if lag.is_late else Level.OK
    return LayerState(lag.vm, Replicas.name, word, level, lag.said)
