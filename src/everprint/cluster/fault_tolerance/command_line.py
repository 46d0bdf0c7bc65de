"""QEMU's command lines of the two twins (docs/COLO-FT.txt of QEMU's source, "Test procedure").

The one that runs alone has nothing of COLO but the quorum above its disk, to which a replica can be added while it
runs. The secondary waits for the primary's memory, and has the primary's packets and disk writes come in.
"""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.fault_tolerance.machine import COMPARE, MIGRATION, MIRROR, Machine, Place

DISK = "disk0"
"""Of the VM: the quorum node."""
PARENT = "parent0"
"""The secondary's own copy of the disk, to which the primary writes."""
_HEADERS = "vnet_hdr_support=on"
_QUORUM = f"if=virtio,id={DISK},driver=quorum,read-pattern=fifo,vote-threshold=1"


def alone(machine: Machine, place: Place) -> list[str]:
    """The VM unprotected, as it is first started; it waits for `cont`."""
    disk = f"{_QUORUM},children.0.file.filename={place.disk},children.0.driver=qcow2"
    return [*_machine(machine, place), *_unwritten(machine.system), "-drive", disk, *_unwritten(machine.seed), "-S"]


def secondary(machine: Machine, place: Place, primary: Place) -> list[str]:
    """The twin that waits for the primary's memory. The primary listens already (`protection.listen`)."""
    replica = (
        f"if=none,id=childs0,driver=replication,mode=secondary,top-id={DISK},file.driver=qcow2,"
        f"file.file.filename={place.active},file.backing.driver=qcow2,"
        f"file.backing.file.filename={place.hidden},file.backing.backing={PARENT}"
    )
    argv = _machine(machine, place)
    for name, which in (("red0", MIRROR), ("red1", COMPARE)):
        address = f"host={primary.address},port={primary.port(which)}"
        argv += ["-chardev", f"socket,id={name},{address}"]
    argv += ["-object", f"filter-redirector,id=f1,netdev=net0,queue=tx,indev=red0,{_HEADERS}"]
    argv += ["-object", f"filter-redirector,id=f2,netdev=net0,queue=rx,outdev=red1,{_HEADERS}"]
    argv += ["-object", f"filter-rewriter,id=rew0,netdev=net0,queue=all,{_HEADERS}"]
    argv += ["-drive", f"if=none,id={PARENT},file.filename={place.disk},driver=qcow2"]
    argv += ["-drive", replica, *_unwritten(machine.system)]
    argv += ["-drive", f"{_QUORUM},children.0=childs0", *_unwritten(machine.seed)]
    return [*argv, "-incoming", f"tcp:{place.address}:{place.port(MIGRATION)}"]


def _unwritten(disk: Path | None) -> list[str]:
    return ["-drive", f"if=virtio,format=raw,readonly=on,file={disk}"] if disk else []


def _machine(machine: Machine, place: Place) -> list[str]:
    kernel = ["-kernel", str(machine.kernel), "-append", machine.append] if machine.kernel else []
    initrd = ["-initrd", str(machine.initrd)] if machine.initrd else []
    return [
        *machine.qemu, "-name", machine.name, "-nodefaults", "-display", "none", "-no-user-config",
        "-machine", "pc", "-accel", machine.accelerator, "-cpu", machine.processor, "-smp", "1",
        "-m", str(machine.memory_mib), "-serial", f"file:{place.folder / 'console'}",
        "-qmp", f"unix:{place.qmp},server=on,wait=off", "-qmp", f"unix:{place.watch},server=on,wait=off",
        *kernel, *initrd,
        "-netdev", f"tap,id=net0,vhost=off,script=no,downscript=no,ifname={place.tap}",
        "-device", f"virtio-net-pci,id=nic0,netdev=net0,mac={machine.mac}",
    ]  # fmt: skip
