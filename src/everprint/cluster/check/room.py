"""Is there room for everything when one host is lost (N+1)? Arithmetic; `plan --if-fails` asks the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from everprint.cluster.check.finding import Finding
from everprint.cluster.compilation.constraints import home_of
from everprint.cluster.compilation.names import VIRTUAL_CORES_PER_CORE
from everprint.cluster.compilation.resources import TWIN_MEMORY
from everprint.cluster.topology.model import Host, Protection, Topology, VirtualMachine
from everprint.monitor.health import Level

_MOST_TRIES = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """What must be somewhere."""

    name: str
    memory_mib: int
    cores: int
    hosts: frozenset[str]
    not_with: frozenset[str]
    line: int


def loads_of(topology: Topology, lost: str) -> list[Load]:
    """What must run when a host is lost (empty: none), the largest first."""
    apart: dict[str, set[str]] = {vm.name: set() for vm in topology.vms}
    for one, other in topology.kept_apart():
        apart[one].add(other)
        apart[other].add(one)
    loads = []
    for vm in topology.vms:
        hosts = frozenset(topology.reachable_from(topology.storage_of(vm)))
        if vm.protection is Protection.NONE:
            if home_of(topology, vm) == lost:
                continue
            hosts = frozenset({home_of(topology, vm)})
        loads += _halves(vm, hosts, frozenset(apart[vm.name]), with_twin=not lost)
    for service in topology.services:
        hosts = frozenset(service.hosts or (host.name for host in topology.hosts))
        loads.append(Load(service.name, service.memory_mib, 0, hosts, frozenset(), service.line))
    return sorted(loads, key=lambda load: -load.memory_mib)


def _halves(vm: VirtualMachine, hosts: frozenset[str], apart: frozenset[str], *, with_twin: bool) -> list[Load]:
    """What a VM needs; a twin must have room while all hosts are there, and is done without when one is lost."""
    if vm.protection is not Protection.FAULT_TOLERANT:
        return [Load(vm.name, vm.memory_mib, vm.cores, hosts, apart, vm.line)]
    memory_mib = TWIN_MEMORY * vm.memory_mib
    halves = [Load(vm.name, memory_mib, vm.cores, hosts, apart, vm.line)]
    if with_twin:
        halves.append(Load(f"{vm.name}-twin", memory_mib, vm.cores, hosts, apart | {vm.name}, vm.line))
    return halves


def place(loads: Sequence[Load], hosts: Sequence[Host]) -> dict[str, str] | str:
    """A host for each load; or the name of a load for which there was no room.

    Tries all ways for as long as that takes a moment; for a very large cluster it may miss one.
    """
    memory = {host.name: host.usable_mib for host in hosts}
    cores = {host.name: host.cores * VIRTUAL_CORES_PER_CORE for host in hosts}
    placed: dict[str, str] = {}
    tries, deepest = 0, 0

    def go_on(number: int) -> bool:
        nonlocal tries, deepest
        deepest = max(deepest, number)
        if number == len(loads):
            return True
        load = loads[number]
        for host in sorted(memory, key=lambda name: -memory[name]):
            tries += 1
            if tries > _MOST_TRIES:
                return False
            together = any(placed.get(other) == host for other in load.not_with)
            if host not in load.hosts or together or load.memory_mib > memory[host] or load.cores > cores[host]:
                continue
            memory[host] -= load.memory_mib
            cores[host] -= load.cores
            placed[load.name] = host
            if go_on(number + 1):
                return True
            memory[host] += load.memory_mib
            cores[host] += load.cores
            del placed[load.name]
        return False

    return placed if go_on(0) else loads[deepest].name


def find_no_room(topology: Topology) -> Iterator[Finding]:
    """All hosts up: does everything run? Each host lost: does everything still?"""
    everything = place(loads_of(topology, ""), topology.hosts)
    if isinstance(everything, str):
        yield _no_room(topology, everything, "", "even with every host up")
        return
    for lost in topology.hosts if len(topology.hosts) > 1 else ():
        rest = [host for host in topology.hosts if host is not lost]
        placed = place(loads_of(topology, lost.name), rest)
        if isinstance(placed, str):
            yield _no_room(topology, placed, lost.name, f"when {lost.name} is lost")


def _no_room(topology: Topology, load: str, lost: str, when: str) -> Finding:
    vm = next(one for one in loads_of(topology, "") if one.name == load)
    rest = [host for host in topology.hosts if host.name != lost]
    need = sum(one.memory_mib for one in loads_of(topology, lost))
    have = sum(host.usable_mib for host in rest)
    counts = f"{need} MiB are needed, {have} MiB are there on {len(rest)} of {len(topology.hosts)} hosts"
    if need <= have:
        counts += ", but not where it may run: not_with, storage, size of one host, or processors"
    return Finding(
        "no-room",
        Level.FAIL,
        load,
        vm.line,
        f"{load} finds no host {when}: {counts}",
        "what does not fit is not started, however well everything else works",
        "add memory or a host, make VMs smaller, or loosen not_with",
    )
