"""What is copied to another site all the time, and who takes over there: the topology's table `[replication]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from everprint.cluster.topology.model import Host


@dataclass(frozen=True, slots=True)
class VmReplication:
    """How one VM is replicated."""

    vm: str
    host: str
    """The other site's host that keeps its points, and starts it when the site is lost."""
    every_ms: int
    keep: int
    """So many points."""
    late_after_ms: int
    """A newest point that is older is an alarm."""
    line: int


@dataclass(frozen=True, slots=True)
class PrintServerElsewhere:
    """A print server that outlives the site, and so can tell what was printed since."""

    name: str
    host: str
    """Of the other site: where it is, or where its VM runs."""
    vm: str
    """libvirt's name of its VM; empty: it runs on the host itself."""
    line: int


@dataclass(frozen=True, slots=True)
class ReplicationSettings:
    """The table `[replication]`."""

    site: str
    """The other site."""
    hosts: tuple[Host, ...]
    """Its hosts, which are not in this cluster."""
    vms: tuple[VmReplication, ...]
    folder: str
    """Where points are kept there."""
    scratch: str
    """Folder on our hosts that a disk is copied to before it is sent."""
    limit_mib_s: int
    """MiB a second that a transfer may take; 0: as much as there is."""
    compression: bool
    application_consistent: bool
    """The guest's agent holds the file systems still at the moment of a point."""
    within_ms: int
    """How long one point of one VM may take."""
    move_addresses: str
    """Program, where `failover` is called, that leads people to the other site; empty: none is needed."""
    ticket: str
    """booth's ticket, which says which site may work; empty: a person says it (see `ticket_of`)."""
    print_servers: tuple[PrintServerElsewhere, ...]
    line: int

    def of(self, vm: str) -> VmReplication | None:
        """How this VM is replicated; None: it is not."""
        return next((one for one in self.vms if one.vm == vm), None)
