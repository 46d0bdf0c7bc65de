"""Who may run the VMs that another site has replicas of: this cluster has the ticket, or starts none of them.

Where booth is, only booth grants it. Else `apply` and `failback` do, when the other site says that it runs none of
the VMs; of hosts there that do not answer, somebody gives their word.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.whereabouts import is_alive
from everprint.cluster.compilation.ticket import ticket_constraints
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.observed import live_configuration
from everprint.cluster.live.status import CRM_MON, NoCluster, ask_status, read_status
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.other_site import look
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.ticket import ticket_of, ticketed


class MayServeElsewhere(ReplicationError):
    """The ticket was not granted: the VMs may run at the other site."""


def is_granted(topology: Topology, hosts: Hosts) -> bool:
    """Has the cluster the ticket, or needs it none? Without an engine that answers it has not."""
    ticket = ticket_of(topology)
    if not ticket:
        return True
    try:
        return ticket in ask_status(topology, hosts).tickets
    except NoCluster:
        return False


def serving_elsewhere(topology: Topology, hosts: Hosts, *, word: bool) -> tuple[str, ...]:
    """The VMs that were started at the other site, and did not come back.

    `word`: somebody said that what does not answer there runs none. Raises MayServeElsewhere for hosts of which
    nobody knows it.
    """
    settings = topology.replication
    if settings is None:
        return ()
    found, silent = [], []
    for one in settings.vms:
        try:
            if look(hosts, one.host, settings.folder, one.vm).serving:
                found.append(one.vm)
        except (BackupError, HostUnreachable) as error:
            silent.append(f"{one.host} does not tell whether it runs {one.vm}: {error}")
    if silent and not word and not found:
        lines = "\n".join(f"  {line}" for line in silent)
        raise MayServeElsewhere(
            f"It is not known whether {settings.site} has taken over:\n{lines}\n"
            f"If you know that it has not, say so: --i-confirm-idle {settings.site}"
        )
    return tuple(found)


def grant_command(topology: Topology) -> list[str]:
    """Lets the engine start the VMs, said at any host of the cluster. It is forced, for we have looked elsewhere."""
    return ["crm_ticket", "--ticket", ticket_of(topology), "--grant", "--force"]


def starts_none(topology: Topology, hosts: Hosts, host: str) -> bool:
    """Does the host answer, run none of the VMs, and has it an engine that starts none without the ticket?"""
    try:
        live = live_configuration(hosts, host)
        if live is None:
            return False
        bound = {one.get("id") for one in ET.fromstring(live).iter("rsc_ticket")}  # noqa: S314 (the engine's own)
        status = read_status(hosts.run(host, CRM_MON).output, host, topology)
        return (
            {one.get("id") for one in ticket_constraints(topology)} <= bound
            and ticket_of(topology) not in status.tickets
            and not any(vm.name in status.on(host) or is_alive(hosts, host, vm) for vm in ticketed(topology))
        )
    except (HostUnreachable, NoCluster, ET.ParseError):
        return False
