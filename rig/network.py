"""Machines for parts to run on: network namespaces on one Ethernet, any two of which can be parted.

A machine has its own loopback and one address; parts on it listen on the loopback as everywhere, and what others may
reach is passed on from the address (tests/faults/storm/relay.py). Needs root. Nothing is left behind: a namespace
ends with the last process and the last descriptor in it, and none has a name outside.

Where namespaces cannot be had there is one machine, THIS_MACHINE, and everything is on its loopback.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
# Of no network card: what is sent there arrives nowhere, and nothing says so.
_NOBODY = "02:00:00:00:00:00"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a part runs. Inside the block of inside() this thread, and what it starts, is there."""

    name: str
    address: str
    inside: Callable[[], AbstractContextManager[None]] = field(default=nullcontext, repr=False, compare=False)


THIS_MACHINE = Machine("this machine", "127.0.0.1")


class Network:
    """Machines that reach each other, until they are parted."""

    def __init__(self, machines: Sequence[Machine], namespaces: dict[str, int]) -> None:
        self._machines = {machine.name: machine for machine in machines}
        self._namespaces = namespaces

    def __getitem__(self, name: str) -> Machine:
        return self._machines[name]

    def part(self, one: str, other: str) -> None:
        """From now on nothing goes from one to the other, and nobody is told."""
        for here, there in ((one, other), (other, one)):
            address = self._machines[there].address
            _ip(
                self._namespaces[here],
                f"neigh replace {address} lladdr {_NOBODY} dev eth0 nud permanent",
            )

    def join(self, one: str, other: str) -> None:
        """The two reach each other again."""
        for here, there in ((one, other), (other, one)):
            with suppress(subprocess.CalledProcessError):  # they were not parted
                _ip(self._namespaces[here], f"neigh del {self._machines[there].address} dev eth0")


def can_have_machines() -> bool:
    """True if this process may make network namespaces."""
    try:
        descriptor = _new_namespace()
    except OSError:
        return False
    os.close(descriptor)
    return True


@contextmanager
def run_network(names: Sequence[str]) -> Iterator[Network]:
    """A machine of each name, for as long as the block lasts. Call it from one thread.

    Raises OSError where namespaces cannot be had (can_have_machines).
    """
    with ExitStack() as stack:

        def namespace() -> int:
            descriptor = _new_namespace()
            stack.callback(os.close, descriptor)
            return descriptor

        switch = namespace()
        _ip(switch, "link add switch type bridge", "link set switch up")
        namespaces: dict[str, int] = {}
        machines: list[Machine] = []
        for number, name in enumerate(names, start=1):
            machine = Machine(name, f"10.99.0.{number}", _entrance(namespaces, name))
            namespaces[name] = namespace()
            with _inside(switch):  # where the other end of the cable goes: to this thread's namespace
                here = threading.get_native_id()
                _ip(namespaces[name], f"link add eth0 type veth peer name port{number} netns {here}")
            _ip(
                namespaces[name],
                "link set lo up",
                f"addr add {machine.address}/24 dev eth0",
                "link set eth0 up",
            )
            _ip(switch, f"link set port{number} master switch up")
            machines.append(machine)
        yield Network(machines, namespaces)


def _entrance(namespaces: dict[str, int], name: str) -> Callable[[], AbstractContextManager[None]]:
    return lambda: _inside(namespaces[name])


@contextmanager
def _inside(namespace: int) -> Iterator[None]:
    before = _own_namespace()
    try:
        _enter(namespace)
        try:
            yield
        finally:
            _enter(before)
    finally:
        os.close(before)


def _new_namespace() -> int:
    before = _own_namespace()
    try:
        if _libc.unshare(_CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "no network namespace can be made here")
        try:
            return _own_namespace()
        finally:
            _enter(before)
    finally:
        os.close(before)


def _own_namespace() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")


def _ip(namespace: int, *commands: str) -> None:
    """Runs commands of iproute2 there."""
    place = f"--net=/proc/{os.getpid()}/fd/{namespace}"
    subprocess.run(
        ["nsenter", place, "ip", "-batch", "-"],
        input="\n".join(commands) + "\n",
        text=True,
        check=True,
        capture_output=True,
    )
