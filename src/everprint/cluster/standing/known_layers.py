"""The layers that guard VMs beside the engine; each is a module of its own part."""

from __future__ import annotations

from everprint.cluster.fault_tolerance.layer import FaultTolerance
from everprint.cluster.mirror.layer import Mirrors
from everprint.cluster.replication.layer import Replicas, Tickets
from everprint.cluster.standing.layers import Layer

LAYERS: tuple[Layer, ...] = (Mirrors(), Replicas(), Tickets(), FaultTolerance())
"""All that there are."""
