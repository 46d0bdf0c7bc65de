"""Where things are on a host, and what resources are called: the one place that both compiler and `apply` ask."""

from __future__ import annotations

from everprint.cluster.topology.model import Host, Protection, Service, Storage, StorageKind, VirtualMachine

DOMAINS_FOLDER = "/etc/everprint/cluster/domains"
"""On every host: a file for each VM, its domain's XML or what the agent of a fault-tolerant one reads."""

VIRTUAL_CORES_PER_CORE = 4
"""Virtual processors that one real core may carry. Print systems wait for the network most of the time."""


def domain_file(vm: VirtualMachine) -> str:
    """The file with the VM's domain XML."""
    return f"{DOMAINS_FOLDER}/{vm.name}.xml"


def twins_file(vm: VirtualMachine) -> str:
    """The file with a fault-tolerant VM, for its agent."""
    return f"{DOMAINS_FOLDER}/{vm.name}.json"


def twin_disk_of(vm: VirtualMachine, storage: Storage) -> str:
    """The other disk of a fault-tolerant VM: the two are the current one by turns."""
    return f"{storage.path}/{vm.name}-twin.qcow2"


def pair_of(vm: VirtualMachine) -> str:
    """The resource that is both halves of a fault-tolerant VM."""
    return f"{vm.name}-pair"


def disk_of(vm: VirtualMachine, storage: Storage) -> str:
    """Where the VM's disk is: a path, or the name in its pool."""
    match storage.kind:
        case StorageKind.CEPH:
            return f"{storage.source}/{vm.name}"
        case StorageKind.LVM:
            return f"/dev/{storage.source}/{vm.name}"
        case _:
            return f"{storage.path}/{vm.name}.qcow2"


def seed_of(vm: VirtualMachine, storage: Storage) -> str:
    """Where the VM's identity is (a NoCloud seed); empty if the storage holds no files."""
    return f"{storage.path}/{vm.name}-seed.img" if storage.path else ""


def fence_resource(host: Host, number: int) -> str:
    """The resource of a host's fence device; `number` from 1 is its level."""
    return f"fence-{host.name}-{number}"


def meta_of(vm: VirtualMachine) -> str:
    """The set of what the engine is told about a VM's resource."""
    return f"{resource_of(vm)}-meta"


def resource_of(one: VirtualMachine | Service) -> str:
    """The resource of a VM or service."""
    return one.name


def placed_as(vm: VirtualMachine) -> str:
    """The resource that decides where a VM is: both halves, if it has two."""
    return pair_of(vm) if vm.protection is Protection.FAULT_TOLERANT else resource_of(vm)
