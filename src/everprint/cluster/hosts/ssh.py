"""Hosts reached by OpenSSH, with the keys and known hosts that its user has. Never asks for a password."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from everprint.cluster.hosts.port import USUAL_PATIENCE_S, Answer, HostUnreachable
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.model import Topology

_OPTIONS = ("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=5")


class SshHosts:
    """The hosts of a topology. A login that is not root's goes on with sudo."""

    def __init__(self, topology: Topology) -> None:
        elsewhere = topology.replication.hosts if topology.replication else ()
        self._hosts = {host.name: host for host in (*topology.hosts, *elsewhere)}

    def run(
        self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = USUAL_PATIENCE_S
    ) -> Answer:
        """Runs it as root there. Raises HostUnreachable."""
        try:
            return self._to(host).run(
                str(self._hosts[host].address), [self._text(host, argv)], stdin=stdin, timeout_s=timeout_s
            )
        except HostUnreachable as error:
            raise HostUnreachable(host, error.reason) from error

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """What is called on this machine to run it there."""
        return self._to(host).command(str(self._hosts[host].address), [self._text(host, argv)])

    def _to(self, host: str) -> HostsVia:
        options = [f"-o{option}" for option in _OPTIONS]
        return HostsVia(["ssh", *options, "-l", self._hosts[host].login])

    def _text(self, host: str, argv: Sequence[str]) -> str:
        # One text for the shell at the other end, which must not take it apart otherwise than it was.
        return shlex.join(argv if self._hosts[host].login == "root" else ["sudo", "-n", "--", *argv])
