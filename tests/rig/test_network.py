"""Machines reach each other, only those that are parted do not, and nothing of them is left."""

import socket
import threading
from collections.abc import Iterator

import pytest

from rig.network import Machine, Network, can_have_machines, run_network

pytestmark = pytest.mark.skipif(not can_have_machines(), reason="network namespaces need root")


@pytest.fixture
def network() -> Iterator[Network]:
    with run_network(["north", "south", "west"]) as network:
        yield network


def listen(machine: Machine) -> socket.socket:
    """A socket that accepts connections there and answers nothing else."""
    with machine.inside():
        return socket.create_server((machine.address, 0))


def connect(machine: Machine, to: socket.socket, within_s: float) -> None:
    with machine.inside():
        socket.create_connection(to.getsockname(), timeout=within_s).close()


def test_parted_machines_hear_nothing_of_each_other_until_they_are_joined(network: Network) -> None:
    with listen(network["south"]) as there:
        connect(network["north"], there, 30)
        network.part("north", "south")
        with pytest.raises(TimeoutError):
            connect(network["north"], there, 0.5)
        connect(network["west"], there, 30)
        network.join("north", "south")
        connect(network["north"], there, 30)


def test_a_connection_outlives_the_time_that_its_ends_are_parted(network: Network) -> None:
    with listen(network["south"]) as there:
        with network["north"].inside():
            here = socket.create_connection(there.getsockname(), timeout=30)
        there.settimeout(30)
        accepted, _ = there.accept()
        network.part("north", "south")
        here.sendall(b"under way")
        accepted.settimeout(0.3)
        with pytest.raises(TimeoutError):
            accepted.recv(100)
        network.join("north", "south")
        accepted.settimeout(60)
        assert accepted.recv(100) == b"under way"
        here.close()
        accepted.close()


def test_a_loopback_is_its_machines_own_and_threads_follow_the_one_that_starts_them(network: Network) -> None:
    with network["north"].inside():
        server = socket.create_server(("127.0.0.1", 0))
        seen: list[str] = []
        thread = threading.Thread(target=lambda: seen.append(_reach(server)))
        thread.start()
        thread.join(30)
    with server:
        assert seen == ["reached"]
        with network["south"].inside(), pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.getsockname(), timeout=30)


def _reach(server: socket.socket) -> str:
    socket.create_connection(server.getsockname(), timeout=30).close()
    return "reached"
