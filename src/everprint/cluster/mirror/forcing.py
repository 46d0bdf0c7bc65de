"""The last resort: an administrator declares the copy of a host good, and what only another one has is given up."""

from __future__ import annotations

from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.status import NoCluster, ask_status
from everprint.cluster.mirror.listing import CannotTell, find_mirror, host_with_majority
from everprint.cluster.ocf.mirror.places import property_of
from everprint.cluster.ocf.mirror.record import utc_now
from everprint.cluster.ocf.mirror.truth import Truth, forced
from everprint.cluster.topology.model import Topology, VirtualMachine


class CannotForce(Exception):
    """It is not to be declared now. Says why."""


def cost_of(topology: Topology, hosts: Hosts, vm: VirtualMachine, host: str) -> str:
    """What is given up, in a sentence. Raises CannotForce if the VM runs, or the copy is good as it is."""
    storage = topology.storage_of(vm)
    if host not in storage.hosts:
        raise CannotForce(f"{host} has no copy of {vm.name}; {' and '.join(storage.hosts)} have")
    try:
        found = find_mirror(topology, hosts, vm)
        runs = [one.host for one in ask_status(topology, hosts).resources if one.name == vm.name and one.host]
    except (CannotTell, NoCluster) as error:
        raise CannotForce(str(error)) from error
    if runs:
        raise CannotForce(f"{vm.name} runs on {runs[0]}: stop it first, if its data are not the ones you want")
    if found.truth is None:
        return f"Nobody knows whether another copy than {host}'s has more; what it has more is lost."
    if found.truth.current == (host,):
        raise CannotForce(f"{host}'s copy is the good one: nothing is to be forced")
    others = " and ".join(name for name in found.truth.current if name != host)
    if host in found.truth.current:
        return f"{host}'s copy has all that was acknowledged; {others}'s is copied to again."
    return f"What was written since {found.truth.since} is only on {others}, and is lost."


def force(topology: Topology, hosts: Hosts, vm: VirtualMachine, host: str) -> Truth:
    """Has the cluster note it, and the engine try again. Raises CannotForce."""
    cost_of(topology, hosts, vm, host)
    try:
        found = find_mirror(topology, hosts, vm)
        asked = host_with_majority(topology, hosts)
        records = tuple(copy.record for copy in found.copies if copy.record)
        truth = forced(host, found.truth, records, utc_now())
        name = property_of(vm.name)
        words = ["crm_attribute", "--type", "crm_config", "--name", name, "--update", truth.written()]
        for argv in (words, ["crm_resource", "--cleanup", "--resource", vm.name]):
            answer = hosts.run(asked, argv, timeout_s=60)
            if not answer.is_well:
                raise CannotForce(f"{asked}: {argv[0]} failed: {answer.complaint}")
    except (CannotTell, HostUnreachable) as error:
        raise CannotForce(str(error)) from error
    return truth
