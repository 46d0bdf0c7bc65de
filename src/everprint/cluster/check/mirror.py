"""Mirrored disks: what the two copies have in common that they should not, and what a mirror is not."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.cluster.check.finding import Finding
from everprint.cluster.topology.mirror import mirrored_vms
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level


def find_split_pair(topology: Topology) -> Iterator[Finding]:
    """Every write waits for the way to the other site and back."""
    for storage in topology.storage:
        sites = {topology.host(name).site for name in storage.hosts} if storage.is_mirrored else set()
        if len(sites) > 1:
            yield Finding(
                "mirror-across-sites",
                Level.WARN,
                storage.name,
                storage.line,
                f"{storage.name} is mirrored between the sites {' and '.join(sorted(sites))}",
                "a guest's write is acknowledged when the other site has it: all guests are as slow as the way there",
                "mirror within a site; what goes to another site goes there on a schedule",
            )


def find_no_backup_of_mirrored(topology: Topology) -> Iterator[Finding]:
    """A mirror copies mistakes at once, and QEMU takes no backup of a disk while it is mirrored."""
    for vm in mirrored_vms(topology):
        if topology.backup is not None or topology.replication is not None:
            yield Finding(
                "backup-of-mirrored",
                Level.WARN,
                vm.name,
                vm.line,
                f"{vm.name} is mirrored, and QEMU takes no backup and no replica of a disk while it is mirrored",
                f"`everprint cluster backup take` and `replicate` fail for {vm.name}",
                "back up what is in it: `everprint server backup`, or the database's own way",
            )
