"""Fault tolerance as `status` shows it: what each VM's primary has told the other hosts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from everprint.cluster.fault_tolerance.condition import Condition, Guard, read_condition
from everprint.cluster.fault_tolerance.engine import ATTRIBUTE
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.standing.layers import LayerState
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.monitor.health import Level

_VALUE = re.compile(r'name="[^"]*" host="[^"]*" value="([^"]+)"')
_PATIENCE_S = 15.0


class FaultTolerance:
    """The layer (`standing.layers`)."""

    name = "fault-tolerance"

    def states(self, topology: Topology, hosts: Hosts) -> Sequence[LayerState]:
        """How it stands for each VM that has a twin."""
        return [self._state(vm, condition_of(topology, hosts, vm)) for vm in fault_tolerant(topology)]

    def _state(self, vm: VirtualMachine, condition: Condition | None) -> LayerState:
        if condition is None:
            return LayerState(vm.name, self.name, "unknown", Level.WARN, "no host tells; does it run?")
        level = Level.OK if condition.guard is Guard.PROTECTED else Level.WARN
        detail = str(condition).removeprefix(condition.guard).lstrip(": ")
        return LayerState(vm.name, self.name, condition.guard, level, detail)


def condition_of(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> Condition | None:
    """How well the VM is guarded, as the first host tells that answers; None if none does, or it runs nowhere."""
    argv = ["attrd_updater", "--name", f"{ATTRIBUTE}{vm.name}-state", "--query", "--all"]
    for host in topology.hosts:
        try:
            answer = hosts.run(host.name, argv, timeout_s=_PATIENCE_S)
        except HostUnreachable:
            continue
        if answer.is_well:
            told = (read_condition(value) for value in _VALUE.findall(answer.output))
            return next((condition for condition in told if condition), None)
    return None
