"""Keeps a VM that is not fault-tolerant any more from being started from a disk that is not its current one.

A fault-tolerant VM has two disks by turns, on each host or shared; which one is current is in its record, which stays
in the engine's configuration. Without a twin a VM has the first one, on whatever host.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from everprint.cluster.fault_tolerance.engine import ATTRIBUTE
from everprint.cluster.fault_tolerance.record import DISKS, BadRecord, read_record
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.topology.model import Protection, Topology


def refuse_old_disks(live: str, topology: Topology) -> None:
    """Looks at the records in a `<configuration>`. Raises HostRefuses."""
    root = ET.fromstring(live)  # noqa: S314 (of the engine's own program, read within a bound)
    pairs = root.iterfind("crm_config/cluster_property_set/nvpair")
    words = {pair.get("name", ""): pair.get("value", "") for pair in pairs}
    for vm in topology.vms:
        word = words.get(f"{ATTRIBUTE}{vm.name}", "")
        if vm.protection is Protection.FAULT_TOLERANT or not word:
            continue
        try:
            record = read_record(word)
        except BadRecord as error:
            raise HostRefuses(f"{vm.name}: {error}") from error
        if record is None or (record.disk == DISKS[0] and topology.storage_of(vm).is_shared):
            continue
        raise HostRefuses(
            f"{vm.name} was fault-tolerant, and its current disk is {record.disk}@{record.host}; as {vm.protection} "
            "it may start from an older one. Stop it, put that disk in the place of its first one where it will run, "
            f"then `crm_attribute --type crm_config --name {ATTRIBUTE}{vm.name} --delete`, and apply again. Nothing "
            "was done"
        )
