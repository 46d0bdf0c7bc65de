"""Reads a topology file: its shape here, what its parts say of each other in `rules`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from everprint.cluster.database.members import FEWEST
from everprint.cluster.topology.backup_table import read_backup
from everprint.cluster.topology.mirror import read_lost_after
from everprint.cluster.topology.model import (
    WATCHDOG,
    Accelerator,
    DatabaseBackup,
    DatabaseLayer,
    FenceDevice,
    GuestBoot,
    Host,
    Hypervisor,
    Migration,
    Network,
    Protection,
    QuorumAlgorithm,
    QuorumDevice,
    Role,
    Service,
    Storage,
    StorageKind,
    Timing,
    Topology,
    VirtualAddress,
    VirtualMachine,
    mac_of,
)
from everprint.cluster.topology.positions import Positions
from everprint.cluster.topology.problem import BadTopology, Problem
from everprint.cluster.topology.replication_table import read_replication
from everprint.cluster.topology.rules import problems_between
from everprint.cluster.topology.section import Section

LARGEST_FILE_OCTETS = 1 << 20

_MAC = re.compile(r"[0-9a-f][02468ace](:[0-9a-f]{2}){5}")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_FENCE_AGENT = re.compile(r"fence_[a-z0-9_]{1,40}")
_UNIT = re.compile(r"[\w@.:-]{1,100}\.service")
# Where a service answers whether it lives: liveness, because the engine restarts, and that is the question whether a
# restart helps. {} is the VM's address; a service on a host is asked there.
_HEALTH_OF_VM = {
    Role.APPLICATION_SERVER: "https://{}:9192/health/live",
    Role.PRINT_SERVER: "http://{}:8631/health/live",
}
_HEALTH_OF_SERVICE = {
    Role.APPLICATION_SERVER: "http://127.0.0.1:9191/health/live",
    Role.PRINT_SERVER: "http://127.0.0.1:8631/health/live",
}
_UNITS = {
    Role.APPLICATION_SERVER: "everprint-server.service",
    Role.PRINT_SERVER: "everprint-provider.service",
    Role.DATABASE: "postgresql.service",
}


def read_topology(path: Path) -> Topology:
    """The topology in the file. Raises BadTopology with every mistake that was found."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            octets = stream.read(LARGEST_FILE_OCTETS + 1)
        if len(octets) > LARGEST_FILE_OCTETS:
            raise BadTopology(file, [Problem(1, "the file is larger than 1 MiB", "a topology is some hundred lines")])
        return parse_topology(octets.decode("utf-8"), file)
    except OSError as error:
        raise BadTopology(file, [Problem(1, f"cannot be read: {error.strerror}", "name a TOML file")]) from error
    except UnicodeDecodeError as error:
        raise BadTopology(file, [Problem(1, "is not UTF-8", "save it as UTF-8")]) from error


def parse_topology(text: str, file: str) -> Topology:
    """The topology in the text; `file` is what errors name. Raises BadTopology."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        problem = Problem(int(found[1]) if found else 1, f"no TOML: {error}", "see toml.io for how it is written")
        raise BadTopology(file, [problem]) from error
    problems: list[Problem] = []
    topology = _topology(Section(table, (), Positions(text), problems), file)
    problems = problems or problems_between(topology)
    if problems:
        raise BadTopology(file, problems)
    return topology


def _topology(section: Section, file: str) -> Topology:
    name = section.name("name")
    vms = tuple(_vm(vm, name) for vm in section.sections("vms"))
    topology = Topology(
        file=file,
        name=name,
        modes=_modes(section),
        hosts=tuple(map(_host, section.sections("hosts"))),
        networks=tuple(map(_network, section.sections("networks"))),
        storage=tuple(map(_storage, section.sections("storage"))),
        vms=vms,
        services=tuple(map(_service, section.sections("services"))),
        virtual_addresses=tuple(map(_virtual_address, section.sections("virtual_addresses"))),
        quorum_device=_quorum_device(section.section("quorum_device")),
        hypervisor=_hypervisor(section.section("hypervisor")),
        timing=_timing(section.section("timing")),
        migration=_migration(section.section("migration")),
        boot=_boot(section.section("boot")),
        database=_database(section.section("database")),
        backup=read_backup(section.section("backup")),
        replication=read_replication(section.section("replication"), _host, vms),
        accelerator=section.word("accelerator", Accelerator, Accelerator.KVM),
    )
    section.end()
    return topology


def _modes(section: Section) -> tuple[int, ...]:
    modes = section.integers("modes")
    if modes and not (set(modes) <= {1, 2} and len(set(modes)) == len(modes)):
        section.refuse("modes", f"modes cannot be {list(modes)}", "write [1], [2] or [1, 2]")
    return tuple(sorted(modes))


def _host(section: Section) -> Host:
    host = Host(
        name=section.name("name"),
        address=section.address("address"),
        second_address=section.optional_address("second_address"),
        site=section.reference("site", "main"),
        memory_mib=section.size("memory"),
        reserved_mib=section.size("reserved_memory", "2 GiB"),
        cores=section.whole("cores", 1, 4096),
        login=section.reference("login", "root"),
        fencing=tuple(map(_fence_device, section.sections("fencing"))),
        line=section.line,
    )
    if 0 < host.memory_mib <= host.reserved_mib:
        section.refuse("memory", f"{host.name} keeps all its memory", "lower reserved_memory or raise memory")
    section.end()
    return host


def _fence_device(section: Section) -> FenceDevice:
    agent = section.text("agent")
    device = FenceDevice(
        agent=agent,
        address=section.optional_address("address"),
        port=section.whole("port", 1, 65535, 0),
        user=section.text("user", ""),
        password_script=section.path("password_script", ""),
        plug=section.text("plug", ""),
        options=section.texts("options"),
        line=section.line,
    )
    if agent and agent != WATCHDOG and not _FENCE_AGENT.fullmatch(agent):
        section.refuse("agent", f"{agent} is no fence agent", "write its name, such as fence_ipmilan, or watchdog")
    if agent != WATCHDOG and device.address is None:
        section.refuse("address", f"{agent} has no address", "add the address of the power device")
    if device.is_watchdog and (device.address or device.port or device.user or device.plug):
        section.refuse("agent", "a watchdog is in the host itself", "take address, port, user and plug away")
    for option, _ in device.options:
        if option.startswith("pcmk_") or option in _OWN_KEYS:
            advice = _OWN_KEYS.get(option, "leave it away: it comes from the rest of the file")
            section.refuse("options", f"{option} cannot be an option", advice)
    section.end()
    return device


_SECRET = "use password_script: whoever reads the cluster's configuration would read the password"  # noqa: S105
_OWN_KEYS = {
    "passwd": _SECRET,
    "password": _SECRET,
    "ip": "use address",
    "ipaddr": "use address",
    "ipport": "use port",
    "username": "use user",
    "login": "use user",
    "port": "use plug",
    "plug": "use plug",
}


def _network(section: Section) -> Network:
    network = Network(
        name=section.name("name"),
        bridge=section.text("bridge"),
        addresses=section.address_range("addresses"),
        gateway=section.optional_address("gateway"),
        line=section.line,
    )
    if network.bridge and not re.fullmatch(r"[\w.-]{1,15}", network.bridge):
        section.refuse("bridge", f"{network.bridge!r} cannot be an interface", "write at most 15 characters")
    section.end()
    return network


def _storage(section: Section) -> Storage:
    storage = Storage(
        name=section.name("name"),
        kind=section.word("kind", StorageKind),
        path=section.path("path", ""),
        source=section.text("source", ""),
        hosts=section.references("hosts"),
        line=section.line,
        lost_after_ms=read_lost_after(section),
    )
    kinds_with_folder = (StorageKind.SHARED_FOLDER, StorageKind.NFS, StorageKind.LOCAL, StorageKind.MIRRORED)
    wants_path = storage.kind in kinds_with_folder
    wants_source = storage.kind in (StorageKind.NFS, StorageKind.CEPH, StorageKind.LVM)
    for key, wants, has in (("path", wants_path, storage.path), ("source", wants_source, storage.source)):
        if wants and not has:
            section.refuse(key, f"{storage.kind} needs a {key}", f"add {key} = {_EXAMPLES[key]}")
        if has and not wants:
            section.refuse(key, f"{storage.kind} has no {key}", "take it away")
    section.end()
    return storage


_EXAMPLES = {
    "path": '"/srv/images", the folder on every host',
    "source": '"server:/export" for NFS, the pool for Ceph, the volume group for LVM',
}


def _vm(section: Section, cluster: str) -> VirtualMachine:
    name = section.name("name")
    role = section.word("role", Role)
    address = section.address("address")
    host = f"[{address}]" if address.version == 6 else str(address)
    usual = _HEALTH_OF_VM.get(role, "").format(host)
    vm = VirtualMachine(
        name=name,
        role=role,
        memory_mib=section.size("memory"),
        cores=section.whole("cores", 1, 512),
        disk_mib=section.size("disk"),
        storage=section.reference("storage"),
        network=section.reference("network"),
        address=address,
        mac=section.text("mac", mac_of(cluster, name)).lower(),
        protection=section.word("protection", Protection, Protection.NONE),
        not_with=section.references("not_with"),
        prefers=section.reference("prefers", ""),
        priority=section.whole("priority", 0, 1000, 0),
        health=_url(section, "health", usual),
        reports_to=_url(section, "reports_to", ""),
        standby_of=section.reference("standby_of", ""),
        line=section.line,
    )
    if not _MAC.fullmatch(vm.mac):
        section.refuse("mac", f"{vm.mac} is no MAC address of one machine", 'write one such as "52:54:00:12:34:56"')
    if vm.reports_to and role is not Role.PRINT_SERVER:
        section.refuse("reports_to", f"{name} is no print server", "take reports_to away")
    if vm.standby_of and role is not Role.DATABASE:
        section.refuse("standby_of", f"{name} is no database", "take standby_of away")
    if vm.protection is Protection.APP_HA and not vm.health:
        section.refuse("protection", f"nothing says how {name} is asked for its health", "add health = a URL")
    section.end()
    return vm


def _service(section: Section) -> Service:
    role = section.word("role", Role)
    service = Service(
        name=section.name("name"),
        role=role,
        unit=section.text("unit", _UNITS[role]),
        health=_url(section, "health", _HEALTH_OF_SERVICE.get(role, "")),
        memory_mib=section.size("memory"),
        hosts=section.references("hosts"),
        line=section.line,
    )
    if not _UNIT.fullmatch(service.unit):
        section.refuse("unit", f"{service.unit!r} is no unit of systemd", 'write it as "everprint-server.service"')
    section.end()
    return service


def _url(section: Section, key: str, default: str) -> str:
    url = section.text(key, default)
    if url and not _URL.fullmatch(url):
        section.refuse(key, f"{url} is no address of a web service", 'write it as "http://192.0.2.50:8080/..."')
    return url


def _virtual_address(section: Section) -> VirtualAddress:
    address = VirtualAddress(
        name=section.name("name"),
        address=section.address("address"),
        network=section.reference("network"),
        follows=section.reference("follows", ""),
        line=section.line,
    )
    section.end()
    return address


def _quorum_device(section: Section | None) -> QuorumDevice | None:
    if section is None:
        return None
    device = QuorumDevice(
        address=section.address("address"),
        algorithm=section.word("algorithm", QuorumAlgorithm, QuorumAlgorithm.FFSPLIT),
        site=section.reference("site", ""),
        line=section.line,
    )
    section.end()
    return device


def _hypervisor(section: Section | None) -> Hypervisor | None:
    if section is None:
        return None
    hypervisor = Hypervisor(uri=section.text("uri"), line=section.line)
    if hypervisor.uri and not re.fullmatch(r"[a-z]+(\+[a-z0-9]+)?://\S+", hypervisor.uri):
        section.refuse("uri", f"{hypervisor.uri} is no connection URI", 'write it as libvirt does: "esx://host/"')
    section.end()
    return hypervisor


def _timing(section: Section | None) -> Timing:
    section = section or Section({}, ("timing",), Positions(""), [])
    timing = Timing(
        token_ms=section.time("token", "3 s"),
        monitor_ms=section.time("monitor", "3 s"),
        health_timeout_ms=section.time("health_timeout", "6 s"),
        restart_timeout_ms=section.time("restart_timeout", "20 s"),
        start_timeout_ms=section.time("start_timeout", "3 min"),
        failures_before_move=section.whole("failures_before_move", 1, 100, 3),
        forget_failures_ms=section.time("forget_failures", "10 min"),
        line=section.line,
    )
    if timing.token_ms < 500:
        section.refuse("token", "token is too short", "below 500 ms a busy host counts as dead; 1 s is quick")
    for key, value_ms in (
        ("monitor", timing.monitor_ms),
        ("health_timeout", timing.health_timeout_ms),
        ("restart_timeout", timing.restart_timeout_ms),
    ):
        if value_ms < 1000 or value_ms % 1000:
            section.refuse(key, f"{key} is no number of whole seconds", "write at least 1 s")
    section.end()
    return timing


def _migration(section: Section | None) -> Migration:
    if section is None:
        return Migration("qemu+ssh://%s/system", 1)
    migration = Migration(uri=section.text("uri"), line=section.line)
    if migration.uri.count("%s") != 1 or not re.fullmatch(r"[a-z]+\+[a-z]+://\S+", migration.uri):
        section.refuse(
            "uri", f"{migration.uri} names no other host", 'write %s where its name goes: "qemu+tls://%s/system"'
        )
    section.end()
    return migration


def _boot(section: Section | None) -> GuestBoot:
    if section is None:
        return GuestBoot("", "", "", "", 1)
    boot = GuestBoot(
        kernel=section.path("kernel"),
        initrd=section.path("initrd", ""),
        arguments=section.text("arguments", ""),
        system=section.path("system", ""),
        line=section.line,
        before=section.path("before", ""),
    )
    section.end()
    return boot


def _database(section: Section | None) -> DatabaseLayer | None:
    if section is None:
        return None
    layer = DatabaseLayer(
        members=section.references("members"),
        certificates=section.path("certificates", ""),
        watchdog=section.yes_or_no("watchdog", default=True),
        lost_after_ms=section.time("lost_after", "20 s"),
        backup=_database_backup(section.section("backup")),
        line=section.line,
    )
    if not 10_000 <= layer.lost_after_ms <= 300_000 or layer.lost_after_ms % 1000:
        section.refuse("lost_after", "lost_after cannot be that", "write whole seconds, from 10 s to 300 s")
    if len(layer.members) < FEWEST or len(layer.members) % 2 == 0:
        what = (
            f"a database layer of {len(layer.members)} cannot lose a member and go on, or gains nothing by the last"
        )
        section.refuse("members", what, "name 3, 5 or 7 members: a majority of them must run")
    section.end()
    return layer


def _database_backup(section: Section | None) -> DatabaseBackup | None:
    if section is None:
        return None
    backup = DatabaseBackup(
        folder=section.path("folder"),
        host=section.text("host", ""),
        user=section.text("user", "pgbackrest"),
        keep_days=section.whole("keep_days", 1, 3660, 35),
        line=section.line,
    )
    section.end()
    return backup
