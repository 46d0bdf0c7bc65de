"""How a failure is made: at the lab's hosts, or, with consent, at real ones.

VM, application, kernel and engine fail by commands at their host, the same in the lab. A host loses its power by the
lab's plug or by its fence device; cables and frozen hosts are the lab's alone.
"""

from __future__ import annotations

import json
from typing import Protocol

from everprint.cluster.compilation.fencing import agent_parameters
from everprint.cluster.compilation.names import resource_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import LIVE, Kind
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.topology.model import Host, Role, Service, Topology, VirtualMachine

KILL_ENGINE = ("pkill", "-KILL", "-x", "corosync|pacemakerd|pacemaker-.*")
_ANSWERED_S = 0.5
_ACCOUNTS = {Role.APPLICATION_SERVER: "everprint-server", Role.PRINT_SERVER: "everprint-provider"}


class Cause(Protocol):
    """Who makes things fail, and well again."""

    def fail(self, kind: Kind, victim: VirtualMachine | Service, host: str) -> None:
        """Lets it fail at once. Raises DrillFailed, and HostUnreachable."""

    def mend(self, kind: Kind, host: str) -> None:
        """What the engine does not mend by itself: power and cables. Raises DrillFailed, and HostUnreachable."""


class AtLab:
    """The lab's hosts."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory

    def fail(self, kind: Kind, victim: VirtualMachine | Service, host: str) -> None:
        """See Cause."""
        match kind:
            case Kind.HOST:
                self._laboratory.do("off", host)
            case Kind.PARTITION:
                self._laboratory.do("unplug", host)
            case Kind.FREEZE:
                self._laboratory.do("freeze", host)
            case _:
                fail_by_command(self._laboratory, kind, victim, host)

    def mend(self, kind: Kind, host: str) -> None:
        """See Cause."""
        if kind.takes_the_host:
            self._laboratory.do("plug", host)
            self._laboratory.do("on", host)


class AtRealHosts:
    """Hosts that people depend on: what can be undone, and nothing else."""

    def __init__(self, topology: Topology, hosts: Hosts) -> None:
        self._topology, self._hosts = topology, hosts

    def fail(self, kind: Kind, victim: VirtualMachine | Service, host: str) -> None:
        """See Cause."""
        if kind not in LIVE:
            can = ", ".join(sorted(LIVE))
            raise DrillFailed(f"{kind} cannot be done to real hosts from here; what can is {can}")
        if kind is Kind.HOST:
            self._power(host, "off")
        else:
            fail_by_command(self._hosts, kind, victim, host)

    def mend(self, kind: Kind, host: str) -> None:
        """See Cause. A host that the engine has fenced is off, too, whatever had failed at it."""
        if kind.takes_the_host:
            self._power(host, "on")

    def _power(self, host: str, action: str) -> None:
        found = self._topology.host(host)
        other = next((one.name for one in self._topology.hosts if one.name != host), "")
        asked = fence_order(found, action)
        if asked is None or not other:
            raise DrillFailed(f"{host} has no fence device that another host could ask to switch it {action}")
        agent, order = asked
        answer = self._hosts.run(other, [agent], stdin=order.encode(), timeout_s=120.0)
        if not answer.is_well:
            raise DrillFailed(f"{other}: {agent} did not switch {host} {action}: {answer.complaint}")


def fence_order(host: Host, action: str) -> tuple[str, str] | None:
    """The agent of the host's first power device, and what it reads on standard input (FenceAgentAPI)."""
    for device in host.fencing:
        if not device.is_watchdog:
            lines = [("action", action), *agent_parameters(device)]
            return device.agent, "".join(f"{name}={value}\n" for name, value in lines)
    return None


def fail_by_command(hosts: Hosts, kind: Kind, victim: VirtualMachine | Service, host: str) -> None:
    """The failures that a command at the host makes. Raises DrillFailed, and HostUnreachable."""
    if kind is Kind.ENGINE:
        argv = list(KILL_ENGINE)
    elif isinstance(victim, Service):
        if kind is Kind.PANIC:
            raise DrillFailed(f"{victim.name} has no kernel of its own that could panic: it is a service on its host")
        number = "SIGKILL" if kind is Kind.VM else "SIGSTOP"
        argv = ["systemctl", "kill", "--kill-whom=all", f"--signal={number}", victim.unit]
    elif kind is Kind.VM:
        # In brackets: who carries this command to the host (sudo, a shell) has its words on its own command line.
        argv = ["pkill", "-KILL", "-f", f"[g]uest={victim.name},"]
    else:
        order = _panic() if kind is Kind.PANIC else _hang(victim)
        argv = ["virsh", "--quiet", "qemu-agent-command", victim.name, order]
    answer = hosts.run(host, argv)
    if not answer.is_well:
        raise DrillFailed(f"{host}: {argv[0]} did not let {resource_of(victim)} fail: {answer.complaint}")


def _hang(vm: VirtualMachine) -> str:
    """An order to the guest's agent: its service's processes are stopped where they stand."""
    if vm.role not in _ACCOUNTS:
        raise DrillFailed(f"{vm.name} is a {vm.role}: nothing is known of its application that could be let hang")
    return _order("/usr/bin/pkill", "-STOP", "-u", _ACCOUNTS[vm.role])


def _panic() -> str:
    """An order to the guest's agent: its kernel is told to crash, once the agent has answered that it obeys."""
    return _order("/bin/sh", "-c", f"sleep {_ANSWERED_S:g}; echo c >/proc/sysrq-trigger")


def _order(program: str, *words: str) -> str:
    run = {"path": program, "arg": words, "capture-output": True}
    return json.dumps({"execute": "guest-exec", "arguments": run})
