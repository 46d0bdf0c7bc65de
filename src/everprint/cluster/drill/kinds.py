"""What a drill lets fail, and in which sense it is over."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of failure, by the names that `everprint cluster drill` has for them."""

    HOST = "host"
    VM = "vm"
    APPLICATION = "application"
    PANIC = "panic"
    PARTITION = "partition"
    ENGINE = "engine"
    FREEZE = "freeze"

    @property
    def words(self) -> str:
        """What happens, after *alpha: * or *server at alpha: *."""
        return _WORDS[self]

    @property
    def takes_the_host(self) -> bool:
        """Must the whole host be switched off before what it ran may run again?"""
        return self not in (Kind.VM, Kind.APPLICATION, Kind.PANIC)


_WORDS = {
    Kind.HOST: "the host loses its power",
    Kind.VM: "its process is killed",
    Kind.APPLICATION: "the application's processes stand still",
    Kind.PANIC: "the guest's kernel panics",
    Kind.PARTITION: "all cables of the host are pulled",
    Kind.ENGINE: "the engine's processes on the host are killed",
    Kind.FREEZE: "every process of the host stands still",
}

LIVE = frozenset({Kind.HOST, Kind.VM, Kind.APPLICATION, Kind.PANIC, Kind.ENGINE})
"""What can be done to real hosts: nobody can pull their cables, or let them stand still, from here."""
