"""Where things are on a host, and what resources are called: the one place that both compiler and `apply` ask."""

from __future__ import annotations

from everprint.cluster.topology.model import Host, Service, Storage, StorageKind, VirtualMachine

DOMAINS_FOLDER = "/etc/everprint/cluster/domains"
"""On every host: one domain's XML a file."""

VIRTUAL_CORES_PER_CORE = 4
"""Virtual processors that one real core may carry. Print systems wait for the network most of the time."""


def domain_file(vm: VirtualMachine) -> str:
    """The file with the VM's domain XML."""
    return f"{DOMAINS_FOLDER}/{vm.name}.xml"


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
