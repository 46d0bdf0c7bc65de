"""What a platform's driver can do for us: asked of the driver by questions that change nothing, not known by heart.

libvirt's drivers differ in what they have functions for, from release to release. What can only be known by doing it
(start, stop) is told when it is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.hypervisor.connection import Connection


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that the driver may have."""

    name: str
    question: str
    """To virsh; {} is a VM."""
    without: str
    """What is so if the driver lacks it."""


CAPABILITIES = (
    Capability("state", "domstate {}", "nothing can be said of the VMs: use the platform's own monitoring"),
    Capability("console address", "domdisplay {}", "look at a VM's screen in the platform's own console"),
    Capability(
        "events",
        "event {} lifecycle --timeout 1",
        "what happens to a VM is seen at the next question only, not at once",
    ),
    Capability("snapshots", "snapshot-list {}", "use the platform's own snapshots before an upgrade"),
    Capability("backup", "backup-dumpxml {}", "use the platform's own backup: everprint cluster backup cannot be"),
    Capability("running jobs", "domjobinfo {}", "how far a move or a snapshot is, only the platform tells"),
    Capability("guest agent", "guestinfo {}", "what the guest says of itself is not seen: its service is asked"),
    Capability("addresses", "domifaddr {}", "a VM's address is taken from the topology, not found out"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A capability, and whether the driver has it."""

    name: str
    has: bool
    without: str

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {"name": self.name, "has": self.has, "without": self.without}


def ask_capabilities(connection: Connection, vm: str) -> tuple[Found, ...]:
    """What the driver has, asked about one VM. Raises HypervisorTrouble if the platform does not answer at all."""
    connection.states([vm])
    return tuple(Found(one.name, not connection.lacks(one.question.format(vm)), one.without) for one in CAPABILITIES)
