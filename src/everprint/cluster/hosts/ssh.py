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
        known = self._hosts[host]
        command = list(argv) if known.login == "root" else ["sudo", "-n", "--", *argv]
        options = [f"-o{option}" for option in _OPTIONS]
        # One text for the shell at the other end, which must not take it apart otherwise than it was.
        ssh = HostsVia(["ssh", *options, "-l", known.login])
        try:
            return ssh.run(str(known.address), [shlex.join(command)], stdin=stdin, timeout_s=timeout_s)
        except HostUnreachable as error:
            raise HostUnreachable(host, error.reason) from error
