"""All that the topology alone tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from everprint.cluster.check import database, mirror, placement, quorum, room
from everprint.cluster.check.finding import Finding
from everprint.cluster.topology.model import Topology

Check = Callable[[Topology], Iterator[Finding]]

OF_OUR_ENGINE: tuple[Check, ...] = (
    quorum.find_single_host,
    quorum.find_missing_fencing,
    quorum.find_even_votes,
    quorum.find_quorum_device_beside_hosts,
    quorum.find_sites_without_judge,
    quorum.find_single_link,
    quorum.find_short_token,
    placement.find_storage_out_of_reach,
    placement.find_fragile_nfs,
    mirror.find_split_pair,
    mirror.find_no_backup_of_mirrored,
    room.find_no_room,
)
"""What is the hypervisor's own business where it decides itself."""

OF_EVERY_CLUSTER: tuple[Check, ...] = (
    placement.find_standby_beside_primary,
    placement.find_unguarded,
    placement.find_twins_without_backup,
    placement.find_single_print_server,
    database.find_members_that_fall_together,
    database.find_open_database,
    database.find_no_watchdog,
    database.find_no_way_back,
)


def check_topology(topology: Topology) -> list[Finding]:
    """What will hurt, the worst first, then by line."""
    checks = OF_EVERY_CLUSTER if topology.hypervisor else (*OF_OUR_ENGINE, *OF_EVERY_CLUSTER)
    found = [finding for check in checks for finding in check(topology)]
    return sorted(found, key=lambda finding: (finding.level != "fail", finding.line, finding.code))
