"""The lab as its user has it: up, down, and everything that can happen to a host."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from everprint.cluster.hosts.port import USUAL_PATIENCE_S, Answer, HostUnreachable
from everprint.cluster.hosts.program import ProgramHangs, run_program
from everprint.cluster.lab.anchor import NAMESPACES, find_anchor, start_anchor, stop_anchor
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.folders import make_folder
from everprint.cluster.lab.guests import prepare_disks
from everprint.cluster.lab.host_files import files_of
from everprint.cluster.lab.host_power import first_process
from everprint.cluster.lab.plan import LabHost, LabPlan, for_the_lab, plan_lab, read_plan, write_plan
from everprint.cluster.lab.services import check_services, set_up_services
from everprint.cluster.live.apply import apply
from everprint.cluster.live.changes import Change, Kind
from everprint.cluster.live.merge import Unreadable
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.live.status import ClusterStatus, NoCluster, ask_status
from everprint.cluster.topology.model import Protection, Topology, VirtualMachine
from everprint.cluster.topology.reader import parse_topology

# Program to Debian package: in the hosts' root file system, and on this machine.
_IN_HOSTS = {
    "usr/sbin/corosync": "corosync",
    "usr/sbin/pacemakerd": "pacemaker",
    "usr/sbin/crm_mon": "pacemaker-cli-utils",
    "usr/sbin/fence_ipmilan": "fence-agents",
    "usr/bin/ipmitool": "ipmitool",
    "usr/lib/ocf/resource.d/heartbeat/IPaddr2": "resource-agents",
}
_FOR_VMS = {
    "usr/sbin/libvirtd": "libvirt-daemon",
    "usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so": "libvirt-daemon-driver-qemu",
    "usr/bin/virsh": "libvirt-clients",
    "usr/bin/qemu-system-x86_64": "qemu-system-x86",
}
_HERE = {"ipmi_sim": "openipmi", "unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2"}
_HERE_FOR_VMS = {"qemu-img": "qemu-utils"}
_HERE_FOR_IMAGE = {"mformat": "mtools"}
_WITHIN_S = 180.0
_PAUSE_S = 0.3
_SERVICE_PAUSE_S = 4.0  # each look is a program, and guests need the processors
_ENVIRONMENT = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8")
_TOPOLOGY = "topology.toml"


@dataclass(frozen=True, slots=True)
class HostState:
    """What is so of a host, as the lab's own side has it."""

    name: str
    on: bool
    plugged: bool
    bmcs: int
    """How many of its BMCs answer."""


class Laboratory:
    """The lab in a folder, running or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def up(
        self,
        topology_text: str,
        say: Callable[[str], None],
        *,
        root: Path = Path("/"),
        image: Path | None = None,
        further: Mapping[str, tuple[bytes, int]] | None = None,
    ) -> None:
        """Starts the topology's hosts and BMCs, applies the topology to them, and waits until all is started.

        VMs start from the image in that folder, or have empty disks. Each host has the `further` files as it is
        switched on, path to content and mode. What of the topology the lab cannot do is said. If it fails, nothing is
        left. Raises LabError, and BadTopology for a text that is none.
        """
        if os.geteuid() != 0:
            raise LabError("the lab makes namespaces and needs root: run it with sudo")
        if find_anchor(self.folder) is not None:
            raise LabError(f"a lab runs in {self.folder}: end it with `everprint cluster lab down`")
        topology, left_out = for_the_lab(parse_topology(topology_text, _TOPOLOGY), image)
        check_services(topology, root)
        _need_programs(root, with_vms=bool(topology.vms), with_image=image is not None)
        for sentence in left_out:
            say(sentence)
        plan = plan_lab(topology, root, image)
        self._forget()
        # Before anything is started: `down` finds by it what a lab that was killed has left.
        write_plan(self.folder, plan)
        (self.folder / _TOPOLOGY).write_text(topology_text, "utf-8")
        try:
            self._start_hosts(plan, topology, further or {}, say)
            self._apply(topology, say)
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Ends everything of the lab and removes its folder; nothing happens if there is none. Raises LabError."""
        stop_anchor(self.folder)
        self._forget()

    def plan(self) -> LabPlan:
        """Raises LabError if there is no lab."""
        return read_plan(self.folder)

    def topology(self) -> Topology:
        """What of the topology the lab does. Raises LabError if there is no lab."""
        image = self.plan().image
        read = parse_topology((self.folder / _TOPOLOGY).read_text("utf-8"), _TOPOLOGY)
        return for_the_lab(read, Path(image) if image else None)[0]

    def do(self, verb: str, host: str, *words: str) -> None:
        """One of: on, off, plug, unplug, freeze, thaw, bmc-on, bmc-off, bmc-refuse, bmc-obey. Raises LabError.

        *plug* and *unplug* may have numbers of links as words; without, all cables are meant.
        """
        self._inside(verb, self.plan().host(host).name, *words)

    def states(self) -> list[HostState]:
        """Raises LabError if the lab does not run."""
        found = json.loads(self._inside("state"))
        return [HostState(name, state["on"], state["plugged"], state["bmcs"]) for name, state in found.items()]

    def status(self) -> ClusterStatus:
        """What the engine says of itself. Raises NoCluster."""
        return ask_status(self.topology(), self)

    def lives(self, vm: VirtualMachine) -> bool:
        """Does the service in a VM answer that it lives? Asked from where people are. Raises LabError."""
        try:
            return self._asked_inside("lives", vm.health) == "yes"
        except ProgramHangs:
            return False  # where guests boot and no processor is to spare, who asks does not get round to it either

    def entering(self, host: str, argv: Sequence[str]) -> list[str]:
        """The command that runs another at a host, as root. Raises LabError if the host is off."""
        found = self.plan().host(host)
        anchor = self._anchor()
        first = self._first_process(anchor, found)
        if not first:
            raise LabError(f"{found.name} is off")
        return [*_into(anchor), "nsenter", "--target", str(first), *NAMESPACES, "--", *_ENVIRONMENT, *argv]

    def run(
        self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = USUAL_PATIENCE_S
    ) -> Answer:
        """Runs a command at a host: the port by which all that is done to hosts goes. Raises HostUnreachable."""
        try:
            return run_program(self.entering(host, argv), stdin=stdin, timeout_s=timeout_s)
        except (LabError, ProgramHangs) as error:
            raise HostUnreachable(host, str(error)) from error

    def beside(self, argv: Sequence[str]) -> list[str]:
        """The command that runs another on the lab's own side of the network: where people and printers would be."""
        return [*_into(self._anchor()), *argv]

    def _start_hosts(
        self,
        plan: LabPlan,
        topology: Topology,
        further: Mapping[str, tuple[bytes, int]],
        say: Callable[[str], None],
    ) -> None:
        for host in plan.hosts:
            for path, (content, mode) in {**files_of(host, plan, topology), **further}.items():
                _write(self.folder / "hosts" / host.name / "upper" / path.lstrip("/"), content, mode)
        storage, codes = self.folder / "storage", {}
        if topology.services:
            say("What the services begin with")
            codes = set_up_services(topology, storage, plan.password)
        if topology.vms:
            say("Disks and seeds of the VMs")
            prepare_disks(topology, Path(plan.image) if plan.image else None, storage, plan.password, codes)
        say("Namespaces, cables and BMCs")
        start_anchor(self.folder)
        self._inside("prepare")
        for host in plan.hosts:
            say(f"Host {host.name}")
            self._inside("on", host.name)
        for host in plan.hosts:
            self._wait(f"{host.name} to boot", partial(self._has_booted, host.name))

    def _apply(self, topology: Topology, say: Callable[[str], None]) -> None:
        def tell(change: Change) -> None:
            if change.kind is not Kind.WRITE:
                say(f"Apply: {change.title}")

        try:
            apply(topology, self, tell, form_within_s=_WITHIN_S, pause_s=_PAUSE_S)
        except (HostUnreachable, HostRefuses, NoCluster, Unreadable) as error:
            raise LabError(str(error)) from error
        # The machine's load is not that of a host here, and it would let the engine do one thing at a time.
        unlimited = ["crm_attribute", "--type", "crm_config", "--name", "load-threshold", "--update", "100000%"]
        self._must(topology.hosts[0].name, unlimited)
        say("Fence devices, and all that the engine starts")
        within_s = _WITHIN_S + len(topology.vms) * topology.timing.start_timeout_ms / 1000
        try:
            self._wait("the engine to start what is configured", lambda: self._has_started_all(topology), within_s)
        except LabError as error:
            raise LabError(f"{error}{self._not_started(topology)}") from error
        for vm in topology.vms:
            if vm.protection is Protection.APP_HA:
                say(f"The service of {vm.name}")
                self._wait(f"the service of {vm.name} to answer", partial(self.lives, vm), within_s, _SERVICE_PAUSE_S)

    def _must(self, host: str, argv: Sequence[str]) -> None:
        try:
            answer = self.run(host, argv)
        except HostUnreachable as error:
            raise LabError(str(error)) from error
        if not answer.is_well:
            raise LabError(f"{host}: {argv[0]} failed: {answer.complaint}")

    def _has_booted(self, host: str) -> bool:
        try:
            return self.run(host, ["test", "-e", "/run/units/booted"], timeout_s=_WITHIN_S).is_well
        except HostUnreachable:
            return False

    def _has_started_all(self, topology: Topology) -> bool:
        try:
            status = ask_status(topology, self)
        except NoCluster:
            return False
        started = [one for one in status.resources if one.state == "started"]
        wanted = sum(len(host.fencing) for host in topology.hosts) + len(topology.resources)
        return status.has_quorum and len(started) == len(status.resources) >= wanted

    def _not_started(self, topology: Topology) -> str:
        try:
            status = ask_status(topology, self)
        except NoCluster as error:
            return f": {error}"
        left = [one for one in status.resources if one.state != "started"]
        return "".join(f"\n  {one.name} is {one.state}{one.last_failure and ': ' + one.last_failure}" for one in left)

    def _wait(
        self, what: str, until: Callable[[], bool], within_s: float = _WITHIN_S, pause_s: float = _PAUSE_S
    ) -> None:
        deadline = time.monotonic() + within_s
        while not until():
            for host in self.plan().hosts:
                if not self._first_process(self._anchor(), host):
                    console = (self.folder / "hosts" / host.name / "console").read_text("utf-8", "replace").strip()
                    raise LabError(f"{host.name} went off while waiting for {what}; it said: {console[-500:]}")
            if time.monotonic() > deadline:
                raise LabError(f"waited {within_s:g} s in vain for {what}")
            time.sleep(pause_s)

    def _first_process(self, anchor: int, host: LabHost) -> int:
        """Looked up from here in the anchor's own /proc: no program has to be started for it."""
        return first_process(self.folder, host, Path(f"/proc/{anchor}/root/proc"))

    def _anchor(self) -> int:
        anchor = find_anchor(self.folder)
        if anchor is None:
            raise LabError(f"no lab runs in {self.folder}: start one with `everprint cluster lab up`")
        return anchor

    def _inside(self, verb: str, *words: str) -> str:
        try:
            return self._asked_inside(verb, *words)
        except ProgramHangs as error:
            raise LabError(f"{verb} {' '.join(words)}: {error}") from error

    def _asked_inside(self, verb: str, *words: str) -> str:
        argv = [sys.executable, "-m", "everprint.cluster.lab.inside", str(self.folder), verb, *words]
        answer = run_program(self.beside(argv), timeout_s=60.0)
        if not answer.is_well:
            raise LabError(answer.complaint)
        return answer.output

    def _forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _into(anchor: int) -> list[str]:
    return ["nsenter", "--target", str(anchor), *NAMESPACES, "--"]


def _need_programs(root: Path, *, with_vms: bool, with_image: bool) -> None:
    in_hosts = _IN_HOSTS | _FOR_VMS if with_vms else _IN_HOSTS
    on_machine = _HERE | (_HERE_FOR_VMS if with_vms else {}) | (_HERE_FOR_IMAGE if with_image else {})
    missing = {package for program, package in in_hosts.items() if not (root / program).exists()}
    here = {package for program, package in on_machine.items() if shutil.which(program) is None}
    if missing or here:
        where = "" if root == Path("/") else f" in {root}"
        names = " ".join(sorted(missing | here))
        raise LabError(f"packages are missing{where}: apt-get install --no-install-recommends {names}")


def _write(path: Path, content: bytes, mode: int) -> None:
    make_folder(path.parent)
    path.touch(0o600)
    path.write_bytes(content)
    path.chmod(mode)
