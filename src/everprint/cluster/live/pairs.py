"""The halves of fault-tolerant VMs among what the engine runs: the promoted one is the VM, the other one its twin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from everprint.cluster.live.status import ResourceStatus

KIND = "FaultTolerant"
_ROLES = {"promoted": "started", "master": "started", "unpromoted": "started", "slave": "started"}
_PROMOTED = ("promoted", "master")


def is_twin(resource: ResourceStatus) -> bool:
    """Is it the half that does not run the VM?"""
    return resource.kind == KIND and resource.name.endswith("-twin")


def is_left_over(found: ET.Element) -> bool:
    """Is it where a half was once, which the engine tells of until its history is cleared?"""
    return (
        found.get("resource_agent", "").endswith(f":{KIND}")
        and found.get("orphaned") == "true"
        and found.get("active") == "false"
    )


def with_halves_named(resources: Iterable[ResourceStatus]) -> tuple[ResourceStatus, ...]:
    """All of them, each under a name of its own.

    While none is promoted, the VM's state is that of the first half.
    """
    found = list(resources)
    running = {one.name for one in found if one.kind == KIND and one.state in _PROMOTED}
    named: list[ResourceStatus] = []
    for one in found:
        if one.kind != KIND:
            named.append(one)
        elif one.state in _PROMOTED or one.name not in running:
            running.add(one.name)
            named.append(replace(one, state="started" if one.state in _PROMOTED else one.state))
        else:
            named.append(replace(one, name=f"{one.name}-twin", state=_ROLES.get(one.state, one.state)))
    return tuple(named)
