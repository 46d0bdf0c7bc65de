"""Pacemaker's configuration (its Cluster Information Base), for `cibadmin`, `crm_verify` and `crm_simulate`.

Written for the schema that Pacemaker 2.1.5 has; later ones read it too. See *Pacemaker Explained*.
"""

from __future__ import annotations

from everprint.cluster.compilation.constraints import constraints
from everprint.cluster.compilation.fencing import fence_resources, fencing_levels
from everprint.cluster.compilation.names import VIRTUAL_CORES_PER_CORE
from everprint.cluster.compilation.resources import programs_and_addresses
from everprint.cluster.compilation.xml import Element, element, nvpairs, written
from everprint.cluster.topology.model import Host, Topology

SCHEMA = "pacemaker-3.7"
FEATURE_SET = "3.16.1"
"""Of Pacemaker 2.1.5. Without it the status is read as old releases wrote it, and failures are not counted."""

STICKINESS = 1000
"""What keeps a resource where it is. More than any preference: nothing goes back by itself after a repair."""


def cib_xml(topology: Topology) -> str:
    """The whole CIB, with an empty status."""
    return written(
        element(
            "cib",
            {
                "validate-with": SCHEMA,
                "crm_feature_set": FEATURE_SET,
                "admin_epoch": "0",
                "epoch": "1",
                "num_updates": "0",
            },
            configuration(topology),
            element("status"),
        )
    )


def configuration(topology: Topology) -> Element:
    """The CIB's part that we write; the other, *status*, is the engine's."""
    levels = fencing_levels(topology)
    parts = [
        element("crm_config", {}, nvpairs("cluster_property_set", "cib-bootstrap-options", _properties(topology))),
        element("nodes", {}, *(_node(number, host) for number, host in enumerate(topology.hosts, 1))),
        element("resources", {}, *fence_resources(topology), *programs_and_addresses(topology)),
        element("constraints", {}, *constraints(topology)),
    ]
    if levels:
        parts.append(element("fencing-topology", {}, *levels))
    defaults = [("resource-stickiness", str(STICKINESS))]
    parts.append(element("rsc_defaults", {}, nvpairs("meta_attributes", "rsc-options", defaults)))
    return element("configuration", {}, *parts)


def _properties(topology: Topology) -> list[tuple[str, str]]:
    has_watchdog = any(device.is_watchdog for host in topology.hosts for device in host.fencing)
    return [
        ("cluster-name", topology.name),
        # Without fencing a lost host is taken for dead and its VMs would run twice. Never off, not even for a test.
        ("stonith-enabled", "true"),
        ("stonith-action", "off"),
        ("stonith-timeout", "60s"),
        ("concurrent-fencing", "true"),
        # A failed start counts as one failure, as the topology says, and does not ban the host at once.
        ("start-failure-is-fatal", "false"),
        ("no-quorum-policy", "stop"),
        ("placement-strategy", "balanced"),
        # How often passed failure-timeouts are looked for.
        ("cluster-recheck-interval", "1min"),
        *([("stonith-watchdog-timeout", "10s")] if has_watchdog else []),
    ]


def _node(number: int, host: Host) -> Element:
    capacity = [("memory", str(host.usable_mib)), ("cores", str(host.cores * VIRTUAL_CORES_PER_CORE))]
    return element(
        "node",
        {"id": str(number), "uname": host.name},
        nvpairs("utilization", f"{host.name}-utilization", capacity),
    )
