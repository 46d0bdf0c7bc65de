"""What a fault-tolerant VM wants of the rest of the topology."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.cluster.fault_tolerance.machine import PORTS
from everprint.cluster.topology.mirror import mirrored_vms, port_of
from everprint.cluster.topology.model import Protection, StorageKind, Topology, VirtualMachine
from everprint.cluster.topology.problem import Problem

_FIRST_PORT, _SLOTS = 20_000, 3_000
"""Below the ports that systems take for connections of their own."""
_FEWEST_HOSTS = 2
_FILES = (StorageKind.SHARED_FOLDER, StorageKind.NFS, StorageKind.LOCAL)


def fault_tolerant(topology: Topology) -> tuple[VirtualMachine, ...]:
    """The VMs that have a twin."""
    return tuple(vm for vm in topology.vms if vm.protection is Protection.FAULT_TOLERANT)


def first_port_of(topology: Topology, vm: VirtualMachine) -> int:
    """The first of the VM's ports on all hosts, always the same."""
    return _FIRST_PORT + vm.uuid_in(topology.name).int % _SLOTS * PORTS


def problems_of_twins(topology: Topology) -> Iterator[Problem]:
    """What keeps a VM from having a twin."""
    slots: dict[int, str] = {}
    mirrors = {port_of(vm): vm.name for vm in mirrored_vms(topology)}
    for vm in fault_tolerant(topology):
        if topology.hypervisor:
            yield Problem(
                vm.line, f"{vm.name} is fault-tolerant", "the hypervisor has that of its own, or not at all"
            )
            continue
        if topology.replication and topology.replication.of(vm.name):
            advice = "replicate what is in it, or use app-ha: libvirt, which makes replicas, does not know it"
            yield Problem(vm.line, f"{vm.name} is fault-tolerant, and to be replicated", advice)
        if vm.cores != 1:
            what = f"{vm.name} is fault-tolerant and has {vm.cores} cores"
            yield Problem(vm.line, what, "write cores = 1: lock-step with more was never seen to work")
        storage = next((one for one in topology.storage if one.name == vm.storage), None)
        if storage is None:
            continue
        if storage.kind not in _FILES:
            what = f"{vm.name} is fault-tolerant, and its disk is on {storage.kind}"
            yield Problem(vm.line, what, "each twin writes a file of its own: use a folder, shared or local")
        if len(topology.reachable_from(storage)) < _FEWEST_HOSTS:
            what = f"{vm.name} is fault-tolerant, and fewer than two hosts reach {storage.name}"
            yield Problem(vm.line, what, "name a second host")
        if storage.kind is StorageKind.LOCAL and not vm.prefers:
            what = f"nothing says which host has the disk of {vm.name} before it first runs"
            yield Problem(vm.line, what, "write prefers = the host with its disk")
        port = first_port_of(topology, vm)
        if port in slots:
            what = f"{vm.name} and {slots[port]} would have the same ports"
            yield Problem(vm.line, what, "give one of them another name")
        slots[port] = vm.name
        for taken in mirrors.keys() & set(range(port, port + PORTS)):
            what = f"{vm.name} and the mirror of {mirrors[taken]} would have the same port ({taken})"
            yield Problem(vm.line, what, "give one of them another name: the ports come from it")
