"""The lab in which it happens: two VMs from the image on mirrored disks, and all that is asked and done there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from everprint.cluster.compilation.names import disk_of, resource_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.watching import Engine, Watch
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.mirror.listing import CannotTell, list_mirrors
from everprint.cluster.ocf.mirror.truth import Truth
from everprint.cluster.standing.overview import Overview, ask_overview
from everprint.cluster.topology.model import Role, Topology, VirtualMachine

_MISSED = ("lost", "offline", "joining")
_COPIES_LINK = "1"


@dataclass(frozen=True, slots=True)
class Loss:
    """A host that lost its power: when that was begun, and when it was surely done (seconds of the Unix epoch)."""

    host: str
    begun: float
    done: float


@dataclass(frozen=True, slots=True)
class Scene:
    """The lab that runs, and who is told."""

    laboratory: Laboratory
    topology: Topology
    stage: Stage
    patience_s: float
    say: Callable[[str], None]

    @property
    def vms(self) -> tuple[VirtualMachine, ...]:
        """Those on mirrored disks: all."""
        return self.topology.vms

    @property
    def pair(self) -> tuple[str, ...]:
        """The two hosts with the copies."""
        return self.topology.storage_of(self.vms[0]).hosts

    def other(self, host: str) -> str:
        """The other one of the pair."""
        return next(name for name in self.pair if name != host)

    def engine(self, vm: VirtualMachine) -> Engine:
        """What the engine says of a VM."""
        return Engine(self.topology, self.laboratory, resource_of(vm))

    def until(self, what: str, is_so: Callable[[], bool]) -> float:
        """Seconds until it is so. Raises DrillFailed."""
        return Watch(self.patience_s, lambda: None).until(what, is_so)

    def home(self) -> str:
        """The one host that runs all VMs. Raises DrillFailed."""
        found: set[str] = set()

        def is_one() -> bool:
            found.clear()
            found.update(self.engine(vm).home() for vm in self.vms)
            return len(found) == 1 and "" not in found

        self.until("all VMs to run at one host", is_one)
        return found.pop()

    def current(self) -> set[tuple[str, ...]]:
        """Which copies are good, of each VM; empty: nobody tells."""
        return {truth.current for truth in self._truths()}

    def wait_until_in_sync(self) -> float:
        """When the cluster noted that every write is in both copies, in seconds of the epoch. Raises DrillFailed."""
        both = tuple(sorted(self.pair))
        found: list[Truth] = []

        def are_in_sync() -> bool:
            found[:] = self._truths()
            return bool(found) and all(truth.current == both for truth in found)

        self.until("all mirrors to be in sync", are_in_sync)
        return max(datetime.fromisoformat(truth.since).timestamp() for truth in found)

    def cut_copies_off(self, host: str) -> float:
        """Pulls the cable of the copies at a host; seconds until the cluster holds only the other's for good."""
        self.say(f"{host}: the cable of the network that carries the copies is pulled")
        self.laboratory.do("unplug", host, _COPIES_LINK)
        good = {(self.other(host),)}
        return self.until("the cluster to know that one copy counts no more", lambda: self.current() == good)

    def join_copies(self, host: str) -> None:
        """Plugs that cable in."""
        self.laboratory.do("plug", host, _COPIES_LINK)

    def lose(self, host: str) -> Loss:
        """Pulls the plug."""
        self.say(f"{host} loses its power")
        begun = time.time()
        self.laboratory.do("off", host)
        return Loss(host, begun, time.time())

    def wait_until_fenced(self, loss: Loss) -> tuple[float, float]:
        """Seconds from the loss until the engine misses it, and until it is certainly off. Raises DrillFailed."""
        engine = self.engine(self.vms[0])
        self.until(f"the engine to miss {loss.host}", lambda: bool(engine.hosts_that_are(*_MISSED) & {loss.host}))
        missed = time.time() - loss.begun
        self.until(f"{loss.host} to be fenced", lambda: loss.host in engine.hosts_that_are("offline"))
        off = time.time() - loss.begun
        self.say(f"the engine misses {loss.host} after {missed:.1f} s; it is certainly off after {off:.1f} s")
        return missed, off

    def wait_until_started(self, host: str) -> None:
        """All VMs at that host. Raises DrillFailed."""
        for vm in self.vms:
            self.until(f"{vm.name} to be started at {host}", partial(self._is_at, vm, host))
            self.say(f"{vm.name} is started at {host}")

    def wait_until_served(self) -> None:
        """Until every service in the VMs answers. Raises DrillFailed."""
        for vm in self.vms:
            self.until(f"the service of {vm.name} to answer", partial(self._serves, vm))
            self.say(f"the service of {vm.name} answers")

    def bring_back(self, host: str) -> None:
        """Switches it on, and waits until it takes part. Raises DrillFailed."""
        self.say(f"{host} is switched on again")
        self.laboratory.do("on", host)
        engine = self.engine(self.vms[0])
        self.until(f"{host} to join again", lambda: host in engine.hosts_that_are("online"))

    def forget_failures(self) -> None:
        """As an administrator who would have the engine try once more."""
        for vm in self.vms:
            self.engine(vm).forget_failures()

    def ran(self, vm: VirtualMachine, host: str) -> tuple[str, ...]:
        """What of the VM runs at a host, by its processes and by the engine. Raises HostUnreachable."""
        # In brackets: who carries the command has its words on its own command line.
        answer = self.laboratory.run(host, ["pgrep", "-a", "-f", f"[g]uest={vm.name},"])
        processes = tuple(f"process {line[:80]}" for line in answer.output.splitlines())
        return (*processes, "the engine says so") if self._is_at(vm, host) else processes

    def copy_at(self, vm: VirtualMachine, host: str) -> str:
        """Size of a copy, and when it was written to last. Raises DrillFailed and HostUnreachable."""
        disk = disk_of(vm, self.topology.storage_of(vm))
        answer = self.laboratory.run(host, ["stat", "--format=%s octets, %y", disk])
        if not answer.is_well:
            raise DrillFailed(f"{host}: {answer.complaint}")
        return answer.output.strip()

    def complaint(self, vm: VirtualMachine) -> str:
        """The last that the engine shows to have gone wrong with it, in the agent's words."""
        seen = self.engine(vm).seen()
        return "" if seen is None else seen.last_failure

    def overview(self) -> Overview:
        """What `everprint cluster status` shows. Raises NoCluster."""
        return ask_overview(self.topology, self.laboratory)

    def _truths(self) -> list[Truth]:
        """What the cluster says of each mirror; empty: nobody tells, or it says nothing of one yet."""
        try:
            found = [one.truth for one in list_mirrors(self.topology, self.laboratory)]
        except CannotTell:
            return []
        told = [truth for truth in found if truth]
        return told if len(told) == len(found) else []

    def _is_at(self, vm: VirtualMachine, host: str) -> bool:
        return self.engine(vm).home() == host

    def _serves(self, vm: VirtualMachine) -> bool:
        if vm.role is Role.APPLICATION_SERVER:
            return self.stage.asker.is_answered()
        return self.stage.asker.lives(vm.health)
