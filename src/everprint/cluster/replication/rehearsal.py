"""Rehearses a failover: boots the newest point of each VM where nothing hears it, and touches nothing that lives."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.program_at_host import BOOT, run_at_host
from everprint.cluster.backup.trial import audit_of, readiness_url, trial_command
from everprint.cluster.backup.verifying import audit_said
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.other_site import ReplicaPoint, Shelf, look
from everprint.cluster.replication.replica import domain_of, must
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.cluster.topology.replication import ReplicationSettings, VmReplication

_CHECK_S = 3600.0
_AROUND_S = 60.0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How it went with one VM."""

    vm: str
    host: str
    point: str
    ready_s: float | None
    audit: str
    trouble: str
    """Empty: it would have taken over."""
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return asdict(self)


def rehearse(
    topology: Topology,
    settings: ReplicationSettings,
    hosts: Hosts,
    vm: VirtualMachine,
    how: VmReplication,
    *,
    within_s: float,
) -> Rehearsed:
    """Boots its newest point aside, waits until it is ready, and audits an Application Server's ledger in it."""
    began = time.monotonic()
    point, ready_s, audit, trouble = "", None, "", ""
    try:
        shelf = look(hosts, how.host, settings.folder, vm.name)
        newest = shelf.newest
        if newest is None:
            raise ReplicationError(f"{how.host} has no whole point of {vm.name}")
        point = newest.name
        folder = must(hosts, how.host, "mktemp", "-d", f"{settings.folder}/rehearsal-XXXXXXXX").strip()
        try:
            _prepare(hosts, shelf, newest, folder)
            said = _boot(topology, hosts, shelf, newest, folder, vm, within_s)
        finally:
            hosts.run(how.host, ["rm", "-rf", "--", folder])
        if said["ready_s"] is None:
            trouble = f"it was not ready after {within_s:.0f} s: {said['said']}"
        else:
            ready_s = float(str(said["ready_s"]))
            if "audit" in said:
                is_right = said["audit_code"] == 0
                audit = "the ledger is right" if is_right else "not proven"
                trouble = "" if is_right else f"the ledger's audit: {audit_said(said)}"
    except (BackupError, HostUnreachable) as error:
        trouble = str(error)
    return Rehearsed(vm.name, how.host, point, ready_s, audit, trouble, round(time.monotonic() - began, 1))


def _prepare(hosts: Hosts, shelf: Shelf, point: ReplicaPoint, folder: str) -> None:
    """Every digest of every point that it needs, then disks that take what the trial writes."""
    for one in shelf.points[: shelf.points.index(point) + 1]:
        for _, path, digest in one.disks:
            found = (
                must(hosts, shelf.host, "sha256sum", "--", path, within_s=_CHECK_S).split(" ", 1)[0] if digest else ""
            )
            if found != digest:
                raise ReplicationError(f"{one.name}: {path} is damaged: its digest differs. Send a whole point anew")
    for _, path, _ in point.disks:
        checked = hosts.run(shelf.host, ["qemu-img", "check", "-q", "-f", "qcow2", path], timeout_s=_CHECK_S)
        if checked.code not in (0, 3):  # 3: room that is not used, which harms nothing
            raise ReplicationError(f"{point.name}: {path}: qemu-img check: {checked.complaint}")
        new = f"{folder}/{path.rpartition('/')[2]}"
        must(hosts, shelf.host, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", path, new)
    if point.seed:
        must(hosts, shelf.host, "cp", "--", f"{point.folder}/seed.img", f"{folder}/seed.img")


def _boot(
    topology: Topology,
    hosts: Hosts,
    shelf: Shelf,
    point: ReplicaPoint,
    folder: str,
    vm: VirtualMachine,
    within_s: float,
) -> dict[str, object]:
    order: dict[str, object] = {
        "argv": trial_command(topology, vm, domain_of(hosts, shelf, point, folder)),
        "url": readiness_url(vm),
        "audit": audit_of(vm),
        "within_s": within_s,
    }
    return run_at_host(hosts, shelf.host, BOOT, order, within_s * 2 + _AROUND_S)
