"""A fault-tolerant VM: a promotable clone for Pacemaker, and a file for the agent."""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.compilation.names import disk_of, pair_of, seed_of, twin_disk_of, twins_file
from everprint.cluster.compilation.xml import Element, element, nvpairs
from everprint.cluster.fault_tolerance.definition import Definition, written_definition
from everprint.cluster.fault_tolerance.machine import Machine
from everprint.cluster.topology.fault_tolerance import first_port_of
from everprint.cluster.topology.model import Accelerator, Topology, VirtualMachine

_ACCELERATORS = {Accelerator.KVM: "kvm", Accelerator.TCG: "tcg,thread=multi"}
"""QEMU's word."""


def twins_definition(topology: Topology, vm: VirtualMachine) -> str:
    """What the agent on each host reads."""
    storage, boot = topology.storage_of(vm), topology.boot
    seed = seed_of(vm, storage)
    kernel, initrd, system = (Path(text) if text else None for text in (boot.kernel, boot.initrd, boot.system))
    return written_definition(
        Definition(
            machine=Machine(
                name=vm.name,
                memory_mib=vm.memory_mib,
                kernel=kernel,
                initrd=initrd,
                append=boot.arguments,
                mac=vm.mac,
                accelerator=_ACCELERATORS[topology.accelerator],
                system=system,
                seed=Path(seed) if seed else None,
            ),
            disks={"a": disk_of(vm, storage), "b": twin_disk_of(vm, storage)},
            disk_mib=vm.disk_mib,
            shared=storage.is_shared,
            bridge=topology.network(vm.network).bridge,
            first_port=first_port_of(topology, vm),
            hosts={
                # Memory and disk go over the second link where there is one: the first is for the engine.
                name: str(topology.host(name).second_address or topology.host(name).address)
                for name in topology.reachable_from(storage)
            },
            home=vm.prefers or topology.reachable_from(storage)[0],
        )
    )


def pair(vm: VirtualMachine, inner: Element) -> Element:
    """Both halves, of which one is promoted."""
    identity = pair_of(vm)
    return element(
        "clone",
        {"id": identity},
        nvpairs(
            "meta_attributes",
            f"{identity}-meta",
            [
                ("promotable", "true"),
                ("clone-max", "2"),
                ("clone-node-max", "1"),
                ("promoted-max", "1"),
                ("promoted-node-max", "1"),
                # The primary goes on alone when it is told that the other half was stopped or fenced.
                ("notify", "true"),
                ("interleave", "true"),
            ],
        ),
        inner,
    )


def instance_parameters(vm: VirtualMachine, shutdown_s: int) -> list[tuple[str, str]]:
    """The agent's, without those of its service's health."""
    return [("definition", twins_file(vm)), ("shutdown_timeout", str(shutdown_s))]
