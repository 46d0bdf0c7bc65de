"""All files that a topology comes to."""

from __future__ import annotations

from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.compilation.corosync import corosync_conf
from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.compilation.fault_tolerance import twins_definition
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Topology


def compiled_files(topology: Topology) -> dict[str, str]:
    """Name to text: Corosync's, Pacemaker's, and a domain for each VM; for one with a twin a file for its agent."""
    pairs = fault_tolerant(topology)
    return {
        "corosync.conf": corosync_conf(topology),
        "cib.xml": cib_xml(topology),
        **{f"domains/{vm.name}.xml": domain_xml(topology, vm) for vm in topology.vms if vm not in pairs},
        **{f"domains/{vm.name}.json": twins_definition(topology, vm) for vm in pairs},
    }
