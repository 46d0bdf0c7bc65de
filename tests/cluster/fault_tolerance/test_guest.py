"""What the trial's guest leaves on its disk, and the twins' command lines."""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.fault_tolerance import command_line
from everprint.cluster.fault_tolerance.machine import COMPARE, MIGRATION, MIRROR, NBD, Machine, Place
from everprint.cluster.fault_tolerance.self_test.guest import BLOCK_OCTETS, last_number


def disk(*numbers: int) -> bytes:
    blocks = bytearray((max(numbers, default=0) + 2) * BLOCK_OCTETS)
    for number in numbers:
        text = f"{number}\n".encode()
        blocks[number * BLOCK_OCTETS : number * BLOCK_OCTETS + len(text)] = text
    return bytes(blocks)


def test_numbers_on_the_disk_count_up_to_the_first_that_is_missing() -> None:
    assert last_number(b"") == last_number(disk()) == 0
    assert last_number(disk(1, 2, 3)) == 3
    assert last_number(disk(1, 2, 4)) == 2


def test_the_twins_are_the_same_machine_but_for_their_place() -> None:
    machine = Machine("print1", 128, Path("/k"), Path("/i"), "quiet", "52:54:00:00:00:01")
    here, there = (
        Place(f"198.18.0.{n}", 9003, Path(f"/run/{n}"), Path(f"/mem/{n}"), "tap0", Path(f"/run/{n}/disk"))
        for n in (2, 3)
    )
    alone, twin = command_line.alone(machine, here), command_line.secondary(machine, there, here)
    same = [word.replace("/run/2", "/run/3") for word in alone[: alone.index("-drive")]]
    assert twin[: len(same)] == same
    assert twin[-2:] == ["-incoming", "tcp:198.18.0.3:9005"]
    # It connects to the primary: to its mirror and its comparison.
    assert [word for word in twin if "host=198.18.0.2" in word] == [
        "socket,id=red0,host=198.18.0.2,port=9003",
        "socket,id=red1,host=198.18.0.2,port=9004",
    ]
    assert len({here.port(which) for which in (MIRROR, COMPARE, MIGRATION, NBD)}) == 4
