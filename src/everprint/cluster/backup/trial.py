"""QEMU's command for a copy of a VM that nothing outside can hear: the VM's own devices, on a network of nobody.

QEMU's user network with *restrict* passes nothing out. One port of the guest is led to the host's loopback, and that
is where its readiness is asked.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from everprint.cluster.backup.definition import AGENT_CHANNEL
from everprint.cluster.backup.errors import BackupError
from everprint.cluster.topology.model import Accelerator, Role, Topology, VirtualMachine

PORT, AGENT = "{port}", "{agent}"
"""What the host puts in: a free port, and a socket for the guest's agent."""

# Who may read the ledger, in the VM image: the service's own user.
AUDIT = (
    "/usr/sbin/runuser",
    "-u",
    "everprint-server",
    "--",
    "/opt/everprint/bin/everprint",
    "server",
    "audit",
    "--json",
)

_USUAL_PORTS = {"http": 80, "https": 443}


def readiness_url(vm: VirtualMachine) -> str:
    """Where the copy says whether it may be sent work; empty: the VM has no service that is asked."""
    if not vm.health:
        return ""
    return f"{urlsplit(vm.health).scheme}://127.0.0.1:{PORT}/health/ready"


def audit_of(vm: VirtualMachine) -> list[str]:
    """What is run in the copy to prove its ledger; nothing if it has none."""
    return list(AUDIT) if vm.role is Role.APPLICATION_SERVER else []


def trial_command(topology: Topology, vm: VirtualMachine, xml: str) -> list[str]:
    """QEMU for the domain, whose files are where the copies are. Raises BackupError."""
    root = ET.fromstring(xml)  # noqa: S314 (of our own repository, whose every octet is authenticated)
    accelerator = "kvm" if topology.accelerator is Accelerator.KVM else "tcg"
    argv = ["qemu-system-x86_64", "-name", f"verify-{vm.name}", "-machine", "q35", "-accel", accelerator]
    argv += ["-cpu", "max", "-smp", str(vm.cores), "-m", str(vm.memory_mib)]
    argv += ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"]
    for option, tag in (("-kernel", "kernel"), ("-initrd", "initrd"), ("-append", "cmdline")):
        if text := root.findtext(f"os/{tag}"):
            argv += [option, text]
    for number, disk in enumerate(root.iterfind("devices/disk")):
        argv += _disk(number, disk)
    argv += ["-device", "virtio-rng-pci", "-netdev", _network(topology, vm)]
    argv += ["-device", f"virtio-net-pci,netdev=n0,mac={vm.mac}"]
    argv += ["-chardev", f"socket,id=agent,path={AGENT},server=on,wait=off", "-device", "virtio-serial"]
    return [*argv, "-device", f"virtserialport,chardev=agent,name={AGENT_CHANNEL}"]


def _disk(number: int, disk: ET.Element) -> list[str]:
    source, driver, target = disk.find("source"), disk.find("driver"), disk.find("target")
    path = "" if source is None else source.get("file", "")
    if not path:
        return []
    kind = "raw" if driver is None else driver.get("type", "raw")
    drive = f"file={path.replace(',', ',,')},format={kind},if=none,id=d{number}"
    if disk.find("readonly") is not None:
        drive += ",readonly=on"
    bus = "virtio" if target is None else target.get("bus", "virtio")
    drives = {"virtio": "virtio-blk-pci"} if disk.get("device") != "cdrom" else {}
    device = drives.get(bus, "ide-cd" if disk.get("device") == "cdrom" else "ide-hd")
    return ["-drive", drive, "-device", f"{device},drive=d{number}"]


def _network(topology: Topology, vm: VirtualMachine) -> str:
    network = topology.network(vm.network)
    if not isinstance(network.addresses, IPv4Network) or not isinstance(vm.address, IPv4Address):
        raise BackupError(
            f"{vm.name} has an IPv6 address, which QEMU's isolated network cannot lead in: use --no-boot"
        )
    # QEMU plays the router and a name server, at addresses that the guest does not have.
    others = list(islice((one for one in network.addresses.hosts() if one not in (vm.address, network.gateway)), 3))
    if len(others) < 3:
        raise BackupError(f"{network.addresses} is too small to boot a copy of {vm.name} in: use --no-boot")
    router = network.gateway or others[0]
    options = f"user,id=n0,restrict=on,net={network.addresses},host={router},dns={others[1]},dhcpstart={others[2]}"
    url = urlsplit(vm.health)
    port = url.port or _USUAL_PORTS.get(url.scheme, 80)
    return f"{options},hostfwd=tcp:127.0.0.1:{PORT}-{vm.address}:{port}" if vm.health else options
