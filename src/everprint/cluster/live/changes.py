"""What `apply` would change: observed against desired, as steps in the order in which they must be done."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from everprint.cluster.compilation.corosync import config_version
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.current_disks import refuse_old_disks
from everprint.cluster.live.desired import AUTHKEY, COROSYNC_CONF, HostFile, host_files, units
from everprint.cluster.live.merge import merged, normal
from everprint.cluster.live.observed import HostObserved, is_there, live_configuration, observe_host
from everprint.cluster.mirror.provision import lack_certificates
from everprint.cluster.ocf.mirror.places import CERTIFICATES_FOLDER
from everprint.cluster.replication.ticket import is_granted
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.ticket import ticket_of

WHOLE_CLUSTER = "cluster"


class Kind(StrEnum):
    """What a step does."""

    WRITE = "write"
    """A file is written on a host."""
    KEY = "key"
    """The hosts' shared secret is given to a host."""
    CERTIFY = "certify"
    """The hosts of mirrors get certificates by which they know each other."""
    RELOAD = "reload"
    """Corosync reads its file again, on all hosts."""
    START = "start"
    """Corosync and Pacemaker are started on a host, and from then on at boot."""
    GRANT = "grant"
    """The cluster gets the ticket, without which it starts no VM that another site may have taken over."""
    CONFIGURE = "configure"
    """Pacemaker's configuration is replaced."""
    REMOVE = "remove"
    """A file that is ours and no longer wanted is removed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step."""

    kind: Kind
    where: str
    """A host, or the whole cluster."""
    subject: str
    """The file, or what it is about."""
    diff: str

    @property
    def title(self) -> str:
        """In one line."""
        return f"{self.where}: {self.kind} {self.subject}"

    def as_json(self) -> dict[str, str]:
        """The form for programs."""
        return {"kind": self.kind.value, "where": self.where, "subject": self.subject, "diff": self.diff}


def plan_changes(topology: Topology, hosts: Hosts) -> list[Change]:
    """All steps from what is to what must be; none if all is so already.

    Raises HostUnreachable, HostRefuses for a VM that would start from an old disk, and Unreadable for a configuration
    that cannot be understood.
    """
    files = host_files(topology)
    observed = {host.name: observe_host(topology, hosts, host.name, files) for host in topology.hosts}
    changes: list[Change] = []
    for name, seen in observed.items():
        changes += [_write(name, file, seen) for file in files if not is_there(file, seen)]
    changes += [Change(Kind.KEY, name, AUTHKEY, "") for name, seen in observed.items() if not seen.has_authkey]
    if lack_certificates(topology, hosts):
        changes.append(Change(Kind.CERTIFY, WHOLE_CLUSTER, CERTIFICATES_FOLDER, ""))
    running = [name for name, seen in observed.items() if seen.runs]
    version = str(config_version(topology))
    # Asked of Corosync itself: the file may be there while nobody told it to read it.
    if any(observed[name].corosync_version != version for name in running):
        changes.append(Change(Kind.RELOAD, WHOLE_CLUSTER, COROSYNC_CONF, ""))
    engine = ", ".join(unit.removesuffix(".service") for unit in units(topology))
    changes += [Change(Kind.START, name, engine, "") for name in observed if name not in running]
    # Before the configuration: who runs already would be stopped by the first that asks for a ticket.
    if (ticket := ticket_of(topology)) and not (running and is_granted(topology, hosts)):
        changes.append(Change(Kind.GRANT, WHOLE_CLUSTER, f"ticket {ticket}", ""))
    changes += _configure(topology, hosts, running)
    changes += _removals(observed)
    return changes


def _write(name: str, file: HostFile, seen: HostObserved) -> Change:
    return Change(Kind.WRITE, name, file.path, _diff(seen.texts.get(file.path, ""), file.text, file.path))


def _configure(topology: Topology, hosts: Hosts, running: list[str]) -> list[Change]:
    live = next((found for name in running if (found := live_configuration(hosts, name))), "<configuration/>")
    before, after = normal(live), normal(merged(live, topology))
    refuse_old_disks(live, topology)
    if before == after:
        return []
    return [Change(Kind.CONFIGURE, WHOLE_CLUSTER, "Pacemaker's configuration", _diff(before, after, "configuration"))]


def _removals(observed: dict[str, HostObserved]) -> list[Change]:
    return [Change(Kind.REMOVE, name, path, "") for name, seen in observed.items() for path in seen.further_domains]


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name} (now)", f"{name} (then)", lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)
