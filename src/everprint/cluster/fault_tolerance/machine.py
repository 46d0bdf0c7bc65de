"""What a fault-tolerant VM is, and the two places in which its twins run.

libvirt has no word for COLO, so these VMs are QEMU processes of ours. Both twins must be the same machine: same QEMU,
same processor model, same memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIRROR, COMPARE, MIGRATION, NBD = range(4)
"""What is said to the other host by a port of its own, counted from the VM's first one."""
PORTS = 4


@dataclass(frozen=True, slots=True)
class Machine:
    """A VM as both hosts know it. One processor: COLO with more was never seen to work under TCG."""

    name: str
    memory_mib: int
    kernel: Path | None
    """Started directly; None: the disk's boot loader is."""
    initrd: Path | None
    append: str
    """The kernel's command line."""
    mac: str
    accelerator: str = "tcg,thread=multi"
    processor: str = "Westmere"
    """QEMU's word. The twins' must be the same, so it is one that every host has; numpy, by which the Print Provider
    reads documents, runs on no lesser one (x86-64-v2)."""
    qemu: tuple[str, ...] = ("qemu-system-x86_64",)
    """How QEMU is started: the program, with what stands before it."""
    system: Path | None = None
    """A raw disk before the VM's own that nobody writes, the same on both hosts."""
    seed: Path | None = None
    """One behind it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of the twins runs."""

    address: str
    """The host's, on the network between the two."""
    first_port: int
    """TCP; the VM takes four from there."""
    folder: Path
    """Its sockets and what it says."""
    memory: Path
    """A folder in memory: what the secondary writes between two checkpoints."""
    tap: str
    disk: Path
    """The VM's disk, qcow2."""

    @property
    def qmp(self) -> Path:
        """Socket of QEMU's monitor."""
        return self.folder / "qmp"

    @property
    def watch(self) -> Path:
        """Another one: each serves one at a time."""
        return self.folder / "watch"

    @property
    def active(self) -> Path:
        """What the secondary wrote since the last checkpoint."""
        return self.memory / "active.qcow2"

    @property
    def hidden(self) -> Path:
        """What the primary's writes since then replaced."""
        return self.memory / "hidden.qcow2"

    def port(self, which: int) -> int:
        """The TCP port for MIRROR, COMPARE, MIGRATION or NBD."""
        return self.first_port + which
