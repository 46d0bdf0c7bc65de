"""Which VM or service a drill lets fail."""

from __future__ import annotations

from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.topology.model import Role, Service, Topology, VirtualMachine


def victim_of(topology: Topology, name: str = "") -> VirtualMachine | Service:
    """The one of that name; without one the Application Server, or the first print server. Raises DrillFailed."""
    programs = topology.programs
    if name:
        for one in programs:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in programs)
        raise DrillFailed(f"{topology.file} has no VM or service {name}; it has {known}")
    for role in (Role.APPLICATION_SERVER, Role.PRINT_SERVER):
        for one in programs:
            if one.role is role:
                return one
    raise DrillFailed(f"{topology.file} has neither an Application Server nor a print server that could fail")
