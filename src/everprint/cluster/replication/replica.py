"""A point as disks and files that a VM can be started with."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from everprint.cluster.backup.definition import with_files
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.other_site import ReplicaPoint, Shelf
from everprint.cluster.topology.model import Role, Topology, VirtualMachine

_ORDER = (Role.DATABASE, Role.APPLICATION_SERVER, Role.PRINT_SERVER)


def in_order(topology: Topology) -> list[VirtualMachine]:
    """The VMs as they are started, each after what it needs: databases, Application Servers, print servers."""
    return sorted(topology.vms, key=lambda vm: (_ORDER.index(vm.role), bool(vm.standby_of)))


def domain_of(hosts: Hosts, shelf: Shelf, point: ReplicaPoint, folder: str) -> str:
    """The domain's XML, whose disks are the files of that folder. Raises ReplicationError or HostUnreachable."""
    files = {source: f"{folder}/{path.rpartition('/')[2]}" for source, path, _ in point.disks}
    for source, digest in point.images:
        if digest not in shelf.images:
            raise ReplicationError(f"{point.name} needs {source} (sha256 {digest}), which {shelf.host} does not have")
        files[source] = shelf.images[digest]
    if point.seed:
        files[point.seed] = f"{folder}/seed.img"
    answer = hosts.run(shelf.host, ["cat", "--", f"{point.folder}/domain.xml"])
    if not answer.is_well:
        raise ReplicationError(f"{shelf.host}: {answer.complaint}")
    return for_another_host(with_files(answer.output, files))


def for_another_host(xml: str) -> str:
    """The domain without what libvirt wrote into it about the host where it ran.

    An empty *backingStore* above all: it says that there is nothing behind a disk, and the VM would start with an
    empty one.
    """
    root = ET.fromstring(xml)  # noqa: S314 (of libvirt's own program, kept with its digest)
    for parent in root.iter():
        for child in list(parent):
            is_path = child.tag == "source" and parent.tag == "channel" and child.get("mode") == "bind"
            if child.tag in ("backingStore", "alias", "seclabel") or is_path:
                parent.remove(child)
    return ET.tostring(root, encoding="unicode") + "\n"


def must(hosts: Hosts, host: str, *argv: str, stdin: bytes = b"", within_s: float = 120.0) -> str:
    """What the command says there. Raises ReplicationError or HostUnreachable."""
    answer = hosts.run(host, argv, stdin=stdin, timeout_s=within_s)
    if not answer.is_well:
        raise ReplicationError(f"{host}: {argv[0]} fails: {answer.complaint}")
    return answer.output
