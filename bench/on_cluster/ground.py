"""The lab that runs, and what every measure asks of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.compilation.names import meta_of, resource_of
from everprint.cluster.drill.drill import Drill
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.victims import victim_of
from everprint.cluster.drill.watching import Engine, Watch
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.at_host import must
from everprint.cluster.ocf import runs
from everprint.cluster.topology.model import Topology, VirtualMachine

_RUNS = "/var/lib/everprint/runs"
_NOTED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Ground:
    """The lab, drills in it, and who is told."""

    laboratory: Laboratory
    drill: Drill
    times: int
    """How often each failure is made."""
    reports: Path
    """Folder that the drills' reports are kept in."""
    say: Callable[[str], None]

    @property
    def topology(self) -> Topology:
        """What the lab does."""
        return self.drill.topology

    @property
    def server(self) -> VirtualMachine:
        """The VM that everything is done to: the Application Server's."""
        found = victim_of(self.topology)
        assert isinstance(found, VirtualMachine)
        return found

    def engine(self, vm: VirtualMachine) -> Engine:
        """What the engine says of a VM."""
        return Engine(self.topology, self.laboratory, resource_of(vm))

    def watch(self) -> Watch:
        """A watch that begins now."""
        return Watch(self.drill.within_s, lambda: None)

    def online(self) -> list[str]:
        """The names of hosts that may run something, those with the fewest VMs first. Raises NoCluster."""
        status = self.laboratory.status()
        names = [host.name for host in status.hosts if host.state == "online"]
        return sorted(names, key=lambda name: (len(status.on(name)), name))

    def is_whole(self) -> bool:
        """Are all hosts there, do all VMs run, and does the Application Server answer? Raises NoCluster."""
        everywhere = len(self.online()) == len(self.topology.hosts)
        return everywhere and len(self.places()) == len(self.topology.vms) and self.drill.stage.asker.is_answered()

    def places(self) -> dict[str, str]:
        """Each VM that is started, and its host. Raises NoCluster."""
        names = {resource_of(vm) for vm in self.topology.vms}
        resources = self.laboratory.status().resources
        return {one.name: one.host for one in resources if one.name in names and one.state == "started"}

    def order(self, *words: str) -> None:
        """Tells the engine something about a resource. Raises HostUnreachable and HostRefuses."""
        must(self.laboratory, self.laboratory.status().asked, ["crm_resource", "--quiet", *words])

    def order_stop(self, vm: VirtualMachine) -> None:
        """The VM is to be shut down in order, and stay so."""
        self.order(*_role_of(vm), "--set-parameter", "target-role", "--parameter-value", "Stopped")

    def order_start(self, vm: VirtualMachine) -> None:
        """The VM may run again."""
        self.order(*_role_of(vm), "--delete-parameter", "target-role")

    def require_came_live(self, vm: VirtualMachine, host: str) -> None:
        """Raises DrillFailed if the VM was started at the host where it is now, and did not come while it ran."""
        deadline = time.monotonic() + _NOTED_WITHIN_S
        while True:
            answer = self.laboratory.run(host, ["tail", "--lines=1", f"{_RUNS}/{vm.name}"])
            if answer.output.split()[1:2] == [runs.CAME]:
                return
            if time.monotonic() > deadline:
                said = answer.output.strip() or answer.complaint
                raise DrillFailed(f"{vm.name} was not moved live to {host}; there it was noted: {said}")
            time.sleep(0.5)


def _role_of(vm: VirtualMachine) -> list[str]:
    # Into the set that `apply` wrote, or the engine's tool would leave one of its own behind.
    return ["--resource", resource_of(vm), "--meta", "--set-name", meta_of(vm)]
