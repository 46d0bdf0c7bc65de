"""How the VMs on a platform are: their state from libvirt, their health from their services, asked from here."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from everprint.cluster.hypervisor.connection import Connection, DomainState
from everprint.cluster.live.status import ClusterStatus, ResourceStatus
from everprint.cluster.ocf.health import Unhealthy, ask
from everprint.cluster.standing.overview import Overview, VmView
from everprint.cluster.topology.model import Topology, VirtualMachine

_ANSWER_S = 5.0
_WORDS = {"running": "started", "shut off": "stopped", "crashed": "failed", "paused": "failed"}


def ask_hypervisor(topology: Topology, connection: Connection) -> Overview:
    """Asks the platform, then each service whose VM runs. Raises HypervisorTrouble."""
    states = connection.states([vm.name for vm in topology.vms])
    running = [vm for vm in topology.vms if states[vm.name].word == "running" and vm.health]
    with ThreadPoolExecutor(8) as pool:
        health = dict(zip((vm.name for vm in running), pool.map(_ask, running), strict=True))
    return picture(topology, connection.uri, states, health, datetime.now(UTC))


def picture(
    topology: Topology, uri: str, states: Mapping[str, DomainState], health: Mapping[str, str], at: datetime
) -> Overview:
    """Puts together what was told; `health` is, by VM, empty for a service that lives, else what came instead."""
    vms = tuple(_vm(vm, uri, states[vm.name], health) for vm in topology.vms)
    resources = tuple(ResourceStatus(vm.name, "VirtualMachine", vm.host, vm.state, 0, vm.last_failure) for vm in vms)
    status = ClusterStatus(asked=uri, has_quorum=True, hosts=(), resources=resources)
    return Overview(topology.name, at, status, (), vms, ())


def _vm(vm: VirtualMachine, uri: str, state: DomainState, health: Mapping[str, str]) -> VmView:
    word = _WORDS.get(state.word, state.word)
    trouble = health.get(vm.name)
    if word == "started":
        found = "not asked" if trouble is None else "failed" if trouble else "well"
    else:
        found = "down" if word == "stopped" else word
    failed = trouble or (f"{state.word}: {state.reason}" if word != "started" else "")
    return VmView(
        name=vm.name,
        role=vm.role.value,
        protection=vm.protection.value,
        host=uri if word == "started" else "",
        state="failed" if found == "failed" else word,
        health=found,
        since=None,
        failures=0,
        last_failure=failed,
        last_fail_over=None,
        evidence=(),
        layers=(),
    )


def _ask(vm: VirtualMachine) -> str:
    try:
        ask(vm.health, _ANSWER_S)
    except Unhealthy as error:
        return str(error)
    return ""
