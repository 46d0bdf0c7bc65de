"""A VM as a libvirt domain (https://libvirt.org/formatdomain.html), checked by `virt-xml-validate` in the tests.

Nothing in it names a host: the same file is on each, and a live migration finds the same there.
"""

from __future__ import annotations

from everprint.cluster.compilation.names import disk_of, seed_of
from everprint.cluster.compilation.xml import Element, element, written
from everprint.cluster.topology.model import Accelerator, Storage, StorageKind, Topology, VirtualMachine


def console_log(vm: str) -> str:
    """Where each host that runs the VM of that name writes what its console shows."""
    return f"/var/log/libvirt/qemu/{vm}-console.log"


def domain_xml(topology: Topology, vm: VirtualMachine) -> str:
    """The domain's XML."""
    return written(
        element(
            "domain",
            {"type": "kvm" if topology.accelerator is Accelerator.KVM else "qemu"},
            element("name", text=vm.name),
            element("uuid", text=str(vm.uuid_in(topology.name))),
            element("description", text=f"{vm.role} of the Everprint cluster {topology.name}"),
            element("memory", {"unit": "MiB"}, text=str(vm.memory_mib)),
            element("vcpu", text=str(vm.cores)),
            _os(topology),
            element("features", {}, element("acpi"), element("apic"), element("pae")),
            _cpu(topology.accelerator),
            element("clock", {"offset": "utc"}),
            # Who restarts is the engine's decision: QEMU ends, and the monitor sees it.
            element("on_poweroff", text="destroy"),
            element("on_reboot", text="restart"),
            element("on_crash", text="destroy"),
            element("devices", {}, *_devices(topology, vm)),
        )
    )


def _cpu(accelerator: Accelerator) -> Element:
    if accelerator is Accelerator.TCG:
        return element("cpu", {"mode": "maximum"})  # what software can, it can on every host
    # A named model, not the host's own: a VM may go to a host with another processor. This one has AES.
    model = element("model", {"fallback": "allow"}, text="Westmere")
    return element("cpu", {"mode": "custom", "match": "exact"}, model)


def _os(topology: Topology) -> Element:
    boot = topology.boot
    direct = [
        element(tag, text=text)
        for tag, text in (("kernel", boot.kernel), ("initrd", boot.initrd), ("cmdline", boot.arguments))
        if text
    ]
    disk = [] if boot.kernel else [element("boot", {"dev": "hd"})]
    return element("os", {}, element("type", {"arch": "x86_64", "machine": "q35"}, text="hvm"), *direct, *disk)


def _devices(topology: Topology, vm: VirtualMachine) -> list[Element]:
    storage = topology.storage_of(vm)
    seed = seed_of(vm, storage)
    system = topology.boot.system
    disks = [_disk(vm, storage, "vdb" if system else "vda")]
    if system:
        disks.insert(0, _read_only("disk", system, "vda", "virtio"))
    if seed:
        # The kernel that is started directly has no driver for a CD at once; the firmware's boot loader may want one.
        disks.append(
            _read_only("disk", seed, "vdc", "virtio") if system else _read_only("cdrom", seed, "sda", "sata")
        )
    return [
        *disks,
        element(
            "interface",
            {"type": "bridge"},
            element("mac", {"address": vm.mac}),
            element("source", {"bridge": topology.network(vm.network).bridge}),
            element("model", {"type": "virtio"}),
        ),
        element(
            "serial",
            {"type": "pty"},
            # Where the agent finds a dead guest's last words.
            element("log", {"file": console_log(vm.name), "append": "on"}),
            element("target", {"port": "0"}),
        ),
        element("console", {"type": "pty"}, element("target", {"type": "serial", "port": "0"})),
        element(
            "channel",
            {"type": "unix"},
            element("target", {"type": "virtio", "name": "org.qemu.guest_agent.0"}),
        ),
        # The guest feeds it only while its service lives; hung guests are reset in place, sooner than from outside.
        element("watchdog", {"model": "i6300esb", "action": "reset"}),
        element("panic", {"model": "isa"}),
        element("rng", {"model": "virtio"}, element("backend", {"model": "random"}, text="/dev/urandom")),
        element("memballoon", {"model": "virtio"}),
        element("graphics", {"type": "vnc", "autoport": "yes", "listen": "127.0.0.1"}),
        element("video", {}, element("model", {"type": "vga"})),
    ]


def _disk(vm: VirtualMachine, storage: Storage, device: str) -> Element:
    where = disk_of(vm, storage)
    target = element("target", {"dev": device, "bus": "virtio"})
    # cache=none: what the guest was told is on disk is there for the host that takes over.
    match storage.kind:
        case StorageKind.CEPH:
            driver = element("driver", {"name": "qemu", "type": "raw", "cache": "none"})
            source = element("source", {"protocol": "rbd", "name": where})
            return element("disk", {"type": "network", "device": "disk"}, driver, source, target)
        case StorageKind.LVM:
            driver = element("driver", {"name": "qemu", "type": "raw", "cache": "none"})
            source = element("source", {"dev": where})
            return element("disk", {"type": "block", "device": "disk"}, driver, source, target)
        case _:
            driver = element("driver", {"name": "qemu", "type": "qcow2", "cache": "none"})
            return element(
                "disk", {"type": "file", "device": "disk"}, driver, element("source", {"file": where}), target
            )


def _read_only(kind: str, path: str, device: str, bus: str) -> Element:
    return element(
        "disk",
        {"type": "file", "device": kind},
        element("driver", {"name": "qemu", "type": "raw"}),
        element("source", {"file": path}),
        element("target", {"dev": device, "bus": bus}),
        element("readonly"),
    )
