"""What happens to the Application Server's VM or to its host, and how soon it is noticed and over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import ClusterStatus, NoCluster, ResourceStatus

SERVER = "server"
"""The Application Server's VM, in the lab's own topology."""


class StoryFailed(Exception):
    """Something did not come, or came otherwise than it must; says what."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the failure on; None: that is no part of it."""

    failure: str
    noticed_s: float | None
    """Until the engine has seen it; with a host: until the host is certainly off."""
    elsewhere_s: float | None
    """Until the VM runs again, where ever."""
    service_s: float | None
    """Until the Application Server answers again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens, and who looks."""

    laboratory: Laboratory
    say: Callable[[str], None]
    wait: Callable[[str, Callable[[], bool]], None]
    """Waits until it is so, and tells of jobs meanwhile. Raises StoryFailed."""
    is_answered: Callable[[], bool]
    """Does the Application Server answer?"""

    def status(self) -> ClusterStatus | None:
        """None while no host tells."""
        try:
            return self.laboratory.status()
        except NoCluster:
            return None

    def server(self) -> ResourceStatus | None:
        """The Application Server's VM as the engine sees it."""
        status = self.status()
        return None if status is None else next((one for one in status.resources if one.name == SERVER), None)


def lose_power(scene: Scene) -> Times:
    """The host that has the Application Server loses its power."""
    return _lose_host(scene, "host", "loses its power", lambda host: scene.laboratory.do("off", host))


def lose_network(scene: Scene) -> Times:
    """All cables of that host are pulled: it goes on, alone, and must be switched off before its VM may run again."""
    times = _lose_host(scene, "partition", "loses all its cables", lambda host: scene.laboratory.do("unplug", host))
    for host in scene.laboratory.states():
        if not host.plugged:
            scene.laboratory.do("plug", host.name)
    return times


def lose_engine(scene: Scene) -> Times:
    """Corosync and Pacemaker of that host are killed: nobody there answers for its VMs any more."""
    kill = ["pkill", "-KILL", "-x", "corosync|pacemakerd|pacemaker-.*"]
    return _lose_host(scene, "engine", "loses its engine's processes", lambda host: _must(scene, host, kill))


def lose_vm(scene: Scene) -> Times:
    """QEMU is killed."""
    return _lose_service(scene, "vm", "QEMU is killed", ["pkill", "-KILL", "-f", f"guest={SERVER},"])


def hang_application(scene: Scene) -> Times:
    """In the guest, the service's processes are stopped where they stand; the guest itself is well."""
    stop = {"path": "/usr/bin/pkill", "arg": ["-STOP", "-u", "everprint-server"], "capture-output": True}
    order = json.dumps({"execute": "guest-exec", "arguments": stop})
    return _lose_service(
        scene, "application", "its processes stand still", ["virsh", "qemu-agent-command", SERVER, order]
    )


FAILURES: dict[str, Callable[[Scene], Times]] = {
    "host": lose_power,
    "vm": lose_vm,
    "application": hang_application,
    "partition": lose_network,
    "engine": lose_engine,
}


def bring_back(scene: Scene, host: str) -> None:
    """Switches a host on and waits until it takes part again."""
    scene.say(f"{host} is switched on again")
    scene.laboratory.do("on", host)
    scene.wait(f"{host} to join again", lambda: host in _hosts(scene, "online"))


def bring_all_back(scene: Scene) -> None:
    """Every host of the lab is on and takes part."""
    for host in scene.laboratory.states():
        if not host.on:
            bring_back(scene, host.name)


def _lose_host(scene: Scene, name: str, words: str, act: Callable[[str], None]) -> Times:
    victim, also = _home(scene)
    scene.say(f"[bold]{victim} {words}[/]; it has {', '.join(also)}")
    began = time.monotonic()
    act(victim)
    scene.wait(f"{victim} to be switched off", lambda: victim in _hosts(scene, "offline"))
    noticed = time.monotonic() - began
    scene.say(f"The others are certain that {victim} is off, {noticed:.1f} s after")
    scene.wait("the VM to be started elsewhere", lambda: _runs(scene, lambda one: one.host != victim))
    elsewhere = time.monotonic() - began
    scene.say(f"The Application Server's VM starts elsewhere, {elsewhere:.1f} s after")
    return Times(name, noticed, elsewhere, _until_served(scene, began))


def _lose_service(scene: Scene, name: str, words: str, argv: list[str]) -> Times:
    home, _ = _home(scene)
    before = _processes(scene)
    scene.say(f"[bold]The Application Server at {home}: {words}[/]")
    began = time.monotonic()
    _must(scene, home, argv)
    scene.wait("the engine to see it", lambda: _processes(scene) != before)
    noticed = time.monotonic() - began
    scene.say(f"The engine ended the VM, {noticed:.1f} s after")
    scene.wait("the VM to run again", lambda: _runs(scene, lambda one: bool(_processes(scene) - before)))
    elsewhere = time.monotonic() - began
    scene.say(f"The Application Server's VM runs again, {elsewhere:.1f} s after")
    return Times(name, noticed, elsewhere, _until_served(scene, began))


def _until_served(scene: Scene, began: float) -> float:
    scene.wait("the Application Server to answer", scene.is_answered)
    passed = time.monotonic() - began
    scene.say(f"[bold]The Application Server answers again, {passed:.1f} s after[/]")
    return passed


def _home(scene: Scene) -> tuple[str, tuple[str, ...]]:
    status, server = scene.status(), scene.server()
    if status is None or server is None or not server.host:
        raise StoryFailed("the Application Server's VM runs nowhere before anything has happened")
    return server.host, status.on(server.host)


def _hosts(scene: Scene, state: str) -> set[str]:
    status = scene.status()
    return set() if status is None else {host.name for host in status.hosts if host.state == state}


def _runs(scene: Scene, is_so: Callable[[ResourceStatus], bool]) -> bool:
    server = scene.server()
    return server is not None and server.state == "started" and bool(server.host) and is_so(server)


def _processes(scene: Scene) -> set[tuple[str, str]]:
    """Host and process number of each QEMU that runs the Application Server: never two."""
    found = set()
    for host in scene.laboratory.states():
        if host.on:
            answer = scene.laboratory.run(host.name, ["pgrep", "-f", f"qemu.*guest={SERVER},"])
            found |= {(host.name, word) for word in answer.output.split()}
    return found


def _must(scene: Scene, host: str, argv: list[str]) -> None:
    answer = scene.laboratory.run(host, argv)
    if not answer.is_well:
        raise StoryFailed(f"{host}: {' '.join(argv)} failed: {answer.complaint}")
