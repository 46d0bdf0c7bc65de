"""Reads the table `[replication]` of a topology file, and says what of it does not fit the rest of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from everprint.cluster.topology.problem import Problem
from everprint.cluster.topology.replication import PrintServerElsewhere, ReplicationSettings, VmReplication
from everprint.cluster.topology.section import Section

if TYPE_CHECKING:
    from everprint.cluster.topology.model import Host, Topology, VirtualMachine

_SHORTEST_MS = 5_000
_DAY_MS = 86_400_000
_LATE_AFTER = 3  # times `every`, if the file does not say: two that failed are no alarm


def read_replication(
    section: Section | None, read_host: Callable[[Section], Host], vms: Sequence[VirtualMachine]
) -> ReplicationSettings | None:
    """The table, if the file has it."""
    if section is None:
        return None
    site = section.name("site")
    hosts = tuple(replace(read_host(table), site=site) for table in section.sections("hosts"))
    every = _every(section, 300_000)
    settings = ReplicationSettings(
        site=site,
        hosts=hosts,
        vms=_vms(section, every, section.whole("keep", 1, 1000, 12), hosts, vms),
        folder=section.path("folder", "/var/lib/everprint-replicas"),
        scratch=section.path("scratch", "/var/lib/everprint-backup"),
        limit_mib_s=section.size("limit", ""),
        compression=section.yes_or_no("compression", default=True),
        application_consistent=section.yes_or_no("application_consistent", default=True),
        within_ms=section.time("within", "6 h"),
        move_addresses=section.path("move_addresses", ""),
        ticket=section.reference("ticket", ""),
        print_servers=tuple(map(_print_server, section.sections("print_servers"))),
        line=section.line,
    )
    if not hosts:
        section.refuse("hosts", "the other site has no host", "add [[replication.hosts]]")
    section.end()
    return settings


def _every(section: Section, usual_ms: int) -> int:
    every = section.time("every", f"{usual_ms} ms")
    if every and not _SHORTEST_MS <= every <= _DAY_MS:
        section.refuse("every", "every cannot be that", "write a time from 5 s to 24 h")
    return every


def _vms(
    section: Section, every: int, keep: int, hosts: Sequence[Host], vms: Sequence[VirtualMachine]
) -> tuple[VmReplication, ...]:
    """All VMs by the rules for all, with what single ones have otherwise; hosts take turns."""
    late = section.time("late_after", f"{every * _LATE_AFTER} ms")
    said: dict[str, VmReplication | None] = {}
    turn = {vm.name: hosts[number % len(hosts)].name for number, vm in enumerate(vms)} if hosts else {}
    for table in section.sections("vms"):
        name = table.name("name")
        own = _every(table, every)
        one = VmReplication(
            vm=name,
            host=table.reference("host", turn.get(name, "none")),
            every_ms=own,
            keep=table.whole("keep", 1, 1000, keep),
            late_after_ms=table.time("late_after", f"{late if own == every else own * _LATE_AFTER} ms"),
            line=table.line,
        )
        if name in said:
            table.refuse("name", f"{name} is there already", "name each VM once")
        said[name] = one if table.yes_or_no("replicate", default=True) else None
        table.end()
    usual = {vm.name: VmReplication(vm.name, turn.get(vm.name, ""), every, keep, late, section.line) for vm in vms}
    return tuple(one for one in {**usual, **said}.values() if one is not None)


def _print_server(section: Section) -> PrintServerElsewhere:
    server = PrintServerElsewhere(
        name=section.name("name"),
        host=section.reference("host"),
        vm=section.reference("vm", ""),
        line=section.line,
    )
    section.end()
    return server


def replication_fits(topology: Topology) -> Iterator[Problem]:
    """A rule between the parts of a topology."""
    settings = topology.replication
    if settings is None:
        return
    if topology.hypervisor:
        yield Problem(settings.line, "the hypervisor has the VMs' disks", "use its replication: take this away")
    if settings.site in {host.site for host in topology.hosts}:
        what = f"{settings.site} is a site of this cluster's own hosts"
        yield Problem(settings.line, what, "name the other site, whose hosts are in [[replication.hosts]]")
    ours = {host.name for host in topology.hosts}
    theirs = [host.name for host in settings.hosts]
    for host in settings.hosts:
        if host.name in ours or theirs.count(host.name) > 1:
            yield Problem(host.line, f"there is a host {host.name} already", "give each its own name")
        if host.address in {one.address for one in topology.hosts}:
            yield Problem(host.line, f"{host.address} is the address of another host", "give each its own address")
    vms = [vm.name for vm in topology.vms]
    for one in settings.vms:
        if one.vm not in vms:
            yield Problem(one.line, f"there is no VM {one.vm}", f"known: {', '.join(vms)}")
        if one.host not in theirs:
            yield Problem(one.line, f"there is no host {one.host} at {settings.site}", f"known: {', '.join(theirs)}")
    for server in settings.print_servers:
        if server.host not in theirs:
            what = f"there is no host {server.host} at {settings.site}"
            yield Problem(server.line, what, f"known: {', '.join(theirs)}")
    if topology.backup and topology.backup.scratch != settings.scratch:
        what = f"[backup] copies disks to {topology.backup.scratch}, [replication] to {settings.scratch}"
        yield Problem(settings.line, what, "give both the same scratch: there they wait for each other")
