"""The port through which what guards a VM beside the engine says how it stands: lock-step, mirrors, replicas.

A layer is asked with the topology and the hosts. It names VMs of the topology only, and leaves away those that it
does not guard. It must end: each question to a host has its time. What it raises is shown as its own trouble, and
hides nothing else of the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level


@dataclass(frozen=True, slots=True)
class LayerState:
    """How one layer guards one VM now."""

    vm: str
    layer: str
    """What guards it: *fault-tolerance*, *mirror*, *replica*, *ticket*."""
    state: str
    """In a word or two: *protected*, *degraded*, *re-synchronising*."""
    level: Level
    """OK: as planned; WARN: it would not help now; FAIL: people must act."""
    detail: str = ""
    """For people: where to, how far, how old."""

    def as_json(self) -> dict[str, str]:
        """The form for programs."""
        return {"layer": self.layer, "state": self.state, "level": self.level.value, "detail": self.detail}


class Layer(Protocol):
    """Something that guards VMs."""

    name: str

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        """How it stands for each VM that it guards."""


def ask_layers(topology: Topology, hosts: Hosts, layers: Sequence[Layer]) -> tuple[LayerState, ...]:
    """What all layers say; for one that cannot tell, that it cannot."""
    found: list[LayerState] = []
    for layer in layers:
        try:
            found += layer.states(topology, hosts)
        except Exception as error:  # whatever it stumbles over must not hide the cluster
            found.append(LayerState("", layer.name, "unknown", Level.WARN, str(error) or type(error).__name__))
    return tuple(found)
