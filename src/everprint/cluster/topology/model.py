"""What a cluster is made of, as the topology file says it. Nothing here was asked of a machine."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeVar

from everprint.cluster.topology.backup import BackupSettings
from everprint.cluster.topology.replication import ReplicationSettings

Address = IPv4Address | IPv6Address
AddressRange = IPv4Network | IPv6Network

# Never change: the UUID of every domain of every cluster comes from it.
_DOMAINS = uuid.UUID("6f0c0f64-7d5c-5a43-9a44-0a5b7f5f5d0e")


class Role(StrEnum):
    """What a VM or a service is to the print system."""

    APPLICATION_SERVER = "application-server"
    PRINT_SERVER = "print-server"
    DATABASE = "database"


class Protection(StrEnum):
    """What a VM is guarded against."""

    NONE = "none"
    HA = "ha"
    """Its host and itself: restarted on another host after fencing, migrated live for planned work."""
    APP_HA = "app-ha"
    """Also its application: the engine asks the service itself, and restarts a VM whose service does not answer."""
    FAULT_TOLERANT = "fault-tolerant"
    """Its host, without a loss of state: a twin on another one is in lock-step with it. Its application as well."""


WATCHDOG = "watchdog"
"""In place of a fence agent: the host's own watchdog, fed by sbd."""


class StorageKind(StrEnum):
    """What holds the disks."""

    SHARED_FOLDER = "shared-folder"
    NFS = "nfs"
    CEPH = "ceph"
    LVM = "lvm"
    LOCAL = "local"
    MIRRORED = "mirrored"
    """A folder of each of two hosts; every write goes to both."""


class Accelerator(StrEnum):
    """What runs the guests' processors."""

    KVM = "kvm"
    TCG = "tcg"
    """In software, for hosts that are virtual themselves: many times slower."""


class QuorumAlgorithm(StrEnum):
    """How a quorum device gives its votes (corosync-qdevice(8))."""

    FFSPLIT = "ffsplit"
    LMS = "lms"


@dataclass(frozen=True, slots=True)
class FenceDevice:
    """One way to make sure that a host does nothing any more. A host's devices are tried in the file's order."""

    agent: str
    """Name of the fence agent, such as *fence_ipmilan*; *watchdog* is the host's own watchdog with sbd."""
    address: Address | None
    port: int
    """0: the agent's own default."""
    user: str
    password_script: str
    """Path, on the hosts, of a program that prints the password."""
    plug: str
    """Which outlet or machine of a device for many, in the device's own words."""
    options: tuple[tuple[str, str], ...]
    """Further parameters of the agent, by their own names."""
    line: int

    @property
    def is_watchdog(self) -> bool:
        return self.agent == WATCHDOG


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that runs VMs or services."""

    name: str
    address: Address
    second_address: Address | None
    """On another network, for the cluster's second link."""
    site: str
    memory_mib: int
    reserved_mib: int
    """What the host keeps for itself."""
    cores: int
    login: str
    """Who `ssh` logs in as."""
    fencing: tuple[FenceDevice, ...]
    line: int

    @property
    def usable_mib(self) -> int:
        """Memory for VMs and services."""
        return self.memory_mib - self.reserved_mib


@dataclass(frozen=True, slots=True)
class Network:
    """A network that VMs are on: a bridge of this name on every host."""

    name: str
    bridge: str
    addresses: AddressRange
    gateway: Address | None
    line: int


@dataclass(frozen=True, slots=True)
class Storage:
    """Where disks are."""

    name: str
    kind: StorageKind
    path: str
    """A folder, the same on each host; empty for Ceph and LVM."""
    source: str
    """NFS: server:/export; Ceph: the pool; LVM: the volume group; else empty."""
    hosts: tuple[str, ...]
    """Who reaches it; all hosts if the file does not say."""
    line: int

    lost_after_ms: int = 0
    """Of mirrored storage: a copy that does not answer for so long is lost."""

    @property
    def is_shared(self) -> bool:
        return self.kind not in (StorageKind.LOCAL, StorageKind.MIRRORED)

    @property
    def is_mirrored(self) -> bool:
        return self.kind is StorageKind.MIRRORED


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """A VM of the print system."""

    name: str
    role: Role
    memory_mib: int
    cores: int
    disk_mib: int
    storage: str
    network: str
    address: Address
    mac: str
    protection: Protection
    not_with: tuple[str, ...]
    """VMs that must not run on the same host."""
    prefers: str
    """The host it goes to when it may choose; empty: any."""
    priority: int
    """When not all fit, the higher one runs."""
    health: str
    """URL that says whether its service may be sent work."""
    reports_to: str
    """Of a print server: the Application Server's URL."""
    standby_of: str
    """Of a database: the VM whose standby it is."""
    line: int

    def uuid_in(self, cluster: str) -> uuid.UUID:
        """The domain's UUID: the same on every host and in every run."""
        return uuid.uuid5(_DOMAINS, f"{cluster}/{self.name}")


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the engine runs on the hosts themselves, without a VM."""

    name: str
    role: Role
    unit: str
    """The systemd unit."""
    health: str
    """URL, on the host that runs it, which says whether it may be sent work."""
    memory_mib: int
    hosts: tuple[str, ...]
    """Where it may run; all hosts if the file does not say."""
    line: int


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """An address that goes to where it is needed."""

    name: str
    address: Address
    network: str
    follows: str
    """The service that it is always beside; empty: it goes anywhere."""
    line: int


@dataclass(frozen=True, slots=True)
class QuorumDevice:
    """A machine outside the cluster that has a vote (corosync-qnetd)."""

    address: Address
    algorithm: QuorumAlgorithm
    site: str
    line: int


@dataclass(frozen=True, slots=True)
class Hypervisor:
    """A virtualisation platform that restarts and moves VMs by itself: we ask, and do not decide beside it."""

    uri: str
    """libvirt's connection URI."""
    line: int


@dataclass(frozen=True, slots=True)
class Timing:
    """How soon something counts as failed, and how long damping lasts."""

    token_ms: int
    """A host that is not heard for so long is lost (corosync.conf(5) *token*)."""
    monitor_ms: int
    """How often each VM and service is looked at."""
    health_timeout_ms: int
    """A service that gave no good answer for so long, whether it lives, has failed."""
    restart_timeout_ms: int
    """A service that refuses connections is being started again by its own systemd, and has so long for it."""
    start_timeout_ms: int
    """A VM or service that does not serve so long after its start has failed."""
    failures_before_move: int
    """So many failures on one host, and it goes to another (*migration-threshold*)."""
    forget_failures_ms: int
    """A failure counts for so long (*failure-timeout*)."""
    line: int


@dataclass(frozen=True, slots=True)
class Migration:
    """How running VMs get from host to host."""

    uri: str
    """libvirt's connection URI of the other host; %s is its name."""
    line: int


@dataclass(frozen=True, slots=True)
class GuestBoot:
    """A kernel that QEMU starts directly, faster than a boot loader does. Paths on the hosts, or empty."""

    kernel: str
    initrd: str
    arguments: str
    system: str
    """A disk with the system, the same for all VMs and never written; a VM's own disk holds its data then."""
    line: int
    before: str = ""
    """The folder of the image that `upgrade --back` goes back to."""


@dataclass(frozen=True, slots=True)
class DatabaseBackup:
    """Where pgBackRest keeps backups and the write-ahead log, so that one can go back to any second of them."""

    folder: str
    host: str
    """Reached by SSH; empty: the folder is the same one on each member, as a mounted share is."""
    user: str
    keep_days: int
    line: int


@dataclass(frozen=True, slots=True)
class DatabaseLayer:
    """PostgreSQL on several machines, of which Patroni makes one the primary."""

    members: tuple[str, ...]
    """VMs of the role *database*, or hosts, by name."""
    certificates: str
    """Folder on each member with its certificate; empty: nothing between them is encrypted."""
    watchdog: bool
    """A member whose Patroni hangs while it is the primary resets itself."""
    lost_after_ms: int
    """A primary that is not heard for so long is replaced."""
    backup: DatabaseBackup | None
    line: int


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole file."""

    file: str
    name: str
    modes: tuple[int, ...]
    """1: highly available print servers; 2: a highly available Application Server."""
    hosts: tuple[Host, ...]
    networks: tuple[Network, ...]
    storage: tuple[Storage, ...]
    vms: tuple[VirtualMachine, ...]
    services: tuple[Service, ...]
    virtual_addresses: tuple[VirtualAddress, ...]
    quorum_device: QuorumDevice | None
    hypervisor: Hypervisor | None
    timing: Timing
    migration: Migration
    boot: GuestBoot
    database: DatabaseLayer | None
    backup: BackupSettings | None
    replication: ReplicationSettings | None
    accelerator: Accelerator

    @property
    def programs(self) -> tuple[VirtualMachine | Service, ...]:
        """All that does the work, in VMs or without."""
        return (*self.vms, *self.services)

    @property
    def resources(self) -> tuple[VirtualMachine | Service | VirtualAddress, ...]:
        """All that the engine starts somewhere."""
        return (*self.vms, *self.services, *self.virtual_addresses)

    def host(self, name: str) -> Host:
        """The host of that name. Raises KeyError."""
        return _named(self.hosts, name)

    def network(self, name: str) -> Network:
        """The network of that name. Raises KeyError."""
        return _named(self.networks, name)

    def storage_of(self, vm: VirtualMachine) -> Storage:
        """Where the VM's disks are."""
        return _named(self.storage, vm.storage)

    def reachable_from(self, storage: Storage) -> tuple[str, ...]:
        """The hosts that reach it, by name."""
        return storage.hosts or tuple(host.name for host in self.hosts)

    def kept_apart(self) -> tuple[tuple[str, str], ...]:
        """Every pair of VMs that must not be on one host, once, in the file's order."""
        order = {vm.name: number for number, vm in enumerate(self.vms)}
        pairs = {
            (vm.name, other) if order[vm.name] < order[other] else (other, vm.name)
            for vm in self.vms
            for other in vm.not_with
        }
        return tuple(sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]])))


def mac_of(cluster: str, vm: str) -> str:
    """The MAC address of a VM that names none: always the same, with QEMU's prefix."""
    digest = hashlib.sha256(f"{cluster}/{vm}".encode()).digest()
    return "52:54:00:" + ":".join(f"{octet:02x}" for octet in digest[:3])


_Named = TypeVar("_Named", Host, Network, Storage)


def _named(among: tuple[_Named, ...], name: str) -> _Named:
    for one in among:
        if one.name == name:
            return one
    raise KeyError(name)
