"""What a lab consists of, from a topology: written to its folder before anything is started."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from ipaddress import ip_interface
from pathlib import Path

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.guests import on_namespaces
from everprint.cluster.topology.model import Address, FenceDevice, Topology

_FILE = "lab.json"
_IPMI_PORT = 623
_PREFIX = {4: 24, 6: 64}
_SIMULATED = {"lanplus": "1", "cipher": "3", "power_wait": "0"}


@dataclass(frozen=True, slots=True)
class Bmc:
    """A host's power device: where it listens, and whom it obeys."""

    address: str
    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class LabHost:
    """A host of the lab. `addresses` are with prefix length, one a link, in the order of the links."""

    name: str
    number: int
    addresses: tuple[str, ...]
    bridges: tuple[str, ...]
    """The host's bridge that has that address, one a link; empty: its card has it."""
    shares: tuple[tuple[str, str], ...]
    """The storage that it reaches: name, and the folder where it has it."""
    bmcs: tuple[Bmc, ...]

    def wire(self, link: int) -> str:
        """The lab's end of that link's cable (15 characters at most)."""
        return f"wire{link}-{self.number}"


@dataclass(frozen=True, slots=True)
class LabPlan:
    """The lab in a folder. `root` is the root file system below every host's own changes; `gateways` one a link."""

    name: str
    root: str
    image: str
    """Folder of the image that the VMs start from; empty: their disks are."""
    password: str
    """Of the Application Server's administrator."""
    hosts: tuple[LabHost, ...]
    gateways: tuple[str, ...]

    def host(self, name: str) -> LabHost:
        """Raises LabError if there is none of that name."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise LabError(f"the lab has no host {name}; it has {', '.join(host.name for host in self.hosts)}")


def for_the_lab(topology: Topology, image: Path | None = None) -> tuple[Topology, list[str]]:
    """What of a topology the lab can do, and sentences about what it leaves out.

    Watchdogs are left out always: a host here shares the machine's kernel, and its watchdog would be the machine's.
    Raises LabError if a host has no BMC then: nothing would be restarted.
    """
    said = []
    hosts = tuple(
        replace(host, fencing=tuple(device for device in host.fencing if device.agent == "fence_ipmilan"))
        for host in topology.hosts
    )
    if any(new.fencing != old.fencing for new, old in zip(hosts, topology.hosts, strict=True)):
        said.append("Left out: fence devices other than fence_ipmilan; a watchdog here would be the whole machine's.")
    for host in hosts:
        if not host.fencing:
            raise LabError(
                f"{topology.file}: {host.name} has no fence device with agent fence_ipmilan, which the lab has"
            )
        if any(device.address is None for device in host.fencing):
            raise LabError(f"{topology.file}: a fence device of {host.name} has no address")
    if topology.vms and image is None:
        said.append("The VMs have empty disks: only their firmware runs. --image starts them from an image.")
    if topology.replication:
        said.append("Left out: the other site; VMs are not replicated, and start without its ticket.")
    if topology.quorum_device:
        said.append("Left out: the quorum device.")
    kept = replace(
        topology,
        hosts=tuple(replace(host, fencing=tuple(map(_as_simulated, host.fencing))) for host in hosts),
        quorum_device=None,
        replication=None,
        hypervisor=None,
    )
    return on_namespaces(kept, has_image=image is not None), said


def _as_simulated(device: FenceDevice) -> FenceDevice:
    """What OpenIPMI's simulator understands: it refuses the agent's usual cipher, and is off at once."""
    return replace(device, options=tuple({**dict(device.options), **_SIMULATED}.items()))


def plan_lab(topology: Topology, root: Path, image: Path | None = None) -> LabPlan:
    """The lab for what `for_the_lab` kept. Raises LabError."""
    password = secrets.token_hex(8)  # 16 characters: IPMI's longest
    hosts = []
    for number, host in enumerate(topology.hosts, 1):
        bmcs = tuple(
            Bmc(str(device.address), device.port or _IPMI_PORT, device.user, password) for device in host.fencing
        )
        own = [address for address in (host.address, host.second_address) if address]
        hosts.append(
            LabHost(
                name=host.name,
                number=number,
                addresses=tuple(f"{address}/{_prefix(topology, address)}" for address in own),
                bridges=tuple(_bridge(topology, address) for address in own),
                shares=tuple(
                    (storage.name, storage.path)
                    for storage in topology.storage
                    if storage.is_shared and storage.path and host.name in topology.reachable_from(storage)
                ),
                bmcs=bmcs,
            )
        )
    # The topology's rules see to it that all hosts have as many.
    links = range(len(hosts[0].addresses))
    gateways = tuple(_gateway([host.addresses[link] for host in hosts], topology) for link in links)
    return LabPlan(topology.name, str(root), str(image or ""), secrets.token_urlsafe(12), tuple(hosts), gateways)


def write_plan(folder: Path, plan: LabPlan) -> None:
    """Only root can read it: it holds passwords."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / _FILE
    file.touch(0o600)
    file.write_text(json.dumps(asdict(plan), indent=1), "utf-8")


def read_plan(folder: Path) -> LabPlan:
    """Raises LabError if there is no lab in the folder."""
    try:
        found = json.loads((folder / _FILE).read_text("utf-8"))
        hosts = tuple(
            LabHost(
                host["name"],
                host["number"],
                tuple(host["addresses"]),
                tuple(host["bridges"]),
                tuple((name, path) for name, path in host["shares"]),
                tuple(Bmc(**bmc) for bmc in host["bmcs"]),
            )
            for host in found["hosts"]
        )
        return LabPlan(
            found["name"], found["root"], found["image"], found["password"], hosts, tuple(found["gateways"])
        )
    except FileNotFoundError:
        raise LabError(f"there is no lab in {folder}: start one with `everprint cluster lab up`") from None
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"{folder / _FILE} is damaged ({error}); `everprint cluster lab down` removes it") from None


def _prefix(topology: Topology, address: Address) -> int:
    for network in topology.networks:
        if address in network.addresses:
            return network.addresses.prefixlen
    return _PREFIX[address.version]


def _bridge(topology: Topology, address: Address) -> str:
    return next((network.bridge for network in topology.networks if address in network.addresses), "")


def _gateway(addresses: Sequence[str], topology: Topology) -> str:
    """The lab's own address on a link: what the topology calls the gateway, or the last that is free."""
    network = ip_interface(addresses[0]).network
    for known in topology.networks:
        if known.addresses == network and known.gateway:
            return f"{known.gateway}/{network.prefixlen}"
    taken = {ip_interface(address).ip for address in addresses}
    taken |= {address.address for address in topology.virtual_addresses}
    last = int(network.broadcast_address) - 1
    while network[last - int(network.network_address)] in taken:
        last -= 1
    return f"{network[last - int(network.network_address)]}/{network.prefixlen}"
