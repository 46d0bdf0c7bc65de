"""Where a VM runs, and whether it is certain that it runs nowhere."""

from __future__ import annotations

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.status import ClusterStatus, NoCluster, ask_status
from everprint.cluster.topology.model import Topology, VirtualMachine

_ALIVE = ("running", "idle", "in shutdown", "paused", "pmsuspended")


def host_of(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> str:
    """The host that runs it: as the engine says, or, without one, as libvirt does. Raises BackupError."""
    status = _status(topology, hosts)
    if status is not None:
        for one in status.resources:
            if one.name == vm.name and one.host:
                return one.host
    for host in topology.hosts:
        try:
            if domain_state(hosts, host.name, vm) == "running":
                return host.name
        except HostUnreachable:
            continue
    raise BackupError(f"{vm.name} runs on no host that answers: backups are taken of VMs that run")


def must_run_nowhere(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> None:
    """Makes sure that nobody has its disk open. Raises BackupError if it runs, or if that cannot be known."""
    status = _status(topology, hosts)
    lost = {host.name for host in status.hosts if host.state == "offline"} if status and status.has_quorum else set()
    for host in topology.hosts:
        try:
            state = domain_state(hosts, host.name, vm)
        except HostUnreachable as error:
            if host.name in lost:
                continue  # fenced, or shut down in order: the others are sure of it
            raise BackupError(f"it is not known whether {vm.name} runs on {host.name}: {error.reason}") from error
        if state in _ALIVE:
            raise BackupError(
                f"{vm.name} runs on {host.name}. Its disk is not replaced under it: stop it first "
                f"(crm_resource --resource {vm.name} --meta --set-parameter target-role --parameter-value Stopped), "
                "or restore into another folder with --into"
            )


def is_alive(hosts: Hosts, host: str, vm: VirtualMachine) -> bool:
    """Does it run there, or stand still there with its disk open? Raises HostUnreachable."""
    return domain_state(hosts, host, vm) in _ALIVE


def domain_state(hosts: Hosts, host: str, vm: VirtualMachine) -> str:
    """What libvirt says of it there; empty: there is none. Raises HostUnreachable."""
    answer = hosts.run(host, ["virsh", "--quiet", "domstate", vm.name])
    if answer.is_well:
        return answer.output.strip()
    if "failed to get domain" in answer.errors or "no domain with matching name" in answer.errors:
        return ""
    raise HostUnreachable(host, f"libvirt does not tell: {answer.complaint}")


def _status(topology: Topology, hosts: Hosts) -> ClusterStatus | None:
    try:
        return ask_status(topology, hosts)
    except NoCluster:
        return None
