"""Makes sure that the lost site does nothing any more, before another one takes over its work.

A power device that answers decides: the host is switched off, and the device says so. For a host whose device does
not answer, somebody who knows gives their word, or booth does by its ticket. A host that answers is not dead, and no
word makes it so; but it may be one that came back without the ticket, and starts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.compilation.fencing import agent_parameters
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.ticket import starts_none
from everprint.cluster.topology.model import FenceDevice, Host, Topology
from everprint.cluster.topology.replication import ReplicationSettings
from everprint.cluster.topology.ticket import ticket_of

_FENCE_S = 120.0
_OFF = 2  # what a fence agent ends with for a host that is off (FenceAgentAPI)


class SiteMayLive(ReplicationError):
    """Nobody knows that the lost site is dead."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """Why a host of the lost site does nothing any more."""

    host: str
    reason: str


def name_of_lost(topology: Topology) -> str:
    """The site, or sites, of the cluster: what somebody gives their word about."""
    return "+".join(sorted({host.site for host in topology.hosts}))


def make_sure(topology: Topology, settings: ReplicationSettings, hosts: Hosts, *, word: bool) -> list[Certainty]:
    """Fences what can be fenced; `word`: somebody said that the site is dead.

    Raises SiteMayLive with each host that is not known to be off. Nothing was started then.
    """
    asker = _asker(settings, hosts)
    if settings.ticket and _has_ticket(settings, hosts, asker):
        reason = f"booth gave the ticket {settings.ticket} to {settings.site}"
        return [Certainty(host.name, reason) for host in topology.hosts]
    found, open_ones, without_ticket = [], [], []
    for host in topology.hosts:
        if starts_none(topology, hosts, host.name):
            without_ticket.append(host)
            continue
        said = []
        for device in host.fencing:
            if device.is_watchdog:
                continue
            trouble = _switch_off(device, hosts, asker)
            if not trouble:
                found.append(Certainty(host.name, f"switched off by {device.agent}"))
                break
            said.append(trouble)
        else:
            if _answers(host, hosts):
                open_ones.append(f"{host.name} ANSWERS: it is not dead. Switch it off, or take its ticket away")
            elif word:
                found.append(Certainty(host.name, f"somebody's word that {name_of_lost(topology)} is dead"))
            else:
                open_ones.append(f"{host.name} does not answer, and nothing can switch it off ({'; '.join(said)})")
    # Only now, when the others are off: until then it may have joined one that has the ticket, and was given it.
    for host in without_ticket:
        if starts_none(topology, hosts, host.name):
            reason = f"it answers, and starts none of the VMs: its cluster has not the ticket {ticket_of(topology)}"
            found.append(Certainty(host.name, reason))
        else:
            open_ones.append(f"{host.name} had no ticket, and may have it now: call this again")
    if open_ones:
        lines = "\n".join(f"  {line}" for line in open_ones)
        raise SiteMayLive(f"It is not known that {name_of_lost(topology)} is dead:\n{lines}")
    return found


def _asker(settings: ReplicationSettings, hosts: Hosts) -> str:
    said = []
    for host in settings.hosts:
        try:
            if hosts.run(host.name, ["true"]).is_well:
                return host.name
        except HostUnreachable as error:
            said.append(str(error))
    raise ReplicationError(f"no host of {settings.site} answers: {'; '.join(said)}")


def _has_ticket(settings: ReplicationSettings, hosts: Hosts, asker: str) -> bool:
    answer = hosts.run(asker, ["crm_ticket", "--ticket", settings.ticket, "--get-attr", "granted", "--quiet"])
    return answer.is_well and answer.output.strip() == "true"


def _switch_off(device: FenceDevice, hosts: Hosts, asker: str) -> str:
    """Nothing once the device says that the host is off; else why it is not known."""
    for action in ("off", "status"):
        words = [("action", action), *agent_parameters(device)]
        stdin = "".join(f"{name}={value}\n" for name, value in words).encode()
        answer = hosts.run(asker, [device.agent], stdin=stdin, timeout_s=_FENCE_S)
        if action == "status" and answer.code == _OFF:
            return ""
        if action == "off" and not answer.is_well:
            return f"{device.agent}: {answer.complaint}"
    return f"{device.agent} took the order, and does not say that the host is off: {answer.complaint}"


def _answers(host: Host, hosts: Hosts) -> bool:
    try:
        return hosts.run(host.name, ["true"]).is_well
    except HostUnreachable:
        return False
