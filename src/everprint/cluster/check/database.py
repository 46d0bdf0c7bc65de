"""The database layer: members that would be lost together, what others can read, a primary that nobody stops."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from everprint.cluster.check.finding import Finding
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.monitor.health import Level


def find_members_that_fall_together(topology: Topology) -> Iterator[Finding]:
    """One host that fails must take one member at most, or the rest has no majority."""
    if topology.database is None:
        return
    apart = {frozenset(pair) for pair in topology.kept_apart()}
    members = [vm for vm in topology.vms if vm.name in topology.database.members]
    for one, other in combinations(members, 2):
        together = set(_homes(topology, one)) & set(_homes(topology, other))
        if together and frozenset((one.name, other.name)) not in apart:
            yield Finding(
                "database-members-together",
                Level.FAIL,
                other.name,
                other.line,
                f"{one.name} and {other.name}, members of the database layer, may both run on {min(together)}",
                "when that host fails the rest may have no majority, and nothing can be charged or released",
                f'put each on the local disk of a host of its own, or add not_with = ["{one.name}"]',
            )


def _homes(topology: Topology, vm: VirtualMachine) -> tuple[str, ...]:
    return topology.reachable_from(topology.storage_of(vm))


def find_open_database(topology: Topology) -> Iterator[Finding]:
    """Who printed what, and what it cost, goes over the network."""
    layer = topology.database
    if layer is not None and not layer.certificates:
        yield Finding(
            "database-not-encrypted",
            Level.WARN,
            topology.name,
            layer.line,
            "what the members of the database layer say to each other is not encrypted",
            "whoever is on their network can read it, and tell etcd that another member is the primary",
            "give each member a certificate of its own, and write certificates = its folder",
        )


def find_no_watchdog(topology: Topology) -> Iterator[Finding]:
    """Patroni's own claim runs out, but a Patroni that hangs does not stop its PostgreSQL."""
    layer = topology.database
    if layer is not None and not layer.watchdog:
        yield Finding(
            "database-without-watchdog",
            Level.WARN,
            topology.name,
            layer.line,
            "a member of the database layer whose Patroni hangs is not stopped",
            "its PostgreSQL goes on as primary beside the new one: it can acknowledge nothing that is lost, for no "
            "standby confirms it, but readers see old data",
            "give the members a watchdog device and write watchdog = true",
        )


def find_no_way_back(topology: Topology) -> Iterator[Finding]:
    """Members copy each other's mistakes: whoever deletes all users deletes them on each."""
    layer = topology.database
    if layer is None:
        return
    if layer.backup is None:
        yield Finding(
            "database-not-backed-up",
            Level.WARN,
            topology.name,
            layer.line,
            "the database layer has no backup",
            "what is deleted by mistake is deleted on each member, and cannot be had back",
            "add [database.backup] with a folder that is on no member's own disk",
        )
        return
    vms = {vm.name: str(vm.address) for vm in topology.vms} | {
        host.name: str(host.address) for host in topology.hosts
    }
    members = {name: {name, vms[name]} for name in layer.members if name in vms}
    for member, known_as in members.items():
        if layer.backup.host in known_as:
            yield Finding(
                "database-backup-on-member",
                Level.FAIL,
                member,
                layer.backup.line,
                f"the backup of the database layer goes to {member}, a member of it",
                "a disk that fails, or a person who is wrong, takes database and backup together",
                "let host name a machine that keeps no database",
            )
