"""Who decides when hosts do not hear each other, and how a lost host is stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from everprint.cluster.check.finding import Finding
from everprint.cluster.topology.model import Host, Topology
from everprint.monitor.health import Level

_FEWEST = 2


def find_single_host(topology: Topology) -> Iterator[Finding]:
    """With one host nothing can go elsewhere."""
    if len(topology.hosts) < _FEWEST:
        yield Finding(
            "one-host",
            Level.FAIL,
            topology.hosts[0].name,
            topology.hosts[0].line,
            "there is only one host",
            "when it fails nothing can run elsewhere",
            "add a second host, and a third or a quorum device",
        )


def find_missing_fencing(topology: Topology) -> Iterator[Finding]:
    """A host that cannot be stopped for certain stops the recovery, or runs its VMs twice."""
    for host in topology.hosts:
        if not host.fencing:
            yield Finding(
                "no-fencing",
                Level.FAIL,
                host.name,
                host.line,
                f"{host.name} has no fence device",
                "a host that is not heard may still write: without fencing its VMs start nowhere, for two of one VM "
                "destroy its disk",
                "add [[hosts.fencing]] with its power device, and behind it one with the watchdog",
            )
        elif len(host.fencing) == 1:
            yield _one_level(host)


def _one_level(host: Host) -> Finding:
    if host.fencing[0].is_watchdog:
        why = "a watchdog cannot answer: every recovery waits for its whole time, and trusts sbd alone"
        advice = "add the host's power device (IPMI, Redfish, switched outlet) before it"
    else:
        why = "a power device that lost its power together with its host never answers, and nothing is recovered"
        advice = 'add [[hosts.fencing]] with agent = "watchdog" behind it, or a switched outlet'
    return Finding(
        "one-fencing-level",
        Level.WARN,
        host.name,
        host.fencing[0].line,
        f"{host.name} can be fenced in one way only",
        why,
        advice,
    )


def find_even_votes(topology: Topology) -> Iterator[Finding]:
    """Two equal halves have no majority."""
    count = len(topology.hosts)
    if count >= _FEWEST and count % 2 == 0 and topology.quorum_device is None:
        two = count == _FEWEST
        yield Finding(
            "even-votes",
            Level.FAIL if two else Level.WARN,
            topology.name,
            topology.hosts[-1].line,
            f"{count} hosts have an even number of votes, and there is no quorum device",
            "when they do not hear each other both try to fence each other, and the wrong one may win"
            if two
            else "cut into two halves, neither has a majority: all VMs stop",
            "add [quorum_device] on a small machine elsewhere, or another host",
        )


def find_quorum_device_beside_hosts(topology: Topology) -> Iterator[Finding]:
    """A vote that is lost together with hosts is none."""
    device = topology.quorum_device
    if device is None:
        return
    sites = Counter(host.site for host in topology.hosts)
    if device.site in sites and len(sites) > 1:
        yield Finding(
            "quorum-device-at-a-site",
            Level.WARN,
            "quorum device",
            device.line,
            f"the quorum device stands at {device.site}, one of the sites",
            "when that site is lost its hosts' votes and the device's are lost together, and the other site stops",
            "put it at a third place",
        )


def find_sites_without_judge(topology: Topology) -> Iterator[Finding]:
    """Two sites that lose the line between them."""
    sites = Counter(host.site for host in topology.hosts)
    if len(sites) == _FEWEST and topology.quorum_device is None:
        larger = sites.most_common(1)[0][0]
        yield Finding(
            "two-sites-without-quorum-device",
            Level.FAIL,
            topology.name,
            topology.hosts[0].line,
            f"the hosts stand at two sites ({', '.join(sorted(sites))}) and there is no quorum device",
            f"when {larger} is lost the other has no majority and stops as well",
            "add [quorum_device] at a third place",
        )


def find_single_link(topology: Topology) -> Iterator[Finding]:
    """One cable or switch between hosts."""
    if len(topology.hosts) >= _FEWEST and not topology.hosts[0].second_address:
        yield Finding(
            "one-link",
            Level.WARN,
            topology.name,
            topology.hosts[0].line,
            "the hosts hear each other over one network only",
            "one switch that restarts looks like dead hosts, and they are fenced",
            "give each host a second_address on another network",
        )


def find_short_token(topology: Topology) -> Iterator[Finding]:
    """A token that a busy host misses."""
    token = topology.timing.token_ms
    if token < 1000:
        yield Finding(
            "short-token",
            Level.WARN,
            topology.name,
            topology.timing.line,
            f"a host counts as lost after {token} ms",
            "a host that is busy for a moment is fenced",
            'write token = "1 s" or more',
        )
