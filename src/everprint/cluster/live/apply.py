"""Makes a cluster what its topology says: step by step, each of which looks first and may be done again.

Invariant: between any two commands at hosts it may be killed; called again it goes on with what is not so yet. So
there is no list of what was done that could be wrong: what is so is asked of the hosts each time.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b64decode
from collections.abc import Callable
from itertools import groupby

from everprint.cluster.compilation.names import DOMAINS_FOLDER
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.at_host import must, put_files
from everprint.cluster.live.changes import Change, Kind, plan_changes
from everprint.cluster.live.desired import AUTHKEY, are_active, host_files, units
from everprint.cluster.live.merge import merged
from everprint.cluster.live.observed import HostRefuses, live_configuration
from everprint.cluster.live.status import NoCluster, ask_status
from everprint.cluster.mirror.provision import FILES as MIRROR_CERTIFICATES
from everprint.cluster.mirror.provision import new_certificates
from everprint.cluster.replication.ticket import MayServeElsewhere, grant_command, serving_elsewhere
from everprint.cluster.topology.model import Topology

_KEY_OCTETS = 256
_START_WITHIN_S = 120.0
# Agents write into the configuration which copy of a disk is good. What they wrote since it was read must not be
# taken back, so it is looked at once more at the host, just before.
_REPLACE = """now=$(cibadmin --query --scope configuration </dev/null) || exit 1
[ "$(printf %s "$now" | sha256sum | cut -d ' ' -f 1)" = "$1" ] || exit 75
exec cibadmin --replace --scope configuration --xml-pipe"""
_CHANGED, _TRIES = 75, 10
_STOP_ALL = ("crm_attribute", "--type", "crm_config", "--name", "stop-all-resources")


def apply(
    topology: Topology,
    hosts: Hosts,
    tell: Callable[[Change], None],
    *,
    idle_word: bool = False,
    form_within_s: float = 120.0,
    pause_s: float = 1.0,
) -> int:
    """Does what is to do and says how many steps it was; `tell` is called before each.

    `idle_word`: somebody said that no VM runs at the other site, if it does not answer. Raises HostUnreachable,
    HostRefuses, NoCluster or Unreadable; called again it goes on.
    """
    changes = plan_changes(topology, hosts)
    elsewhere: tuple[str, ...] = ()
    for (kind, where), group in groupby(changes, lambda change: (change.kind, change.where)):
        together = list(group)
        for change in together:
            tell(change)
        subjects = [change.subject for change in together]
        match kind:
            case Kind.WRITE:
                files = [file for file in host_files(topology) if file.path in subjects]
                put_files(hosts, where, [(file.path, file.text.encode(), file.mode) for file in files])
            case Kind.KEY:
                _give_key(topology, hosts, where)
            case Kind.CERTIFY:
                for name, files_of_host in new_certificates(topology).items():
                    put_files(hosts, name, files_of_host)
            case Kind.RELOAD:
                # One reads, all follow (corosync-cfgtool(8)); before, each has the new file.
                must(hosts, _running_host(topology, hosts), ["corosync-cfgtool", "-R"])
            case Kind.START:
                must(hosts, where, ["systemctl", "enable", "--now", *units(topology)], timeout_s=_START_WITHIN_S)
            case Kind.GRANT:
                _wait_for_all(topology, hosts, form_within_s, pause_s)
                elsewhere = _grant(topology, hosts, idle_word=idle_word)
            case Kind.CONFIGURE:
                _wait_for_all(topology, hosts, form_within_s, pause_s)
                _configure(topology, hosts)
            case Kind.REMOVE:
                must(hosts, where, ["rm", "-f", "--", *subjects])
    if elsewhere:
        assert topology.replication is not None  # who else has them
        site = topology.replication.site
        raise HostRefuses(
            f"{', '.join(elsewhere)} went on at {site}, so this cluster starts none of its VMs. All else is as the "
            f"topology says. Bring them back with `everprint cluster failback --site {site}`"
        )
    return len(changes)


def destroy(
    topology: Topology,
    hosts: Hosts,
    tell: Callable[[str], None],
    *,
    stop_within_s: float = 300.0,
    pause_s: float = 1.0,
) -> None:
    """Stops everything in order, then the engine, and takes away what is ours. Disks are not touched.

    What does not stop in time stops nothing else any more: the cluster then starts all that it had stopped. Raises as
    `apply` does; called again it goes on.
    """
    running = [host.name for host in topology.hosts if _runs(topology, hosts, host.name)]
    if running:
        tell("stop all VMs and services")
        must(hosts, running[0], [*_STOP_ALL, "--update", "true"])
        try:
            _wait_until_stopped(topology, hosts, stop_within_s, pause_s)
        except BaseException:
            # Also after Ctrl-C: a cluster that goes on must not refuse to start anything from now on.
            tell("the cluster goes on: let it start its VMs and services again")
            must(hosts, running[0], [*_STOP_ALL, "--delete"])
            raise
    for host in topology.hosts:
        tell(f"{host.name}: stop corosync, pacemaker and remove their files")
        # Pacemaker first: it needs Corosync to leave in order.
        for unit in reversed(units(topology)):
            must(hosts, host.name, ["systemctl", "disable", "--now", unit], timeout_s=_START_WITHIN_S)
        ours = [file.path for file in host_files(topology)]
        must(hosts, host.name, ["rm", "-f", "--", *ours, AUTHKEY, *MIRROR_CERTIFICATES])
        must(
            hosts, host.name, ["find", DOMAINS_FOLDER, "/var/lib/pacemaker/cib", "-type", "f", "-delete"], well=(0, 1)
        )


def _configure(topology: Topology, hosts: Hosts) -> None:
    host = _running_host(topology, hosts)
    for _ in range(_TRIES):
        live = live_configuration(hosts, host)
        if live is None:
            raise HostRefuses(f"{host} does not tell the cluster's configuration any more; call this again")
        xml = merged(live, topology).encode()
        read = hashlib.sha256(live.rstrip("\n").encode()).hexdigest()
        if must(hosts, host, ["sh", "-c", _REPLACE, "sh", read], stdin=xml, well=(0, _CHANGED)).code == 0:
            return
    raise HostRefuses(f"the cluster's configuration on {host} changes all the time; call this again")


def _grant(topology: Topology, hosts: Hosts, *, idle_word: bool) -> tuple[str, ...]:
    """Grants the ticket, unless VMs were started at the other site: those."""
    try:
        if elsewhere := serving_elsewhere(topology, hosts, word=idle_word):
            return elsewhere
    except MayServeElsewhere as error:
        raise HostRefuses(str(error)) from error
    if topology.replication and topology.replication.ticket:
        ticket = topology.replication.ticket
        raise HostRefuses(
            f"booth has not given the ticket {ticket} to this cluster. Grant it (`booth grant {ticket}` on a host of "
            "this site), and call this again"
        )
    must(hosts, _running_host(topology, hosts), grant_command(topology))
    return ()


def _wait_for_all(topology: Topology, hosts: Hosts, within_s: float, pause_s: float) -> None:
    """Until all hosts are in the cluster: resources that start earlier would all go to the first."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            status = ask_status(topology, hosts)
            missing = [host.name for host in status.hosts if host.state not in ("online", "drained")]
            if not missing:
                return
            reason = f"{', '.join(missing)} did not join the cluster"
        except NoCluster as error:
            reason = str(error)
        if time.monotonic() > deadline:
            raise HostRefuses(f"{reason}, not within {within_s:g} s. See corosync's log there, and call this again")
        time.sleep(pause_s)


def _wait_until_stopped(topology: Topology, hosts: Hosts, within_s: float, pause_s: float) -> None:
    deadline = time.monotonic() + within_s
    while left := [name for host in topology.hosts for name in ask_status(topology, hosts).on(host.name)]:
        if time.monotonic() > deadline:
            raise HostRefuses(f"{', '.join(left)} did not stop within {within_s:g} s; call this again")
        time.sleep(pause_s)


def _give_key(topology: Topology, hosts: Hosts, to: str) -> None:
    """The key of a host that has one, else a new one. It is never kept on this machine."""
    key = secrets.token_bytes(_KEY_OCTETS)
    for host in topology.hosts:
        if host.name != to and hosts.run(host.name, ["test", "-s", AUTHKEY]).is_well:
            key = b64decode(must(hosts, host.name, ["base64", "--wrap=0", AUTHKEY]).output)
            break
    put_files(hosts, to, [(AUTHKEY, key, 0o400)])


def _running_host(topology: Topology, hosts: Hosts) -> str:
    for host in topology.hosts:
        if _runs(topology, hosts, host.name):
            return host.name
    raise HostRefuses(f"no host runs {' and '.join(units(topology))}; call this again")


def _runs(topology: Topology, hosts: Hosts, host: str) -> bool:
    return hosts.run(host, are_active(topology)).is_well
