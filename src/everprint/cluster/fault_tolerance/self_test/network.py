"""Two hosts and a client for the trial: three network namespaces on one bridge, and nothing to the outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from everprint.cluster.fault_tolerance.self_test import guest

TAP = "tap0"


class TrialNotPossible(Exception):
    """This machine cannot make the trial: says what it lacks."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A host of the trial."""

    name: str
    address: str

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command, to be run in it."""
        return ["ip", "netns", "exec", self.name, *argv]

    def cut(self) -> None:
        """Pulls its cable: whoever talks to it hears nothing any more."""
        _ip("-n", self.name, "link", "set", "uplink", "down")

    def admit(self, *, is_primary: bool) -> None:
        """Has people reach the VM here, or not: a twin that lost its primary would answer them by itself."""
        _ip("-n", self.name, "link", "set", TAP, *(("master", "bridge0") if is_primary else ("nomaster",)))

    def join(self) -> None:
        """Plugs it in again."""
        _ip("-n", self.name, "link", "set", "uplink", "up")


@dataclass(frozen=True, slots=True)
class Network:
    """The trial's namespaces."""

    client: Namespace
    hosts: tuple[Namespace, Namespace]


@contextmanager
def network() -> Iterator[Network]:
    """Raises TrialNotPossible."""
    tag = f"ft{os.getpid()}"
    client = Namespace(f"{tag}c", "198.18.0.1")
    hosts = (Namespace(f"{tag}a", "198.18.0.2"), Namespace(f"{tag}b", "198.18.0.3"))
    try:
        for one in (client, *hosts):
            _ip("netns", "add", one.name)
            _ip("-n", one.name, "link", "set", "lo", "up")
            _ip("-n", one.name, "link", "add", "bridge0", "type", "bridge", "stp_state", "0", "forward_delay", "0")
            _ip("-n", one.name, "address", "add", f"{one.address}/{guest.PREFIX}", "dev", "bridge0")
            _ip("-n", one.name, "link", "set", "bridge0", "up")
        for host in hosts:
            port = f"to{host.name[-1]}"
            _ip("-n", client.name, "link", "add", port, "type", "veth", "peer", "name", "uplink", "netns", host.name)
            _ip("-n", client.name, "link", "set", port, "master", "bridge0", "up")
            _ip("-n", host.name, "link", "set", "uplink", "master", "bridge0", "up")
            _ip("-n", host.name, "tuntap", "add", TAP, "mode", "tap", "vnet_hdr")
            _ip("-n", host.name, "link", "set", TAP, "up")
        yield Network(client, hosts)
    finally:
        for one in (client, *hosts):
            subprocess.run(["ip", "netns", "del", one.name], check=False, capture_output=True)


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        raise TrialNotPossible("there is no program `ip` here: install iproute2") from None
    except subprocess.CalledProcessError as error:
        raise TrialNotPossible(f"ip {' '.join(words)}: {error.stderr.strip()}") from None
