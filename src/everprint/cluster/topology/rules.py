"""What the parts of a topology must be to each other: names that exist, addresses that fit, modes that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from everprint.cluster.topology.fault_tolerance import problems_of_twins
from everprint.cluster.topology.mirror import mirrors_can_be
from everprint.cluster.topology.model import (
    Address,
    Host,
    Network,
    Role,
    Service,
    Storage,
    Topology,
    VirtualAddress,
    VirtualMachine,
)
from everprint.cluster.topology.problem import Problem
from everprint.cluster.topology.replication_table import replication_fits

MOST_HOSTS = 16
"""What Pacemaker is tested with by its makers; more hosts are several clusters."""


_Named = Host | Network | Storage | VirtualMachine | Service | VirtualAddress


def problems_between(topology: Topology) -> list[Problem]:
    """All that is wrong between the parts of a topology whose shape is right."""
    return [problem for rule in _RULES for problem in rule(topology)]


def _names_once(topology: Topology) -> Iterator[Problem]:
    kinds: tuple[tuple[str, Sequence[_Named]], ...] = (
        ("host", topology.hosts),
        ("network", topology.networks),
        ("storage", topology.storage),
        ("VM, service or virtual address", topology.resources),
    )
    for kind, named in kinds:
        seen: dict[str, int] = {}
        for one in named:
            if one.name in seen:
                what = f"there is a {kind} {one.name} already, in line {seen[one.name]}"
                yield Problem(one.line, what, "give each its own name")
            seen.setdefault(one.name, one.line)


def _names_known(topology: Topology) -> Iterator[Problem]:
    hosts = [host.name for host in topology.hosts]
    vms = [vm.name for vm in topology.vms]
    services = [service.name for service in topology.services]
    networks = [network.name for network in topology.networks]
    for storage in topology.storage:
        yield from _unknown(storage.line, "host", storage.hosts, hosts)
    for service in topology.services:
        yield from _unknown(service.line, "host", service.hosts, hosts)
    for vm in topology.vms:
        yield from _unknown(vm.line, "storage", [vm.storage], [storage.name for storage in topology.storage])
        yield from _unknown(vm.line, "network", [vm.network], networks)
        yield from _unknown(vm.line, "host", [vm.prefers] if vm.prefers else [], hosts)
        yield from _unknown(vm.line, "VM", vm.not_with, vms)
        yield from _unknown(vm.line, "VM", [vm.standby_of] if vm.standby_of else [], vms)
        if vm.name in (*vm.not_with, vm.standby_of):
            yield Problem(vm.line, f"{vm.name} names itself", "name another VM")
    for address in topology.virtual_addresses:
        yield from _unknown(address.line, "network", [address.network], networks)
        if address.follows in vms:
            what = f"{address.name} follows {address.follows}, a VM"
            yield Problem(address.line, what, "a VM's own address moves with it: clients use that")
        else:
            yield from _unknown(address.line, "service", [address.follows] if address.follows else [], services)


def _unknown(line: int, kind: str, names: Iterable[str], known: list[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(
                line, f"there is no {kind} {name}", f"known: {', '.join(known)}" if known else f"add a {kind}"
            )


def _addresses_once(topology: Topology) -> Iterator[Problem]:
    seen: dict[Address, str] = {}
    for line, whose, address in _addresses(topology):
        if address in seen:
            yield Problem(
                line, f"{address} of {whose} is the address of {seen[address]}", "give each its own address"
            )
        seen.setdefault(address, whose)


def _addresses(topology: Topology) -> Iterator[tuple[int, str, Address]]:
    for host in topology.hosts:
        yield host.line, host.name, host.address
        if host.second_address:
            yield host.line, f"{host.name} (second)", host.second_address
    for network in topology.networks:
        if network.gateway:
            yield network.line, f"the gateway of {network.name}", network.gateway
    for one in _with_address(topology):
        yield one.line, one.name, one.address
    if topology.quorum_device:
        yield topology.quorum_device.line, "the quorum device", topology.quorum_device.address


def _with_address(topology: Topology) -> tuple[VirtualMachine | VirtualAddress, ...]:
    return (*topology.vms, *topology.virtual_addresses)


def _addresses_fit(topology: Topology) -> Iterator[Problem]:
    networks = {network.name: network for network in topology.networks}
    for network in topology.networks:
        if network.gateway and network.gateway not in network.addresses:
            what = f"the gateway {network.gateway} is not in {network.addresses}"
            yield Problem(network.line, what, "give the gateway's address in this network")
    for one in _with_address(topology):
        if one.network not in networks:
            continue
        addresses = networks[one.network].addresses
        if one.address not in addresses:
            advice = "give it an address in this network, or name another network"
            yield Problem(one.line, f"{one.address} of {one.name} is not in {addresses}", advice)
        elif addresses.num_addresses > 2 and one.address in (addresses[0], addresses[-1]):
            what = f"{one.address} of {one.name} is no machine's address in {addresses}"
            yield Problem(one.line, what, "the first and the last address of a network are its own")


def _macs_once(topology: Topology) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for vm in topology.vms:
        if vm.mac in seen:
            yield Problem(vm.line, f"{vm.mac} of {vm.name} is the MAC address of {seen[vm.mac]}", "take one mac away")
        seen.setdefault(vm.mac, vm.name)


_ROLES_OF_MODES = {
    1: (Role.PRINT_SERVER, "a print server"),
    2: (Role.APPLICATION_SERVER, "an Application Server"),
}


def _modes_are_there(topology: Topology) -> Iterator[Problem]:
    roles = {one.role for one in topology.programs}
    for mode, (role, word) in _ROLES_OF_MODES.items():
        if mode in topology.modes and role not in roles:
            yield Problem(1, f"Mode {mode} needs {word}", f'add a VM or service with role = "{role}"')
        if mode not in topology.modes:
            for one in topology.programs:
                if one.role is role:
                    advice = f"write modes = {sorted({*topology.modes, mode})}"
                    yield Problem(one.line, f"{one.name} is {word}, which is Mode {mode}", advice)


def _print_servers_report(topology: Topology) -> Iterator[Problem]:
    if any(one.role is Role.APPLICATION_SERVER for one in topology.programs):
        return
    for vm in topology.vms:
        if vm.role is Role.PRINT_SERVER and not vm.reports_to:
            what = f"{vm.name} does not know its Application Server, and none is in this file"
            yield Problem(vm.line, what, 'add reports_to = "https://..."')


def _standbys_are_of_databases(topology: Topology) -> Iterator[Problem]:
    by_name: dict[str, VirtualMachine] = {vm.name: vm for vm in topology.vms}
    for vm in topology.vms:
        primary = by_name.get(vm.standby_of)
        if primary and (primary.role is not Role.DATABASE or primary.standby_of):
            yield Problem(
                vm.line, f"{primary.name} is no database that can have a standby", "name the primary database"
            )


def _database_members_can_be(topology: Topology) -> Iterator[Problem]:
    layer = topology.database
    if layer is None:
        return
    vms = {vm.name: vm for vm in topology.vms}
    hosts = [host.name for host in topology.hosts]
    yield from _unknown(layer.line, "VM or host", layer.members, [*vms, *hosts])
    for name in layer.members:
        if name in vms and (vms[name].role is not Role.DATABASE or vms[name].standby_of):
            what = f"{name} cannot be a member of the database layer"
            yield Problem(layer.line, what, 'its role must be "database", without standby_of: Patroni decides who is')
    for vm in topology.vms:
        if vm.role is Role.DATABASE and vm.name not in layer.members:
            what = f"{vm.name} is a database beside the database layer"
            yield Problem(vm.line, what, f"add {vm.name} to members of [database], or take it away")


def _who_decides(topology: Topology) -> Iterator[Problem]:
    ours = [host for host in topology.hosts if host.fencing]
    if topology.hypervisor:
        what, advice = "the hypervisor makes these VMs available itself", "take away what would decide beside it: "
        if ours:
            yield Problem(ours[0].line, what, advice + "the hosts' fencing")
        if topology.quorum_device:
            yield Problem(topology.quorum_device.line, what, advice + "quorum_device")
        for service in topology.services:
            yield Problem(service.line, what, advice + service.name)
        for virtual in topology.virtual_addresses:
            yield Problem(virtual.line, what, advice + virtual.name)
    elif not topology.hosts:
        yield Problem(1, "there is no host", "add [[hosts]], or [hypervisor] if another product runs the VMs")
    if not topology.vms and not topology.services:
        yield Problem(1, "there is nothing to run", "add [[vms]] or [[services]]")
    if len(topology.hosts) > MOST_HOSTS:
        advice = "make several clusters of them"
        yield Problem(topology.hosts[MOST_HOSTS].line, f"there are more than {MOST_HOSTS} hosts", advice)


def _links(topology: Topology) -> Iterator[Problem]:
    with_two = [host for host in topology.hosts if host.second_address]
    if with_two:
        for host in topology.hosts:
            if not host.second_address:
                yield Problem(
                    host.line, f"{host.name} has no second_address, others have", "give all hosts one, or none"
                )


def _each_host_its_own_fencing(topology: Topology) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], str] = {}
    for host in topology.hosts:
        for number, device in enumerate(host.fencing):
            if device.is_watchdog:
                if number < len(host.fencing) - 1:
                    what = f"the watchdog of {host.name} is not its last level"
                    yield Problem(
                        device.line, what, "write it behind the power device, which answers for what it did"
                    )
                continue
            key = (device.agent, device.address, device.port, device.plug)
            if key in seen:
                other = seen[key]
                what = f"this device of {host.name} is " + (
                    "named twice" if other == host.name else f"that of {other}"
                )
                yield Problem(device.line, what, "a wrong device stops a healthy host: correct address, port or plug")
            seen.setdefault(key, host.name)


def _backups_are_elsewhere(topology: Topology) -> Iterator[Problem]:
    backup = topology.backup
    if backup is None:
        return
    if topology.hypervisor:
        advice = "use its own backup, and take [backup] away"
        yield Problem(backup.line, "the hypervisor has the VMs' disks", advice)
    for storage in topology.storage:
        if backup.folder and storage.path and f"{backup.folder}/".startswith(f"{storage.path}/"):
            what = f"the backups would be on {storage.name}, beside the disks that they are of"
            yield Problem(backup.line, what, "name a target that does not get lost with them")


_RULES: tuple[Callable[[Topology], Iterator[Problem]], ...] = (
    _names_once,
    _names_known,
    _addresses_once,
    _addresses_fit,
    _macs_once,
    _modes_are_there,
    _print_servers_report,
    _standbys_are_of_databases,
    _database_members_can_be,
    _who_decides,
    _links,
    _each_host_its_own_fencing,
    _backups_are_elsewhere,
    replication_fits,
    mirrors_can_be,
    problems_of_twins,
)
