"""Brings VMs back from the other site to their own, without loss: replicated the other way round, then switched.

While everything is sent back the VMs run on at the other site, which may be repeated. For the switch each VM stands
still there while the rest of it is sent; from then on it does nothing that could be lost. Until its own site has it
ready, its disks at the other site stay, and what fails before that lets it go on there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from everprint.cluster.backup.beside import name_beside
from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.program_at_host import run_at_host
from everprint.cluster.backup.whereabouts import domain_state, must_run_nowhere
from everprint.cluster.hosts.carrying import HostsByProgram
from everprint.cluster.hosts.port import Answer, Hosts, HostUnreachable
from everprint.cluster.live.status import NoCluster, ask_status
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.failover import is_running, move, wait_ready
from everprint.cluster.replication.other_site import SHELF, ReplicaPoint, look
from everprint.cluster.replication.replica import for_another_host, in_order, must
from everprint.cluster.replication.sending import Route, Sent, send
from everprint.cluster.replication.ticket import grant_command
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.cluster.topology.replication import ReplicationSettings

_COPY_S = 6 * 3600.0
_LOOK_S = 60.0
_POINTS_ON_THE_WAY = 2


class HalfWay(ReplicationError):
    """The VMs stand at the other site, all that they wrote is at home, and they run nowhere."""


@dataclass(frozen=True, slots=True)
class Away:
    """A VM that runs at the other site, and where it comes back to."""

    vm: VirtualMachine
    host: str
    """Where it runs."""
    home: str
    """The host that its disks are written by."""
    left_from: ReplicaPoint
    """The point that it went on from: it knows where its disks were at home."""
    route: Route


@dataclass(frozen=True, slots=True)
class Returned:
    """A VM that is at home again."""

    vm: str
    host: str
    stood_s: float
    """Seconds from its standstill until it was ready at home."""
    kept: tuple[str, ...]
    """Its disks of before, which are kept beside."""
    trouble: str

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return asdict(self)


def away(topology: Topology, settings: ReplicationSettings, hosts: Hosts) -> list[Away]:
    """The VMs that run at the other site, in the order of their start.

    Raises BackupError if one of them cannot come back: it may run at home, or has no files there.
    """
    found = []
    for vm in in_order(topology):
        how = settings.of(vm.name)
        if how is None:
            continue
        shelf = look(hosts, how.host, settings.folder, vm.name)
        if not shelf.serving:
            continue
        must_run_nowhere(topology, hosts, vm)
        if domain_state(hosts, how.host, vm) == "paused":
            # Whoever switched before was ended outright: it stands there, and runs nowhere else.
            must(hosts, how.host, "virsh", "--quiet", "resume", vm.name)
        left_from = next((point for point in shelf.points if shelf.serving.endswith(point.name)), None)
        if left_from is None or not is_running(hosts, how.host, vm):
            raise ReplicationError(f"{vm.name} does not run at {how.host}: call `failover` there first")
        if topology.storage_of(vm).is_mirrored:
            # Written in the place of one copy, the other one would be as good by the cluster's word, and older.
            raise ReplicationError(
                f"{vm.name} has a mirrored disk at home, of which the cluster knows a good copy already: give it "
                "another storage in the topology, and bring it back there"
            )
        home = _home_of(topology, hosts, vm)
        for source, _, _ in left_from.disks:
            if not source.startswith("/") or not hosts.run(home, ["test", "!", "-b", source]).is_well:
                what = f"{vm.name} has its disk at home in {source}, which is no file"
                raise ReplicationError(f"{what}: bring it back by the storage's own tool")
        route = Route(
            source=how.host,
            target=home,
            folder=f"{settings.folder}-returning",
            scratch=settings.scratch,
            keep=_POINTS_ON_THE_WAY,
            limit_mib_s=settings.limit_mib_s,
            compression=settings.compression,
            freezes=settings.application_consistent,
            within_s=settings.within_ms / 1000,
        )
        found.append(Away(vm, how.host, home, left_from, route))
    return found


def _home_of(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> str:
    names = topology.reachable_from(topology.storage_of(vm))
    for name in sorted(names, key=lambda name: name != vm.prefers):
        try:
            if hosts.run(name, ["true"]).is_well:
                return name
        except HostUnreachable:
            continue
    raise ReplicationError(f"no host that reaches the storage of {vm.name} answers")


def send_back(topology: Topology, hosts: HostsByProgram, one: Away) -> Sent:
    """Sends what was written since the last time, while the VM runs on. Raises BackupError or HostUnreachable."""
    return send(topology, hosts, one.vm, one.route)


def switch(
    topology: Topology,
    settings: ReplicationSettings,
    hosts: HostsByProgram,
    found: Sequence[Away],
    *,
    ready_within_s: float,
    tell: Callable[[Returned], None],
) -> list[Returned]:
    """Brings them home. Raises BackupError or HostUnreachable: then all of them go on at the other site.

    One whose host is not reached then stands until somebody lets it go on (`virsh resume`).
    """
    stood: dict[str, datetime] = {}
    kept: dict[str, tuple[str, ...]] = {}
    try:
        # What needs others stands still before they do.
        for one in reversed(found):
            must(hosts, one.host, "virsh", "--quiet", "suspend", one.vm.name)
            stood[one.vm.name] = datetime.now(UTC)
            still = replace(one, route=replace(one.route, freezes=False))  # a guest that stands answers nobody
            if send_back(topology, hosts, still).resumed:
                send_back(topology, hosts, still)  # that was one of before
            kept[one.vm.name] = _put_home(hosts, one)
    except BaseException:
        # Also after Ctrl-C: nobody else would let them go on.
        for one in found:
            with suppress(HostUnreachable):
                if one.vm.name in stood:
                    hosts.run(one.host, ["virsh", "--quiet", "resume", one.vm.name])
        raise
    try:
        # All of them before any starts: an engine at home starts them all.
        for one in found:
            must(hosts, one.host, "virsh", "--quiet", "destroy", one.vm.name)
    except (BackupError, HostUnreachable) as error:
        names = ", ".join(one.vm.name for one in found)
        granted = f"booth grant {settings.ticket}" if settings.ticket else " ".join(grant_command(topology))
        raise HalfWay(
            f"{error}\nThe disks at home are whole and nothing runs there. Cut the power of {names} at "
            f"{settings.site} (virsh destroy), and let the cluster at home start them ({granted})"
        ) from error
    return [_start(topology, settings, hosts, one, kept, stood, ready_within_s, tell) for one in found]


def _put_home(hosts: Hosts, one: Away) -> tuple[str, ...]:
    """Writes the disks of the newest point in the place of the VM's own, which are kept beside."""
    point = look(hosts, one.home, one.route.folder, one.vm.name).newest
    assert point is not None  # it was sent just now
    places = {path.rpartition("/")[2]: source for source, path, _ in one.left_from.disks}

    def at_home(*argv: str) -> Answer:
        return hosts.run(one.home, argv)

    kept = []
    for _, path, _ in point.disks:
        place = places[path.rpartition("/")[2]]
        new = f"{place}.returned"
        must(hosts, one.home, "qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", path, new, within_s=_COPY_S)
        must(hosts, one.home, "sync", "--", new)
        if hosts.run(one.home, ["test", "-e", place]).is_well:
            must(hosts, one.home, "chown", f"--reference={place}", "--", new)
            must(hosts, one.home, "chmod", f"--reference={place}", "--", new)
            kept.append(name_beside(at_home, place, "failback"))
            must(hosts, one.home, "mv", "-T", "--", place, kept[-1])
        must(hosts, one.home, "mv", "-T", "--", new, place)
    return tuple(kept)


def _start(
    topology: Topology,
    settings: ReplicationSettings,
    hosts: Hosts,
    one: Away,
    kept: dict[str, tuple[str, ...]],
    stood: dict[str, datetime],
    ready_within_s: float,
    tell: Callable[[Returned], None],
) -> Returned:
    trouble = ""
    try:
        _start_at_home(topology, settings, hosts, one)
        ready_s, trouble = wait_ready(hosts, one.home, one.vm, ready_within_s)
        if ready_s is not None:
            if settings.move_addresses:
                site = topology.host(one.home).site
                trouble = move(topology, settings.move_addresses, "failback", site, one.vm, one.home)
            _give_up_elsewhere(settings, hosts, one)
    except (BackupError, HostUnreachable) as error:
        trouble = str(error)
    seconds = round((datetime.now(UTC) - stood[one.vm.name]).total_seconds(), 1)
    returned = Returned(one.vm.name, one.home, seconds, kept[one.vm.name], trouble)
    tell(returned)
    return returned


def _start_at_home(topology: Topology, settings: ReplicationSettings, hosts: Hosts, one: Away) -> None:
    try:
        asked = ask_status(topology, hosts).asked
    except NoCluster:
        # Without an engine, as it is started by one: only there while it runs.
        xml = for_another_host(must(hosts, one.host, "cat", "--", f"{one.left_from.folder}/domain.xml"))
        file = f"{one.route.folder}/vms/{one.vm.name}/domain.xml"
        must(hosts, one.home, "dd", f"of={file}", "status=none", stdin=xml.encode())
        must(hosts, one.home, "virsh", "--quiet", "create", file)
        return
    must(hosts, asked, "crm_attribute", "--name", "stop-all-resources", "--delete")
    must(hosts, asked, "crm_resource", "--resource", one.vm.name, "--meta", "--delete-parameter", "target-role")
    if not settings.ticket:  # booth's word is not ours to give
        must(hosts, asked, *grant_command(topology))


def _give_up_elsewhere(settings: ReplicationSettings, hosts: Hosts, one: Away) -> None:
    """Home has it: the other site gets points again, and home needs those no more that it was sent."""
    hosts.run(one.host, ["virsh", "--quiet", "undefine", one.vm.name, "--checkpoints-metadata"])
    order: dict[str, object] = {"do": "retire", "folder": settings.folder, "vm": one.vm.name}
    run_at_host(hosts, one.host, SHELF, order, _LOOK_S)
    must(hosts, one.home, "rm", "-rf", "--", f"{one.route.folder}/vms/{one.vm.name}")
