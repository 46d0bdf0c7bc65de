"""Who goes where if a host fails, and whether everything fits, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.prediction.simulator import Event, all_hosts_up, simulate
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.ticket import ticket_of


@dataclass(frozen=True, slots=True)
class Move:
    """Where a VM, service or address is before and after; empty: nowhere."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HostLoad:
    """What a host has to carry afterwards."""

    name: str
    memory_mib: int
    usable_mib: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """The engine's prediction."""

    failed: tuple[str, ...]
    fenced: tuple[str, ...]
    moves: tuple[Move, ...]
    """Of everything, in the file's order, also of what stays."""
    loads: tuple[HostLoad, ...]

    @property
    def homeless(self) -> tuple[str, ...]:
        """What would run nowhere."""
        return tuple(move.name for move in self.moves if not move.after)

    @property
    def fits(self) -> bool:
        return not self.homeless

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "failed": list(self.failed),
            "fenced": list(self.fenced),
            "fits": self.fits,
            "moves": [{"name": move.name, "before": move.before, "after": move.after} for move in self.moves],
            "hosts": [
                {"name": load.name, "memory_mib": load.memory_mib, "usable_mib": load.usable_mib}
                for load in self.loads
            ],
        }


def if_hosts_fail(topology: Topology, failed: tuple[str, ...], cib: str = "") -> Outlook:
    """What follows when these hosts fail at the same moment.

    `cib` is a live cluster's configuration and status; without one, a cluster just started is assumed, which has the
    ticket if it needs one. Raises CannotPredict.
    """
    if not cib:
        cib = all_hosts_up(cib_xml(topology), tuple(host.name for host in topology.hosts)).cib
        if ticket := ticket_of(topology):
            cib = simulate(cib, Event.ticket_granted(ticket)).cib
    before = simulate(cib, Event.nothing())
    left = len(topology.hosts) - len(failed) + (1 if topology.quorum_device else 0)
    votes = len(topology.hosts) + (1 if topology.quorum_device else 0)
    quorum = [] if 2 * left > votes else [Event.quorum_lost()]
    after = simulate(cib, *(Event.fails(host) for host in failed), *quorum)
    moves = tuple(
        Move(one.name, before.placed.get(one.name, ""), after.placed.get(one.name, "")) for one in topology.resources
    )
    where = {move.name: move.after for move in moves}
    loads = tuple(
        HostLoad(
            host.name,
            sum(one.memory_mib for one in topology.programs if where[one.name] == host.name),
            host.usable_mib,
        )
        for host in topology.hosts
        if host.name not in failed
    )
    return Outlook(failed, after.fenced, moves, loads)
