"""Starts the replicas at the other site, each after what it needs, and tells what that cost.

Called again it goes on: what runs there already runs on. Nothing comes in from the old site any more for a VM that
was started here, so that an old site which comes back takes nothing away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.program_at_host import BOOT, run_at_host
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.hosts.program import ProgramHangs, ProgramMissing, run_program
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.in_guest import agent_answers
from everprint.cluster.replication.other_site import SHELF, ReplicaPoint, Shelf, look, shelf_of
from everprint.cluster.replication.replica import domain_of, in_order, must
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.cluster.topology.replication import ReplicationSettings, VmReplication

_POLL_S = 0.5
_HOOK_S = 300.0
_AROUND_S = 30.0


@dataclass(frozen=True, slots=True)
class Started:
    """One VM at the other site."""

    vm: str
    host: str
    point: str
    """The point that it went on from."""
    taken: str
    """The moment of that: RFC 3339."""
    rpo_s: float | None
    """How old that was when it was started: at most so much of what it did is lost."""
    consistency: str
    ready_s: float | None
    """Seconds from its start until it was ready; None: it never was."""
    moved: bool | None
    """People were led to it; None: no program is named for that."""
    trouble: str

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return asdict(self)


def fail_over(
    topology: Topology,
    settings: ReplicationSettings,
    hosts: Hosts,
    *,
    ready_within_s: float,
    tell: Callable[[Started], None],
) -> list[Started]:
    """Starts each replica. One that cannot be started is said, and the others are."""
    found = []
    for vm in in_order(topology):
        how = settings.of(vm.name)
        if how is None:
            continue
        try:
            started = _start(topology, settings, hosts, vm, how, ready_within_s)
        except (BackupError, HostUnreachable) as error:
            started = Started(vm.name, how.host, "", "", None, "", None, None, str(error))
        found.append(started)
        tell(started)
    return found


def _start(
    topology: Topology,
    settings: ReplicationSettings,
    hosts: Hosts,
    vm: VirtualMachine,
    how: VmReplication,
    ready_within_s: float,
) -> Started:
    shelf = look(hosts, how.host, settings.folder, vm.name)
    point = _served(shelf) or shelf.newest
    if point is None:
        raise ReplicationError(f"{how.host} has no whole point of {vm.name}: it cannot be started there")
    moment = datetime.now(UTC)
    if not shelf.serving:
        order: dict[str, object] = {
            "do": "serve",
            "folder": settings.folder,
            "vm": vm.name,
            "point": point.name,
            "since": f"since {moment.isoformat(timespec='seconds')}, from {point.name}",
        }
        shelf = shelf_of(how.host, run_at_host(hosts, how.host, SHELF, order, _AROUND_S), time.time())
    if not is_running(hosts, how.host, vm):
        folder = live_folder(settings, vm)
        xml = domain_of(hosts, shelf, point, folder)
        must(hosts, how.host, "dd", f"of={folder}/domain.xml", "status=none", stdin=xml.encode())
        must(hosts, how.host, "virsh", "--quiet", "define", f"{folder}/domain.xml")
        must(hosts, how.host, "virsh", "--quiet", "start", vm.name)
    ready_s, trouble = wait_ready(hosts, how.host, vm, ready_within_s)
    moved: bool | None = None
    if settings.move_addresses:
        said = move(topology, settings.move_addresses, "failover", settings.site, vm, how.host)
        moved, trouble = not said, "; ".join(word for word in (trouble, said) if word)
    return Started(
        vm=vm.name,
        host=how.host,
        point=point.name,
        taken=point.taken.isoformat(),
        rpo_s=round(max((moment - point.taken).total_seconds(), 0.0), 1),
        consistency=point.consistency.value,
        ready_s=ready_s,
        moved=moved,
        trouble=trouble,
    )


def _served(shelf: Shelf) -> ReplicaPoint | None:
    """The point that it was started from before."""
    return next((point for point in shelf.points if shelf.serving.endswith(point.name)), None)


def live_folder(settings: ReplicationSettings, vm: VirtualMachine) -> str:
    """Where the disks are that it goes on with."""
    return f"{settings.folder}/vms/{vm.name}/live"


def is_running(hosts: Hosts, host: str, vm: VirtualMachine) -> bool:
    """Does it run there? Raises HostUnreachable."""
    return hosts.run(host, ["virsh", "--quiet", "domstate", vm.name]).output.strip() == "running"


def wait_ready(hosts: Hosts, host: str, vm: VirtualMachine, within_s: float) -> tuple[float | None, str]:
    """Seconds until it was ready, and else what it said last: its service, or the agent of one that is not asked."""
    if vm.health:
        parts = urlsplit(vm.health)
        url = urlunsplit((parts.scheme, parts.netloc, "/health/ready", "", ""))
        order: dict[str, object] = {"url": url, "within_s": within_s}
        said = run_at_host(hosts, host, BOOT, order, within_s + _AROUND_S, call="ready")
        if said["ready_s"] is None:
            return None, f"it is not ready: {said['said']}"
        return float(str(said["ready_s"])), ""
    began = time.monotonic()
    while not agent_answers(hosts, host, vm.name):
        if time.monotonic() - began > within_s:
            return None, "its agent does not answer"
        time.sleep(_POLL_S)
    return round(time.monotonic() - began, 1), ""


def move(topology: Topology, program: str, action: str, site: str, vm: VirtualMachine, host: str) -> str:
    """Calls the program that leads people to a VM: nothing if it did, else why not.

    Its arguments: *failover* or *failback*, the site, the VM, its address, the host.
    """
    argv = [program, action, site, vm.name, str(vm.address), host]
    try:
        answer = run_program(
            ["env", f"EVERPRINT_CLUSTER={topology.name}", f"EVERPRINT_TOPOLOGY={topology.file}", *argv],
            timeout_s=_HOOK_S,
        )
    except (ProgramMissing, ProgramHangs) as error:
        return f"{program}: {error}"
    return "" if answer.is_well else f"people are not led to it: {program} {action}: {answer.complaint}"
