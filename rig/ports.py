"""Ports that nobody listens on, and the question whether somebody does by now.

The kernel gives ports from 32768 on to whoever connects somewhere, so a part that is down for a moment could lose
such a port to a passing connection: ours are below. Tests run in several processes: each port that one of them has
taken is held by a name in the kernel, which is free again when the process ends, however it ends.
"""

from __future__ import annotations

import random
import socket

_FIRST, _END = 20_000, 32_000

_held: dict[int, socket.socket] = {}


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on; never given twice while this process lives, to no process.

    Raises OSError if none is left.
    """
    return _free_port(socket.SOCK_STREAM)


def free_udp_port() -> int:
    """A UDP port of the loopback, on the same terms."""
    return _free_port(socket.SOCK_DGRAM)


def _free_port(kind: socket.SocketKind) -> int:
    for port in random.sample(range(_FIRST, _END), 1_000):
        if _hold(port, kind):
            return port
    raise OSError(f"no port is free among 1,000 tried from {_FIRST} to {_END - 1}: what listens on all of them?")


def _hold(port: int, kind: socket.SocketKind) -> bool:
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0everprint-rig-port-{port}")
        with socket.socket(type=kind) as probe:
            probe.bind(("127.0.0.1", port))
    except OSError:
        name.close()
        return False
    _held[port] = name
    return True


def is_listening(port: int) -> bool:
    """True if a connection to that port of the loopback is taken."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
