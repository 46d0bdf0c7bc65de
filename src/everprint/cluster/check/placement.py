"""What is where: storage that only one host reaches, VMs that would fall together, VMs that nobody guards."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.cluster.check.finding import Finding
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Protection, Role, Topology
from everprint.monitor.health import Level

_FEWEST = 2


def find_storage_out_of_reach(topology: Topology) -> Iterator[Finding]:
    """A guarded VM needs its disk on a second host."""
    for vm in topology.vms:
        storage = topology.storage_of(vm)
        # Each half of a fault-tolerant VM has a disk of its own; the topology's rules look after those.
        if vm.protection in (Protection.NONE, Protection.FAULT_TOLERANT):
            continue
        if storage.is_mirrored:
            continue
        if not storage.is_shared:
            yield Finding(
                "storage-not-shared",
                Level.FAIL,
                vm.name,
                vm.line,
                f"{vm.name} is protected, but its disk is on {storage.name}, which is local to one host",
                "no other host can start it",
                "put it on storage that hosts share (NFS, Ceph, a shared folder or volume group)",
            )
        elif len(topology.reachable_from(storage)) < _FEWEST and len(topology.hosts) >= _FEWEST:
            yield Finding(
                "storage-on-one-host",
                Level.FAIL,
                vm.name,
                storage.line,
                f"only {', '.join(topology.reachable_from(storage))} reaches {storage.name}, where {vm.name} is",
                "no other host can start it",
                f"make {storage.name} reachable from a second host and add it to hosts",
            )


def find_fragile_nfs(topology: Topology) -> Iterator[Finding]:
    """A file server of its own must be as available as what is on it."""
    for storage in topology.storage:
        used = [vm.name for vm in topology.vms if vm.storage == storage.name]
        server = storage.source.partition(":")[0]
        ours = {str(host.address): host.name for host in topology.hosts}
        if used and server in ours:
            yield Finding(
                "storage-served-by-a-host",
                Level.FAIL,
                storage.name,
                storage.line,
                f"{storage.name} is served by {ours[server]}, a host of this cluster",
                f"when {ours[server]} is lost, so are the disks of {', '.join(used)}",
                "use a file server that is available by itself",
            )


def find_standby_beside_primary(topology: Topology) -> Iterator[Finding]:
    """A standby that falls with its primary is none."""
    apart = {frozenset(pair) for pair in topology.kept_apart()}
    for vm in topology.vms:
        if vm.standby_of and frozenset((vm.name, vm.standby_of)) not in apart:
            yield Finding(
                "standby-beside-primary",
                Level.FAIL,
                vm.name,
                vm.line,
                f"{vm.name} may run on the same host as {vm.standby_of}, whose standby it is",
                "one host that fails takes both copies of the database",
                f'add not_with = ["{vm.standby_of}"]',
            )


def find_unguarded(topology: Topology) -> Iterator[Finding]:
    """VMs that stay down. A member of the database layer is guarded by the others."""
    members = topology.database.members if topology.database else ()
    for vm in topology.vms:
        if vm.name in members:
            continue
        if vm.protection is Protection.NONE and topology.hypervisor is None:
            yield Finding(
                "no-protection",
                Level.WARN,
                vm.name,
                vm.line,
                f"{vm.name} has no protection",
                "it stays down with its host, and nobody looks whether it works",
                'write protection = "ha" or "app-ha"',
            )
        elif vm.protection is Protection.HA and vm.health:
            yield Finding(
                "application-not-watched",
                Level.WARN,
                vm.name,
                vm.line,
                f"nobody asks whether the {vm.role} in {vm.name} lives",
                "a VM that runs with a service that hangs looks healthy",
                'write protection = "app-ha"',
            )


def find_twins_without_backup(topology: Topology) -> Iterator[Finding]:
    """A VM with a twin is not libvirt's, and so is left out of backups."""
    for vm in fault_tolerant(topology):
        yield Finding(
            "twin-not-backed-up",
            Level.WARN,
            vm.name,
            vm.line,
            f"{vm.name} is fault-tolerant, and `cluster backup` leaves it out",
            "two disks that are always the same do not help against a mistake or a corrupt file",
            "back up what is in it (the database, the folder of jobs), or use app-ha",
        )


def find_single_print_server(topology: Topology) -> Iterator[Finding]:
    """Mode 1 with one print server: its restart is an interruption."""
    servers = [one for one in topology.programs if one.role is Role.PRINT_SERVER]
    if 1 in topology.modes and len(servers) == 1:
        yield Finding(
            "one-print-server",
            Level.WARN,
            servers[0].name,
            servers[0].line,
            "there is one print server",
            "while it is restarted elsewhere nobody can print",
            "add a second one with the same queues",
        )
