"""VMs that start only while their cluster has the ticket, so that they never run here and at another site."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.cluster.compilation.names import resource_of
from everprint.cluster.compilation.xml import Element, element
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.ticket import ticket_of, ticketed


def ticket_constraints(topology: Topology) -> Iterator[Element]:
    """One for each VM. Who loses the ticket stops them in order; one that does not stop gets its host fenced."""
    ticket = ticket_of(topology)
    for vm in ticketed(topology):
        resource = resource_of(vm)
        identity = f"{resource}-needs-{ticket}"
        yield element("rsc_ticket", {"id": identity, "rsc": resource, "ticket": ticket, "loss-policy": "stop"})
