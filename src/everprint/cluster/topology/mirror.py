"""Storage that two hosts mirror to each other: `kind = "mirrored"` of `[[storage]]`, and what it must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from everprint.cluster.topology.problem import Problem

if TYPE_CHECKING:
    from everprint.cluster.topology.model import Topology, VirtualMachine
    from everprint.cluster.topology.section import Section

_FIRST_PORT, _PORTS = 20_000, 10_000
_PAIR = 2


def read_lost_after(section: Section) -> int:
    """How long a copy may be silent, in ms."""
    lost_after_ms = section.time("lost_after", "3 s")
    if lost_after_ms and not 1000 <= lost_after_ms <= 60_000:
        section.refuse("lost_after", "lost_after cannot be that", "write 1 s to 60 s: guests' writes wait so long")
    return lost_after_ms


def port_of(vm: VirtualMachine) -> int:
    """Where its copy is served: made from its name, so that no other VM of the file moves it."""
    return _FIRST_PORT + int.from_bytes(hashlib.sha256(vm.name.encode()).digest()[:4], "big") % _PORTS


def mirrored_vms(topology: Topology) -> tuple[VirtualMachine, ...]:
    """The VMs whose disks are on mirrored storage, in the file's order."""
    mirrored = {storage.name for storage in topology.storage if storage.is_mirrored}
    return tuple(vm for vm in topology.vms if vm.storage in mirrored)


def mirrors_can_be(topology: Topology) -> Iterator[Problem]:
    """Two hosts of this cluster, an engine that decides, ports of their own."""
    known = {host.name for host in topology.hosts}
    for storage in topology.storage:
        if not storage.is_mirrored:
            continue
        if len(storage.hosts) != _PAIR:
            what = f"{storage.name} is mirrored between {len(storage.hosts) or 'unnamed'} hosts"
            yield Problem(storage.line, what, 'name two: hosts = ["alpha", "beta"], first the one that has the disks')
        if topology.hypervisor:
            what = f"{storage.name} is mirrored by our engine, which does not run beside a hypervisor's own"
            yield Problem(storage.line, what, "use the hypervisor's replication, and take the storage away")
        for vm in topology.vms:
            elsewhere = vm.prefers and vm.prefers in known and vm.prefers not in storage.hosts
            if vm.storage == storage.name and elsewhere and len(storage.hosts) == _PAIR:
                what = f"{vm.name} prefers {vm.prefers}, which has no copy of its disk"
                yield Problem(vm.line, what, f"write {' or '.join(storage.hosts)}")
    seen: dict[int, str] = {}
    for vm in mirrored_vms(topology):
        other = seen.setdefault(port_of(vm), vm.name)
        if other != vm.name:
            what = f"the mirrors of {other} and {vm.name} would have one port ({port_of(vm)})"
            yield Problem(vm.line, what, f"give {vm.name} another name: the port comes from it")
