"""The ticket without which VMs that another site may have taken over do not start.

A ticket is the engine's word for a right that one of several clusters has (*Pacemaker Explained*, Multi-Site
Clusters). It is kept with the engine's status, which lives only as long as some host of the cluster runs: a site that
was lost comes back without it, whoever switches it on.
"""

from __future__ import annotations

from everprint.cluster.topology.model import Topology, VirtualMachine


def ticket_of(topology: Topology) -> str:
    """booth's ticket, or the one that a person gives; empty if nothing is replicated."""
    settings = topology.replication
    if settings is None or not settings.vms:
        return ""
    return settings.ticket or f"{topology.name}-serves"


def ticketed(topology: Topology) -> tuple[VirtualMachine, ...]:
    """The VMs that start with the ticket only: those that another site has replicas of."""
    settings = topology.replication
    return tuple(vm for vm in topology.vms if settings and settings.of(vm.name))
