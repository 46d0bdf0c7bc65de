"""Which VM or service a drill lets fail."""

from __future__ import annotations

from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.topology.model import Protection, Role, Service, Topology, VirtualMachine


def victim_of(topology: Topology, name: str = "") -> VirtualMachine | Service:
    """The one of that name; without one the Application Server, or the first print server. Raises DrillFailed."""
    victim = _named(topology, name) if name else _usual(topology)
    if isinstance(victim, VirtualMachine) and victim.protection is Protection.FAULT_TOLERANT:
        raise DrillFailed(
            f"{victim.name} is fault-tolerant: its twin takes over, and a drill watches only what is started again; "
            "name another one with --of. `everprint cluster check --ft` tries a take-over"
        )
    return victim


def _named(topology: Topology, name: str) -> VirtualMachine | Service:
    for one in topology.programs:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in topology.programs)
    raise DrillFailed(f"{topology.file} has no VM or service {name}; it has {known}")


def _usual(topology: Topology) -> VirtualMachine | Service:
    for role in (Role.APPLICATION_SERVER, Role.PRINT_SERVER):
        for one in topology.programs:
            if one.role is role:
                return one
    raise DrillFailed(f"{topology.file} has neither an Application Server nor a print server that could fail")
