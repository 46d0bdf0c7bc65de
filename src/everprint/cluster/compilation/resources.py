"""VMs, services and virtual addresses as Pacemaker resources.

Damping: a failure is tried again in place; after *failures_before_move* on one host it goes to another; a failure is
forgotten after *forget_failures*. When every host has had its failures, it stays down and people are told: a VM that
crashes at each boot does not bounce for ever.
"""

from __future__ import annotations

from everprint.cluster.compilation.fault_tolerance import instance_parameters, pair
from everprint.cluster.compilation.mirror import is_mirrored, mirror_target, mirrored
from everprint.cluster.compilation.names import domain_file, meta_of, resource_of
from everprint.cluster.compilation.xml import Element, element, nvpairs
from everprint.cluster.topology.model import (
    Protection,
    Service,
    StorageKind,
    Timing,
    Topology,
    VirtualAddress,
    VirtualMachine,
)

PROVIDER = "everprint"
"""OCF's word for whose agents they are: ocf:everprint:VirtualMachine."""

SHUTDOWN_S = 60
"""How long a guest may take to shut down before its power is cut."""

TWIN_MEMORY = 2
"""A twin holds its memory, and what comes of the next checkpoint beside it."""

_SWITCH_ON_S = 150
"""For libvirt to start a VM. Its service is not waited for."""

_TWINS_S = 60
"""For a look at both halves of a fault-tolerant VM, the service left away."""


def programs_and_addresses(topology: Topology) -> list[Element]:
    """All that the engine starts, in the file's order; a service with its address is a group."""
    followers = {address.follows: address for address in topology.virtual_addresses if address.follows}
    found = [one for vm in topology.vms for one in _machine(topology, vm)]
    for service in topology.services:
        made = _service(topology.timing, service)
        address = followers.get(service.name)
        if address:
            # The address first: the service may bind to it.
            made = element("group", {"id": group_of(service)}, _address(topology, address), made)
        found.append(made)
    found += [_address(topology, address) for address in topology.virtual_addresses if not address.follows]
    return found


def group_of(service: Service) -> str:
    """The group of a service and its address."""
    return f"{service.name}-group"


def service_placed_as(topology: Topology, service: Service) -> str:
    """The resource that decides where a service is: its group if an address follows it."""
    has_address = any(address.follows == service.name for address in topology.virtual_addresses)
    return group_of(service) if has_address else resource_of(service)


def _machine(topology: Topology, vm: VirtualMachine) -> list[Element]:
    if vm.protection is Protection.FAULT_TOLERANT:
        return [_twins(topology, vm)]
    made = _vm(topology, vm)
    return [mirrored(topology, vm, made), mirror_target(topology, vm)] if is_mirrored(topology, vm) else [made]


def _vm(topology: Topology, vm: VirtualMachine) -> Element:
    timing, identity = topology.timing, resource_of(vm)
    guarded = vm.protection is not Protection.NONE
    moves = guarded and not is_mirrored(topology, vm)
    health = [*_health(timing, vm.health), *_restart(timing), *_grace(timing)]
    parameters = [
        ("domain", vm.name),
        ("definition", domain_file(vm)),
        ("shutdown_timeout", str(SHUTDOWN_S)),
        *(health if vm.protection is Protection.APP_HA else []),
    ]
    if moves:
        parameters.append(("migration_uri", topology.migration.uri))
        # libvirt knows by itself that NFS, Ceph and LVM are shared; of a folder it must take the topology's word.
        if topology.storage_of(vm).kind is StorageKind.SHARED_FOLDER:
            parameters.append(("migrate_options", "--unsafe"))
    on_failure = {} if guarded else {"on-fail": "ignore"}
    operations = [
        _operation(identity, "start", "0s", _SWITCH_ON_S),
        # Longer than the shutdown, or the engine would fence the host while the guest still writes.
        _operation(identity, "stop", "0s", SHUTDOWN_S + 30),
        _operation(identity, "monitor", f"{timing.monitor_ms // 1000}s", _monitor_s(timing), on_failure),
    ]
    if not is_mirrored(topology, vm):
        operations += [_operation(identity, name, "0s", 300) for name in ("migrate_to", "migrate_from")]
    needs = [("memory", str(vm.memory_mib)), ("cores", str(vm.cores))]
    return _primitive(
        identity,
        "VirtualMachine",
        [
            nvpairs(
                "meta_attributes",
                meta_of(vm),
                [
                    ("allow-migrate", "true" if moves else "false"),
                    ("priority", str(vm.priority)),
                    *_damping(timing),
                ],
            ),
            nvpairs("utilization", f"{identity}-utilization", needs),
            nvpairs("instance_attributes", f"{identity}-attributes", parameters),
        ],
        operations,
    )


def _twins(topology: Topology, vm: VirtualMachine) -> Element:
    timing, identity = topology.timing, resource_of(vm)
    health = [*_health(timing, vm.health), *_grace(timing)] if vm.health else []
    between_s = timing.monitor_ms // 1000
    needs = [("memory", str(TWIN_MEMORY * vm.memory_mib)), ("cores", str(vm.cores))]
    return pair(
        vm,
        _primitive(
            identity,
            "FaultTolerant",
            [
                nvpairs("meta_attributes", f"{identity}-meta", [("priority", str(vm.priority)), *_damping(timing)]),
                nvpairs("utilization", f"{identity}-utilization", needs),
                nvpairs(
                    "instance_attributes",
                    f"{identity}-attributes",
                    [*instance_parameters(vm, SHUTDOWN_S), *health],
                ),
            ],
            [
                _operation(identity, "start", "0s", 120),
                _operation(identity, "stop", "0s", SHUTDOWN_S + 30),
                _operation(identity, "promote", "0s", _SWITCH_ON_S),
                _operation(identity, "demote", "0s", SHUTDOWN_S + 30),
                _operation(identity, "notify", "0s", 60),
                # The engine tells two monitors from each other by their intervals.
                _operation(
                    identity,
                    "monitor",
                    f"{between_s}s",
                    _TWINS_S + _monitor_s(timing),
                    {"role": "Promoted"},
                    "monitor-promoted",
                ),
                _operation(identity, "monitor", f"{between_s + 1}s", _TWINS_S, {"role": "Unpromoted"}),
            ],
        ),
    )


def _service(timing: Timing, service: Service) -> Element:
    identity = resource_of(service)
    health = [*_health(timing, service.health), *_restart(timing)]
    parameters = [("unit", service.unit), *(health if service.health else [])]
    return _primitive(
        identity,
        "Service",
        [
            nvpairs("meta_attributes", f"{identity}-meta", _damping(timing)),
            nvpairs("utilization", f"{identity}-utilization", [("memory", str(service.memory_mib))]),
            nvpairs("instance_attributes", f"{identity}-attributes", parameters),
        ],
        [
            _operation(identity, "start", "0s", timing.start_timeout_ms // 1000),
            _operation(identity, "stop", "0s", 120),
            _operation(identity, "monitor", f"{timing.monitor_ms // 1000}s", _monitor_s(timing)),
        ],
    )


def _address(topology: Topology, address: VirtualAddress) -> Element:
    network = topology.network(address.network)
    parameters = [
        ("ip", str(address.address)),
        ("cidr_netmask", str(network.addresses.prefixlen)),
        ("nic", network.bridge),
    ]
    agent = "IPaddr2" if address.address.version == 4 else "IPv6addr"
    if agent == "IPv6addr":
        parameters[0] = ("ipv6addr", str(address.address))
    return element(
        "primitive",
        {"id": address.name, "class": "ocf", "provider": "heartbeat", "type": agent},
        nvpairs("instance_attributes", f"{address.name}-attributes", parameters),
        element(
            "operations",
            {},
            _operation(address.name, "start", "0s", 20),
            _operation(address.name, "stop", "0s", 20),
            _operation(address.name, "monitor", "10s", 20),
        ),
    )


def _monitor_s(timing: Timing) -> int:
    """Longer than the service may take on a busy host, or the engine would call the agent hung."""
    return 30 + 3 * timing.health_timeout_ms // 1000


def _health(timing: Timing, address: str) -> list[tuple[str, str]]:
    return [("health", address), ("health_timeout", str(timing.health_timeout_ms // 1000))]


def _restart(timing: Timing) -> list[tuple[str, str]]:
    return [("restart_timeout", str(timing.restart_timeout_ms // 1000))]


def _grace(timing: Timing) -> list[tuple[str, str]]:
    return [("start_grace", str(timing.start_timeout_ms // 1000))]


def _damping(timing: Timing) -> list[tuple[str, str]]:
    return [
        ("migration-threshold", str(timing.failures_before_move)),
        ("failure-timeout", f"{timing.forget_failures_ms // 1000}s"),
    ]


def _primitive(identity: str, agent: str, attributes: list[Element], operations: list[Element]) -> Element:
    kind = {"id": identity, "class": "ocf", "provider": PROVIDER, "type": agent}
    return element("primitive", kind, *attributes, element("operations", {}, *operations))


def _operation(
    identity: str, name: str, interval: str, timeout_s: int, further: dict[str, str] | None = None, called: str = ""
) -> Element:
    own = f"{identity}-{called or name}"
    attributes = {"id": own, "name": name, "interval": interval, "timeout": f"{timeout_s}s"}
    return element("op", attributes | (further or {}))
