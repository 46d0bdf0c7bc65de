"""What the commands of `everprint cluster backup` share: the topology, its hosts, its repository, its VMs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.repository import Repository, first_host
from everprint.cluster.backup.taking import settings_of
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Topology, VirtualMachine

TROUBLES = (BackupError, HostUnreachable)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def via_and_topology(command: _Command) -> _Command:
    """The argument TOPOLOGY and the option --via."""
    return topology_argument(via_option(command))


def backups_of(path: Path, via: str | None) -> tuple[Topology, Hosts, Callable[[Topology, Hosts], Repository]]:
    """The topology, its hosts, and how its repository is reached: by the first host that answers."""
    read = topology_of(path)
    try:
        settings = settings_of(read)
    except BackupError as error:
        raise click.UsageError(str(error)) from error

    def reached(topology: Topology, hosts: Hosts) -> Repository:
        return Repository(hosts, first_host(hosts, [host.name for host in topology.hosts]), settings)

    return read, hosts_of(read, via), reached


def vms_of(topology: Topology, names: tuple[str, ...]) -> list[VirtualMachine]:
    """The VMs of these names; all that can be backed up if there are none."""
    known = {vm.name: vm for vm in topology.vms}
    for name in names:
        if name not in known:
            raise click.UsageError(f"there is no VM {name}; known: {', '.join(known)}")
        if known[name] in fault_tolerant(topology):
            raise click.UsageError(f"{name} is fault-tolerant: libvirt, which makes backups, does not know it")
    return [known[name] for name in dict.fromkeys(names)] or [
        vm for vm in topology.vms if vm not in fault_tolerant(topology)
    ]


def host_known(topology: Topology, name: str) -> str:
    """The name, if there is such a host."""
    known = [host.name for host in topology.hosts]
    if name not in known:
        raise click.UsageError(f"there is no host {name}; known: {', '.join(known)}")
    return name
