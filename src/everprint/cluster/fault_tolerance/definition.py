"""A fault-tolerant VM as its hosts know it: a file that is the same on each of them, written by `apply`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from everprint.cluster.fault_tolerance.machine import Machine, Place

_MOST_OCTETS = 1 << 20
_PATHS = ("kernel", "initrd", "system", "seed")


class BadDefinition(Exception):
    """The file is not what `apply` writes. Says which."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The machine, and where it can be."""

    machine: Machine
    disks: Mapping[str, str]
    """The VM's two disks by their letters, as every host has them."""
    disk_mib: int
    shared: bool
    """All hosts reach both disks."""
    bridge: str
    first_port: int
    hosts: Mapping[str, str]
    """Name to address, on the network between them."""
    home: str
    """The host that has its disk before it first ran."""

    def place(self, host: str, disk: str, folder: Path) -> Place:
        """Where a twin runs on a host, from that disk; `folder` is its own there. Raises KeyError."""
        # A name that is the machine's alone, and short enough for an interface.
        tap = "ft" + self.machine.mac.replace(":", "")
        memory = Path("/dev/shm/everprint-ft") / self.machine.name  # noqa: S108 (a file system in memory, as it must be)
        return Place(self.hosts[host], self.first_port, folder, memory, tap, Path(self.disks[disk]))


def written_definition(definition: Definition) -> str:
    """The file's text."""
    return json.dumps(asdict(definition), indent=1, default=str) + "\n"


def read_definition(path: Path) -> Definition:
    """Raises BadDefinition."""
    try:
        with path.open("rb") as stream:
            read = json.loads(stream.read(_MOST_OCTETS))
        parts = read.pop("machine")
        for key in _PATHS:
            parts[key] = Path(parts[key]) if parts[key] else None
        return Definition(machine=Machine(**{**parts, "qemu": tuple(parts["qemu"])}), **read)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadDefinition(f"{path} cannot be read as the definition of a VM: {error!r}") from None
