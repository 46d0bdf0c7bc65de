"""Gives the hosts of mirrors their certificates: all at once, or none."""

from __future__ import annotations

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.mirror.certificates import make_certificates
from everprint.cluster.ocf.mirror.places import AUTHORITY, CERTIFICATES, CERTIFICATES_FOLDER, KEYS
from everprint.cluster.topology.mirror import mirrored_vms
from everprint.cluster.topology.model import Topology

_PRIVATE, _PUBLIC = 0o600, 0o644
FILES = tuple(f"{CERTIFICATES_FOLDER}/{name}" for name in (AUTHORITY, *CERTIFICATES, *KEYS))


def mirror_hosts(topology: Topology) -> tuple[str, ...]:
    """The hosts that have copies, in the file's order."""
    having = {name for vm in mirrored_vms(topology) for name in topology.storage_of(vm).hosts}
    return tuple(host.name for host in topology.hosts if host.name in having)


def lack_certificates(topology: Topology, hosts: Hosts) -> bool:
    """Does a host of them miss one? Raises HostUnreachable."""
    there = 'for file; do test -s "$file" || exit 1; done'
    return any(not hosts.run(host, ["sh", "-c", there, "sh", *FILES]).is_well for host in mirror_hosts(topology))


def new_certificates(topology: Topology) -> dict[str, list[tuple[str, bytes, int]]]:
    """For each host its files: path, content, mode. None of it is kept on this machine."""
    known = [topology.host(name) for name in mirror_hosts(topology)]
    addresses = {
        host.name: tuple(str(address) for address in (host.address, host.second_address) if address) for host in known
    }
    made = make_certificates(topology.name, addresses)
    return {
        host: [
            (f"{CERTIFICATES_FOLDER}/{name}", content, _PRIVATE if name in KEYS else _PUBLIC)
            for name, content in files.items()
        ]
        for host, files in made.items()
    }
