"""Restarts one VM after the other on the image that the topology names, and stops at the first that is not ready.

Invariants: never is more than one VM stopped for it; which VMs are done is asked of the hypervisors, so that it may
be killed anywhere and called again. A VM that fails over meanwhile starts on the image whose description its host
has: the new one from the moment its own turn came, the old one until then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from everprint.cluster.compilation.domain import domain_xml
from everprint.cluster.compilation.names import domain_file, meta_of, resource_of
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live.at_host import must, put_files
from everprint.cluster.live.status import ClusterStatus, NoCluster, ResourceStatus, ask_status
from everprint.cluster.ocf.installation import LIBRARY_FOLDER
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from everprint.cluster.topology.model import Role, Topology, VirtualMachine
from everprint.cluster.upgrade.errors import CannotUpgrade

_ORDER = (Role.DATABASE, Role.APPLICATION_SERVER, Role.PRINT_SERVER)
_STOP_WITHIN_S = 180.0
# A mark that a VM was stopped by an upgrade, and by nobody else: it is the upgrade's to start it again.
_MARK = "everprint-upgrades"
_ASK = """import sys
sys.path.insert(0, sys.argv[1])
from everprint.cluster.ocf.health import Unhealthy, ask
try:
    ask(sys.argv[2], 10.0)
except Unhealthy as error:
    sys.exit(str(error))
"""


def in_turn(topology: Topology) -> list[VirtualMachine]:
    """Databases, their standbys first; then who serves, then who prints: newer servers know older clients."""
    return sorted(topology.vms, key=lambda vm: (_ORDER.index(vm.role), not vm.standby_of))


def roll(
    topology: Topology,
    hosts: Hosts,
    tell: Callable[[str], None],
    *,
    ready_within_s: float,
    pause_s: float = 1.0,
) -> int:
    """Brings every VM that is not there yet to the topology's image; says how many were restarted.

    Raises CannotUpgrade with how far it came, HostUnreachable, HostRefuses or NoCluster; called again it goes on.
    """
    for vm in fault_tolerant(topology):
        raise CannotUpgrade(
            f"{vm.name} is fault-tolerant, and is not brought to another image in this release: write app-ha for it, "
            "apply (which says so if its first disk is not the current one), upgrade, and write fault-tolerant "
            "again. Nothing was done"
        )
    _all_take_part(topology, hosts)
    restarted = 0
    for number, vm in enumerate(in_turn(topology)):
        status = ask_status(topology, hosts)
        place, asked = _place_in(status, vm), status.asked
        marked = _is_marked(hosts, asked, vm)
        if place.host and _runs_on(topology, hosts, vm, place.host):
            tell(f"{vm.name} is on it already")
        else:
            _describe(topology, hosts, vm)
            if not place.host and not marked:
                tell(f"{vm.name} does not run: it will be on it at its next start")
                continue
            tell(f"{vm.name} restarts")
            if place.host:
                with _stopped(hosts, asked, vm, topology.boot.system):
                    _wait_stopped(topology, hosts, vm, pause_s)
            restarted += 1
        if marked:
            _let_run(hosts, asked, vm)
        _wait_ready(topology, hosts, vm, ready_within_s, pause_s, in_turn(topology)[number + 1 :])
        tell(f"{vm.name} is ready")
    return restarted


def _all_take_part(topology: Topology, hosts: Hosts) -> None:
    away = [host.name for host in ask_status(topology, hosts).hosts if host.state not in ("online", "drained")]
    if away:
        raise CannotUpgrade(
            f"{', '.join(away)} does not take part in the cluster: bring it back first, or what fails over to it "
            "later would start on the image of before. Nothing was done"
        )


def _describe(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> None:
    """Every host gets the VM's description with the new image; it counts at the VM's next start."""
    text = domain_xml(topology, vm).encode()
    for host in topology.hosts:
        put_files(hosts, host.name, [(domain_file(vm), text, 0o644)])


@contextmanager
def _stopped(hosts: Hosts, asked: str, vm: VirtualMachine, mark: str) -> Iterator[None]:
    """The engine stops it in order, and starts it again whatever happens within."""
    for name, value in ((_MARK, mark), ("target-role", "Stopped")):
        must(hosts, asked, [*_meta(vm), "--set-parameter", name, "--parameter-value", value])
    try:
        yield
    finally:
        _let_run(hosts, asked, vm)


def _let_run(hosts: Hosts, asked: str, vm: VirtualMachine) -> None:
    for name in ("target-role", _MARK):
        # What is not there any more is well.
        hosts.run(asked, [*_meta(vm), "--delete-parameter", name])


def _is_marked(hosts: Hosts, asked: str, vm: VirtualMachine) -> bool:
    return bool(hosts.run(asked, [*_meta(vm), "--get-parameter", _MARK]).output.strip())


def _meta(vm: VirtualMachine) -> list[str]:
    # Into the set that we wrote, or the engine's tool would leave one of its own behind.
    return ["crm_resource", "--quiet", "--resource", resource_of(vm), "--meta", "--set-name", meta_of(vm)]


def _place_in(status: ClusterStatus, vm: VirtualMachine) -> ResourceStatus:
    nowhere = ResourceStatus(vm.name, "VirtualMachine", "", "unknown", 0, "")
    return next((one for one in status.resources if one.name == resource_of(vm)), nowhere)


def _runs_on(topology: Topology, hosts: Hosts, vm: VirtualMachine, host: str) -> bool:
    """Does it run on the topology's image? Asked of libvirt: the description on the disk may be another."""
    answer = hosts.run(host, ["virsh", "--quiet", "dumpxml", vm.name])
    if not answer.is_well:
        return False
    try:
        root = ET.fromstring(answer.output)  # noqa: S314 (of the host's own libvirt, read within a bound)
    except ET.ParseError:
        return False
    disks = {source.get("file") for source in root.iterfind("devices/disk/source")}
    return root.findtext("os/kernel") == topology.boot.kernel and topology.boot.system in disks


def _wait_stopped(topology: Topology, hosts: Hosts, vm: VirtualMachine, pause_s: float) -> None:
    deadline = time.monotonic() + _STOP_WITHIN_S
    while _place_in(ask_status(topology, hosts), vm).host:
        if time.monotonic() > deadline:
            raise CannotUpgrade(f"{vm.name} did not stop within {_STOP_WITHIN_S:g} s. It runs on; call this again")
        time.sleep(pause_s)


def _wait_ready(
    topology: Topology,
    hosts: Hosts,
    vm: VirtualMachine,
    within_s: float,
    pause_s: float,
    left: list[VirtualMachine],
) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            trouble = _unready(topology, hosts, vm)
        except (HostUnreachable, NoCluster) as error:
            trouble = str(error)
        if not trouble:
            return
        if time.monotonic() > deadline:
            rest = f"; {', '.join(one.name for one in left)} were left as they are" if left else ""
            raise CannotUpgrade(
                f"{vm.name} is not ready {within_s:g} s after its restart: {trouble}{rest}. See its console, then "
                "call this again to go on, or with --back to go back"
            )
        time.sleep(pause_s)


def _unready(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> str:
    """Why it is not ready; empty if it is."""
    place = _place_in(ask_status(topology, hosts), vm)
    if place.state != "started":
        return f"it is {place.state}"
    if not _runs_on(topology, hosts, vm, place.host):
        return f"it runs on another image on {place.host}"
    if not vm.health:
        return ""
    url = vm.health.replace("/health/live", "/health/ready")
    # By the library that every host has for its agents: neither curl nor Everprint need be there.
    answer = hosts.run(place.host, ["python3", "-IB", "-c", _ASK, LIBRARY_FOLDER, url])
    return "" if answer.is_well else answer.complaint
