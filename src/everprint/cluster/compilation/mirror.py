"""VMs whose disks two hosts mirror: the VM, and beside it, always on the other host, what takes its copy."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.cluster.compilation.names import disk_of, resource_of
from everprint.cluster.compilation.xml import Element, element, nvpairs
from everprint.cluster.topology.mirror import mirrored_vms, port_of
from everprint.cluster.topology.model import Topology, VirtualMachine

_NEVER = "-INFINITY"
_HOME = "50"


def is_mirrored(topology: Topology, vm: VirtualMachine) -> bool:
    """Is its disk on mirrored storage?"""
    return topology.storage_of(vm).is_mirrored


def target_of(vm: VirtualMachine) -> str:
    """The resource that takes its copy."""
    return f"{vm.name}-copy"


def mirrored(topology: Topology, vm: VirtualMachine, machine: Element) -> Element:
    """The VM's resource as a MirroredMachine."""
    identity = resource_of(vm)
    storage = topology.storage_of(vm)
    machine.set("type", "MirroredMachine")
    attributes = machine.find(f"instance_attributes[@id='{identity}-attributes']")
    further = [*_both_know(topology, vm), ("lost_after", str(storage.lost_after_ms))]
    if attributes is not None:
        attributes.extend(nvpairs("instance_attributes", f"{identity}-attributes", further))
    return machine


def mirror_target(topology: Topology, vm: VirtualMachine) -> Element:
    """What takes the copy. It is tried again and again: the other host may have been away for long."""
    identity = target_of(vm)
    parameters = [("vm", vm.name), ("size", str(vm.disk_mib)), *_both_know(topology, vm)]
    damping = [("migration-threshold", "1000000"), ("failure-timeout", "30s")]
    operations = (("start", "0s", 600), ("stop", "0s", 30), ("monitor", "10s", 20))
    return element(
        "primitive",
        {"id": identity, "class": "ocf", "provider": "everprint", "type": "MirrorTarget"},
        nvpairs("meta_attributes", f"{identity}-meta", damping),
        nvpairs("instance_attributes", f"{identity}-attributes", parameters),
        element("operations", {}, *(_operation(identity, *operation) for operation in operations)),
    )


def mirror_constraints(topology: Topology) -> Iterator[Element]:
    """On the two hosts only, never both on one, and no VM starts where its copy is still being taken."""
    for vm in mirrored_vms(topology):
        machine, target = resource_of(vm), target_of(vm)
        if not vm.prefers:
            # Its first start is where its disk was made; later it stays where it is.
            home = topology.storage_of(vm).hosts[0]
            identity = {"id": f"{machine}-rather-on-{home}", "rsc": machine, "node": home}
            yield element("rsc_location", {**identity, "score": _HOME})
        for host in topology.hosts:
            if host.name not in topology.storage_of(vm).hosts:
                where = {"id": f"{target}-not-on-{host.name}", "rsc": target, "node": host.name, "score": _NEVER}
                yield element("rsc_location", where)
        apart = {"id": f"{target}-apart-from-{machine}", "rsc": target, "with-rsc": machine, "score": _NEVER}
        yield element("rsc_colocation", apart)
        # Only where both are to be done: a copy that nobody takes keeps no VM from starting.
        order = {"first": target, "first-action": "stop", "then": machine, "then-action": "start"}
        how = {"id": f"{target}-stops-before-{machine}", "kind": "Optional", "symmetrical": "false"}
        yield element("rsc_order", {**how, **order})


def _both_know(topology: Topology, vm: VirtualMachine) -> list[tuple[str, str]]:
    storage = topology.storage_of(vm)
    hosts = [topology.host(name) for name in storage.hosts]
    return [
        ("disk", disk_of(vm, storage)),
        ("copies", " ".join(f"{host.name}={host.second_address or host.address}" for host in hosts)),
        ("port", str(port_of(vm))),
    ]


def _operation(identity: str, name: str, interval: str, timeout_s: int) -> Element:
    attributes = {"id": f"{identity}-{name}", "name": name, "interval": interval, "timeout": f"{timeout_s}s"}
    return element("op", attributes)
