"""Where resources may be, must not be together, and would rather be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from everprint.cluster.compilation.mirror import mirror_constraints
from everprint.cluster.compilation.names import fence_resource, placed_as
from everprint.cluster.compilation.resources import service_placed_as
from everprint.cluster.compilation.ticket import ticket_constraints
from everprint.cluster.compilation.xml import Element, element
from everprint.cluster.topology.model import Protection, Topology, VirtualMachine

NEVER = "-INFINITY"
PREFERENCE = "100"
SPREAD = "-20"
"""VMs of one role go to different hosts while that is possible; with one host left all run there.

So little that sixteen of them do not outweigh what keeps a VM where it is."""


def constraints(topology: Topology) -> list[Element]:
    """All of them, in a settled order."""
    return [
        *_fencing_from_elsewhere(topology),
        *_reach(topology),
        *_preferences(topology),
        *_apart(topology),
        *mirror_constraints(topology),
        *ticket_constraints(topology),
    ]


def home_of(topology: Topology, vm: VirtualMachine) -> str:
    """The one host of a VM without protection."""
    return vm.prefers or next(iter(topology.reachable_from(topology.storage_of(vm))))


def _fencing_from_elsewhere(topology: Topology) -> Iterator[Element]:
    """A host that is to be fenced cannot be the one to do it."""
    for host in topology.hosts:
        for number, device in enumerate(host.fencing, 1):
            if not device.is_watchdog and len(topology.hosts) > 1:
                yield _location(fence_resource(host, number), host.name, NEVER)


def _reach(topology: Topology) -> Iterator[Element]:
    for vm in topology.vms:
        allowed = set(topology.reachable_from(topology.storage_of(vm)))
        if vm.protection is Protection.NONE:
            allowed &= {home_of(topology, vm)}
        for host in topology.hosts:
            if host.name not in allowed:
                yield _location(placed_as(vm), host.name, NEVER)
    for service in topology.services:
        for host in topology.hosts:
            if service.hosts and host.name not in service.hosts:
                yield _location(service_placed_as(topology, service), host.name, NEVER)


def _preferences(topology: Topology) -> Iterator[Element]:
    for vm in topology.vms:
        # Which half is promoted, its agent knows best.
        if vm.prefers and vm.protection not in (Protection.NONE, Protection.FAULT_TOLERANT):
            yield _location(vm.name, vm.prefers, PREFERENCE)


def _apart(topology: Topology) -> Iterator[Element]:
    strict = topology.kept_apart()
    resources = {vm.name: placed_as(vm) for vm in topology.vms}
    for one, other in strict:
        yield _colocation(resources[one], resources[other], NEVER)
    for a, b in combinations(topology.vms, 2):
        if a.role is b.role and (a.name, b.name) not in strict:
            yield _colocation(resources[a.name], resources[b.name], SPREAD)


def _location(resource: str, host: str, score: str) -> Element:
    identity = f"{resource}-{'not' if score == NEVER else 'rather'}-on-{host}"
    return element("rsc_location", {"id": identity, "rsc": resource, "node": host, "score": score})


def _colocation(one: str, other: str, score: str) -> Element:
    return element(
        "rsc_colocation",
        {"id": f"{other}-apart-from-{one}", "rsc": other, "with-rsc": one, "score": score},
    )
