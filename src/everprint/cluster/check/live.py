"""What only the hosts themselves can tell. Asks and looks; all it writes is a marker in shared folders, which it
removes again. Nothing is fenced: that a power device answers is asked, that it cuts the power is for a drill.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from everprint.cluster.check.finding import Finding
from everprint.cluster.compilation.fencing import agent_parameters
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.topology.model import FenceDevice, Host, Storage, Topology
from everprint.monitor.health import Level

PACKAGES = ("corosync", "pacemaker", "libvirt-daemon", "qemu-system-x86")
CLOCKS_WARN_S = 0.5
CLOCKS_FAIL_S = 5.0
# fence agents end with 0 for a host that is on and 2 for one that is off; both are answers (FenceAgentAPI).
_FENCE_ANSWERS = (0, 2)


def check_hosts(topology: Topology, hosts: Hosts) -> list[Finding]:
    """All that the hosts tell, in their order."""
    found: list[Finding] = []
    reached: list[Host] = []
    for host in topology.hosts:
        try:
            hosts.run(host.name, ["true"])
            reached.append(host)
        except HostUnreachable as error:
            found.append(
                _finding(
                    "host-unreachable",
                    Level.FAIL,
                    host,
                    str(error),
                    "what cannot be reached cannot be set up, and was not checked further",
                    "see that it is up and that ssh lets you in without a password",
                )
            )
    for check in (_clocks, _versions, _storage, _fencing):
        try:
            found += check(topology, hosts, reached)
        except HostUnreachable as error:
            what = f"{error} (it answered a moment ago)"
            lost = topology.host(error.host)
            why, advice = "a host that comes and goes is fenced again and again", "mend its network first"
            found.append(_finding("host-unreachable", Level.FAIL, lost, what, why, advice))
    return found


def _clocks(_: Topology, hosts: Hosts, reached: list[Host]) -> Iterator[Finding]:
    """Each clock against this machine's, then against the first host's; the way there and back is the error."""
    offsets: dict[str, tuple[float, float]] = {}
    for host in reached:
        asked = time.time()
        said = hosts.run(host.name, ["date", "+%s.%N"]).output.strip()
        answered = time.time()
        try:
            offsets[host.name] = (float(said) - (asked + answered) / 2, (answered - asked) / 2)
        except ValueError:
            continue
    for host in reached[1:]:
        first = reached[0].name
        if host.name not in offsets or first not in offsets:
            continue
        apart = abs(offsets[host.name][0] - offsets[first][0])
        certain = apart - offsets[host.name][1] - offsets[first][1]
        if certain > CLOCKS_WARN_S:
            yield _finding(
                "clocks-apart",
                Level.FAIL if certain > CLOCKS_FAIL_S else Level.WARN,
                host,
                f"the clocks of {first} and {host.name} are {apart:.1f} s apart",
                "failures are forgotten at wrong times, logs cannot be laid side by side, certificates seem expired",
                "run a time service (chrony) on every host",
            )


def _versions(_: Topology, hosts: Hosts, reached: list[Host]) -> Iterator[Finding]:
    query = ["dpkg-query", "-W", "-f=${Package} ${Version} ${db:Status-Status}\\n", *PACKAGES]
    versions: dict[str, dict[str, str]] = {}
    for host in reached:
        rows = [row.split() for row in hosts.run(host.name, query).output.splitlines()]
        versions[host.name] = {row[0]: row[1] for row in rows if len(row) == 3 and row[2] == "installed"}
    for package in PACKAGES:
        there = {host.name: versions[host.name].get(package, "") for host in reached}
        if len(set(there.values())) > 1:
            said = ", ".join(f"{name} {version or 'none'}" for name, version in there.items())
            yield _finding(
                "versions-apart",
                Level.WARN if all(there.values()) else Level.FAIL,
                reached[0],
                f"{package} differs: {said}",
                "a VM can move to a newer QEMU, and not back; a cluster speaks its oldest member's language",
                "bring all hosts to one version, one host at a time",
            )


def _storage(topology: Topology, hosts: Hosts, reached: list[Host]) -> Iterator[Finding]:
    for storage in topology.storage:
        names = topology.reachable_from(storage)
        sharing = [host for host in reached if host.name in names]
        if storage.is_shared and storage.path and sharing:
            yield from _is_one_folder(storage, hosts, sharing)


def _is_one_folder(storage: Storage, hosts: Hosts, sharing: list[Host]) -> Iterator[Finding]:
    """A marker that one host writes must be there on the others: the same path alone may be an empty mount point."""
    first, *others = sharing
    made = hosts.run(first.name, ["mktemp", "-p", storage.path, ".everprint-check-XXXXXXXX"])
    if not made.is_well:
        yield _not_shared(storage, first, f"{first.name} cannot write to {storage.path}: {made.complaint}")
        return
    marker = made.output.strip()
    try:
        for host in others:
            if not hosts.run(host.name, ["test", "-e", marker]).is_well:
                what = f"{host.name} does not see in {storage.path} what {first.name} wrote there"
                yield _not_shared(storage, host, what)
    finally:
        hosts.run(first.name, ["rm", "-f", "--", marker])


def _not_shared(storage: Storage, host: Host, what: str) -> Finding:
    return Finding(
        "storage-not-reached",
        Level.FAIL,
        host.name,
        storage.line,
        what,
        f"VMs on {storage.name} cannot start on {host.name}",
        f"mount {storage.source or storage.name} there, at boot, before the cluster",
    )


def _fencing(topology: Topology, hosts: Hosts, reached: list[Host]) -> Iterator[Finding]:
    for host in topology.hosts:
        others = [one for one in reached if one.name != host.name]
        for device in host.fencing:
            if others and not device.is_watchdog:
                yield _asked_for_status(device, host, others[0], hosts)


def _asked_for_status(device: FenceDevice, host: Host, asker: Host, hosts: Hosts) -> Finding:
    words = [("action", "status"), *agent_parameters(device)]
    stdin = "".join(f"{name}={value}\n" for name, value in words).encode()
    answer = hosts.run(asker.name, [device.agent], stdin=stdin, timeout_s=60)
    if answer.code in _FENCE_ANSWERS:
        what = f"{device.agent} of {host.name} answers {asker.name}"
        return Finding("fencing-answers", Level.OK, host.name, device.line, what, "", "")
    return Finding(
        "fencing-silent",
        Level.FAIL,
        host.name,
        device.line,
        f"{device.agent} of {host.name} does not answer {asker.name}: {answer.complaint}",
        f"if {host.name} is lost nothing of it is started elsewhere until the device answers",
        "correct its address, user and password_script, and try it by hand with action=status",
    )


def _finding(code: str, level: Level, host: Host, what: str, why: str, advice: str) -> Finding:
    return Finding(code, level, host.name, host.line, what, why, advice)
