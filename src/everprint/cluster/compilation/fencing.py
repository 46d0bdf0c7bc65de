"""Fence devices as Pacemaker resources, and the order in which a host's devices are tried."""

from __future__ import annotations

from everprint.cluster.compilation.names import fence_resource
from everprint.cluster.compilation.xml import Element, element, nvpairs
from everprint.cluster.topology.model import FenceDevice, Host, Topology

WATCHDOG_RESOURCE = "watchdog"
"""The name that Pacemaker knows for watchdog fencing (*fence_watchdog*)."""


def fence_resources(topology: Topology) -> list[Element]:
    """One for each power device, and one for all watchdogs."""
    found = [
        _power_device(host, number, device)
        for host in topology.hosts
        for number, device in enumerate(host.fencing, 1)
        if not device.is_watchdog
    ]
    guarded = [host.name for host in topology.hosts if any(device.is_watchdog for device in host.fencing)]
    if guarded:
        hosts = [("pcmk_host_list", " ".join(guarded))]
        found.append(
            element(
                "primitive",
                {"id": WATCHDOG_RESOURCE, "class": "stonith", "type": "fence_watchdog"},
                nvpairs("instance_attributes", f"{WATCHDOG_RESOURCE}-attributes", hosts),
            )
        )
    return found


def fencing_levels(topology: Topology) -> list[Element]:
    """What is tried first, and what if that did not answer. None for a host without fencing."""
    return [
        element(
            "fencing-level",
            {
                "id": f"{host.name}-level-{number}",
                "target": host.name,
                "index": str(number),
                "devices": WATCHDOG_RESOURCE if device.is_watchdog else fence_resource(host, number),
            },
        )
        for host in topology.hosts
        for number, device in enumerate(host.fencing, 1)
    ]


def agent_parameters(device: FenceDevice) -> list[tuple[str, str]]:
    """The device in its agent's words (the parameters that all fence agents share have these names)."""
    usual = [
        ("ip", str(device.address or "")),
        ("ipport", str(device.port or "")),
        ("username", device.user),
        ("password_script", device.password_script),
        ("plug", device.plug),
    ]
    return [(name, value) for name, value in usual if value] + list(device.options)


def _power_device(host: Host, number: int, device: FenceDevice) -> Element:
    identity = fence_resource(host, number)
    # Without a time of its own a start has 20 s, which BMCs that sleep, or hosts with much to do, may exceed.
    operations = [
        element("op", {"id": f"{identity}-{name}", "name": name, "interval": interval, "timeout": timeout})
        for name, interval, timeout in (("start", "0s", "60s"), ("monitor", "60s", "30s"))
    ]
    return element(
        "primitive",
        {"id": identity, "class": "stonith", "type": device.agent},
        nvpairs(
            "instance_attributes",
            f"{identity}-attributes",
            [*agent_parameters(device), ("pcmk_host_list", host.name)],
        ),
        element("operations", {}, *operations),
    )
