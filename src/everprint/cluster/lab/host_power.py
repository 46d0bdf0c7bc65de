"""A host's power and its cables, as the lab's own side has them. Runs inside the anchor's namespaces."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.folders import make_folder
from everprint.cluster.lab.plan import LabHost, LabPlan

_PATIENCE_S = 20.0
# A host knows nothing of who switches it on, and so none of its units does.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def bridge(link: int) -> str:
    """The bridge that a link's cables end at."""
    return f"link{link}"


def lay_cables(plan: LabPlan) -> None:
    """Makes the bridges, with the lab's own address on each, and the BMCs' addresses."""
    _ip("link", "set", "lo", "up")
    for link, gateway in enumerate(plan.gateways):
        name = bridge(link)
        # A bridge without a fixed address takes the lowest of its ports, and changes it when a host comes.
        _ip("link", "add", name, "address", f"02:00:00:00:00:{link:02x}", "type", "bridge")
        _ip("link", "set", name, "type", "bridge", "stp_state", "0", "forward_delay", "0")
        _ip("address", "add", gateway, "dev", name)
        _ip("link", "set", name, "up")
    for address in sorted({bmc.address for host in plan.hosts for bmc in host.bmcs}):
        _ip("address", "replace", f"{address}/{128 if ':' in address else 32}", "dev", bridge(0))


def switch_on(folder: Path, plan: LabPlan, host: LabHost) -> None:
    """Starts a host; nothing happens if it runs. Its cables are as they were left."""
    place = _place(folder, host)
    if is_on(folder, host):
        return
    for name in ("upper", "work", "tree"):
        make_folder(place / name)
    for name, _ in host.shares:
        make_folder(folder / "storage" / name)
    script = resources.files("everprint.cluster.lab").joinpath("host_start").read_text("utf-8")
    (place / "start").write_text(script)
    argv = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    with (place / "console").open("ab") as console:
        parent = subprocess.Popen(
            [*argv, "sh", str(place / "start"), host.name, plan.root],
            cwd=place,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
    first = _only_child(parent.pid, place)
    (place / "first-process").write_text(str(first))
    _remove_wires(host)
    for link in range(len(host.addresses)):
        wire = host.wire(link)
        # A connection that had something to send outlives its host in the kernel for a while, and the cable with it.
        _ip("link", "delete", wire, check=False)
        _ip("link", "add", wire, "type", "veth", "peer", "name", f"eth{link}", "netns", str(first))
        _ip("link", "set", wire, "master", bridge(link))
        _ip("link", "set", wire, "down" if _unplugged(folder, host, link).exists() else "up")


def cut_power(folder: Path, host: LabHost) -> None:
    """At once, as when the plug is pulled: the cables first, or the kernel would say goodbye for the dead."""
    if not is_on(folder, host):
        return
    for link in range(len(host.addresses)):
        _ip("link", "set", host.wire(link), "down", check=False)
    first = first_process(folder, host)
    if first:
        os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while is_on(folder, host):
        if time.monotonic() > deadline:
            raise LabError(f"{host.name} does not go off")
        time.sleep(0.02)
    _remove_wires(host)


def unplug(folder: Path, host: LabHost, *, plugged: bool, links: Sequence[int] = ()) -> None:
    """Pulls a host's network cables, or plugs them in: those of the links, or all."""
    for link in links or range(len(host.addresses)):
        mark = _unplugged(folder, host, link)
        if plugged:
            mark.unlink(missing_ok=True)
        else:
            mark.touch()
        if is_on(folder, host):
            _ip("link", "set", host.wire(link), "up" if plugged else "down")


def is_plugged(folder: Path, host: LabHost) -> bool:
    """Are all of its cables in?"""
    return not any(_unplugged(folder, host, link).exists() for link in range(len(host.addresses)))


def freeze(folder: Path, host: LabHost, *, frozen: bool) -> None:
    """Stops every process of a host where it stands, or lets them go on. New ones cannot come: all are stopped."""
    first = first_process(folder, host)
    if not first:
        raise LabError(f"{host.name} is off")
    inside = Path(f"/proc/{first}/ns/pid").readlink()
    number = signal.SIGSTOP if frozen else signal.SIGCONT
    told: set[int] = set()
    # Until nothing new is found: a process may have been begetting others.
    while found := {pid for pid in _processes() if _namespace(pid) == inside} - told:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        told |= found


def is_on(folder: Path, host: LabHost) -> bool:
    """True while the host's first process lives."""
    return first_process(folder, host) != 0


def first_process(folder: Path, host: LabHost, processes: Path = Path("/proc")) -> int:
    """Its number in the anchor's process namespace, whose /proc is named; 0 if the host is off."""
    place = _place(folder, host)
    try:
        number = int((place / "first-process").read_text())
        words = (processes / f"{number}/cmdline").read_bytes().split(b"\0")
        state = (processes / f"{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return 0
    return number if os.fsencode(place / "start") in words and state != "Z" else 0


def _place(folder: Path, host: LabHost) -> Path:
    return folder / "hosts" / host.name


def _unplugged(folder: Path, host: LabHost, link: int) -> Path:
    return _place(folder, host) / f"unplugged-{link}"


def _only_child(parent: int, place: Path) -> int:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            children = []
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise LabError(f"a host did not start; see {place / 'console'}")


def _processes() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


def _namespace(pid: int) -> Path:
    try:
        return Path(f"/proc/{pid}/ns/pid").readlink()
    except OSError:
        return Path()


def _remove_wires(host: LabHost) -> None:
    """Both ends: a connection that the dead had open keeps their network namespace for minutes, cables and all."""
    for link in range(len(host.addresses)):
        _ip("link", "delete", host.wire(link), check=False)


def _ip(*arguments: str, check: bool = True) -> None:
    result = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if check and result.returncode != 0:
        raise LabError(f"ip {' '.join(arguments)}: {result.stderr.strip()}")
