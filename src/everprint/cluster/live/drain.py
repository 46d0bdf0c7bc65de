"""Empties a host for work on it, and takes it back: VMs move live, services are stopped here and started there."""

from __future__ import annotations

import time
from collections.abc import Callable

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.status import ClusterStatus, ask_status
from everprint.cluster.mirror.listing import CannotTell, list_mirrors
from everprint.cluster.prediction.simulator import Event, simulate
from everprint.cluster.prediction.standby import with_standby
from everprint.cluster.topology.model import Topology


class CannotDrain(Exception):
    """It was not done, or not to its end. Says how it stands."""


def stopped_by_drain(topology: Topology, hosts: Hosts, host: str) -> tuple[str, ...]:
    """What runs now and would run nowhere, as the engine says. Raises CannotDrain, CannotPredict or NoCluster."""
    asked = ask_status(topology, hosts).asked
    answer = hosts.run(asked, ["cibadmin", "--query"])
    if not answer.is_well:
        raise CannotDrain(f"{asked} does not tell its configuration: {answer.complaint}")
    now = simulate(answer.output, Event.nothing())
    then = simulate(with_standby(answer.output, host, standby=True), Event.nothing())
    programs = {one.name for one in topology.resources}
    stopped = [name for name in then.stopped if name in now.placed and name in programs]
    try:
        alone = [one.vm for one in list_mirrors(topology, hosts) if one.truth and one.truth.current == (host,)]
    except CannotTell as error:
        raise CannotDrain(str(error)) from error
    # The engine would let them start elsewhere; the agent refuses the stale copy there.
    return (*stopped, *(name for name in alone if now.placed.get(name) == host and name not in stopped))


def drain(
    topology: Topology,
    hosts: Hosts,
    host: str,
    *,
    within_s: float,
    tell: Callable[[ClusterStatus], None],
    pause_s: float = 1.0,
) -> None:
    """Lets everything move away, and waits until nothing is left there.

    Raises CannotDrain, NoCluster or HostUnreachable. It may be called again: what is done is done.
    """
    _set_standby(topology, hosts, host, "--update", "on")
    deadline = time.monotonic() + within_s
    while True:
        status = ask_status(topology, hosts)
        tell(status)
        left = status.on(host)
        if not left:
            return
        if time.monotonic() > deadline:
            raise CannotDrain(
                f"{host} is not empty after {within_s:g} s: {', '.join(left)} still there. It stays drained: call "
                "this again to wait on, or undrain it"
            )
        time.sleep(pause_s)


def undrain(topology: Topology, hosts: Hosts, host: str) -> None:
    """The host may run things again. Nothing moves there by itself while all runs well elsewhere."""
    _set_standby(topology, hosts, host, "--delete")


def _set_standby(topology: Topology, hosts: Hosts, host: str, *how: str) -> None:
    asked = ask_status(topology, hosts).asked
    answer = hosts.run(asked, ["crm_attribute", "--node", host, "--name", "standby", *how])
    if not answer.is_well:
        raise CannotDrain(f"{asked} refuses: {answer.complaint}")
