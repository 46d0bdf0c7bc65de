"""How mirrors stand: what the cluster says of each, what lies beside each copy, what the keeper tells. Asks only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.compilation.names import disk_of
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.ocf.mirror.places import property_of, record_of, status_of
from everprint.cluster.ocf.mirror.truth import Damaged, Record, Truth, read_record, read_truth
from everprint.cluster.topology.mirror import mirrored_vms
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.monitor.health import Level

STATE_FOLDER = Path("/run/resource-agents")
"""Where the engine lets agents keep what ends with the host's power."""

_NO_SUCH_PROPERTY = 105


class CannotTell(Exception):
    """No host tells what the cluster says. Says why."""


@dataclass(frozen=True, slots=True)
class CopyFound:
    """One of the two copies."""

    host: str
    trouble: str
    """Why nothing is known of it; empty: it was asked."""
    record: Record | None
    keeper: dict[str, object]
    """What the keeper on that host tells: it runs where the VM runs."""


@dataclass(frozen=True, slots=True)
class MirrorFound:
    """A VM's mirror."""

    vm: str
    truth: Truth | None
    copies: tuple[CopyFound, ...]

    @property
    def state(self) -> str:
        """*in sync*, *copying*, *alone*, *waiting* (for the loss to be noted), *never ran* or *unknown*."""
        phase = next((copy.keeper.get("phase") for copy in self.copies if copy.keeper), "")
        if self.truth is None:
            return "unknown" if any(copy.record for copy in self.copies) else "never ran"
        if phase == "declaring":
            return "waiting"
        if len(self.truth.current) == len(self.copies):
            return "in sync"
        return "copying" if phase == "copying" else "alone"

    @property
    def level(self) -> Level:
        """WARN: a host that is lost now takes what was written with it, or keeps the VM from starting."""
        match self.state:
            case "in sync":
                return Level.OK
            case "waiting" | "unknown":
                return Level.FAIL
            case _:
                return Level.WARN

    @property
    def said(self) -> str:
        """In a sentence."""
        current = " and ".join(self.truth.current) if self.truth else "no host"
        told = [str(copy.keeper.get("cause") or "") for copy in self.copies]
        share = [_share(copy.keeper) for copy in self.copies if copy.keeper.get("phase") == "copying"]
        parts = [f"good: {current}" + (f" since {self.truth.since}" if self.truth else ""), *share, *told]
        parts += [f"{copy.host}: {copy.trouble}" for copy in self.copies if copy.trouble]
        return "; ".join(part for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "vm": self.vm,
            "state": self.state,
            "status": self.level.value,
            "generation": self.truth.generation if self.truth else 0,
            "current": list(self.truth.current) if self.truth else [],
            "since": self.truth.since if self.truth else "",
            "detail": self.said,
        }


def list_mirrors(topology: Topology, hosts: Hosts) -> list[MirrorFound]:
    """All of the topology. Raises CannotTell."""
    return [find_mirror(topology, hosts, vm) for vm in mirrored_vms(topology)]


def find_mirror(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> MirrorFound:
    """One VM's. Raises CannotTell."""
    storage = topology.storage_of(vm)
    truth = cluster_word(topology, hosts, vm)
    return MirrorFound(vm.name, truth, tuple(_copy(hosts, host, vm, disk_of(vm, storage)) for host in storage.hosts))


def cluster_word(topology: Topology, hosts: Hosts, vm: VirtualMachine) -> Truth | None:
    """What the cluster says, asked of the first host that has a majority. Raises CannotTell."""
    host = host_with_majority(topology, hosts)
    query = ["crm_attribute", "--type", "crm_config", "--name", property_of(vm.name), "--query", "--quiet"]
    try:
        answer = hosts.run(host, query)
        if answer.code == _NO_SUCH_PROPERTY:
            return None
        if not answer.is_well:
            raise CannotTell(f"{host}: {answer.complaint}")
        return read_truth(answer.output)
    except (HostUnreachable, Damaged) as error:
        raise CannotTell(str(error)) from error


def host_with_majority(topology: Topology, hosts: Hosts) -> str:
    """A host whose part of the cluster decides. Raises CannotTell."""
    said = []
    for host in topology.hosts:
        try:
            answer = hosts.run(host.name, ["crm_node", "--quorum"])
        except HostUnreachable as error:
            said.append(str(error))
            continue
        if answer.is_well and answer.output.strip() == "1":
            return host.name
        said.append(f"{host.name}: {answer.complaint if not answer.is_well else 'has no majority'}")
    raise CannotTell("no host tells what the cluster says: " + "; ".join(said))


def _copy(hosts: Hosts, host: str, vm: VirtualMachine, disk: str) -> CopyFound:
    record: Record | None = None
    try:
        answer = hosts.run(host, ["cat", "--", str(record_of(disk))])
        if answer.is_well:
            record = read_record(answer.output)
        told = hosts.run(host, ["cat", "--", str(status_of(STATE_FOLDER, vm.name))])
    except (HostUnreachable, Damaged) as error:
        return CopyFound(host, str(error), None, {})
    return CopyFound(host, "", record, _keeper(told.output) if told.is_well else {})


def _keeper(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _share(keeper: dict[str, object]) -> str:
    done, of = keeper.get("done_octets"), keeper.get("all_octets")
    if not (isinstance(done, int) and isinstance(of, int) and of > 0):
        return "copied so far: nothing"
    return f"copied so far: {100 * done // of} %"
