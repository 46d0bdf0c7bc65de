"""From QEMU's start to the first good answer of the service in it: what all other times are compared to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.on_cluster.answers import first_after
from bench.on_cluster.figure import Figure, Target
from bench.on_cluster.ground import Ground
from bench.on_cluster.probe import PEOPLE, Probe, asking
from everprint.cluster.live.at_host import must
from everprint.cluster.topology.model import VirtualMachine

BOOT = "boot-to-service: QEMU's start to its health's first good answer"
_BOOTS = 3
_TARGET = Target(10.0)
_FIELD_AFTER_NAME = 19  # starttime, the 22nd of proc(5); the name is the second


def measure_boot(ground: Ground) -> list[Figure]:
    """The Application Server is shut down in order and started, three times."""
    vm, laboratory = ground.server, ground.laboratory
    healths, questions = [], []
    with asking(laboratory.beside, laboratory.folder, "boot", vm.health, PEOPLE) as probe:
        for number in range(1, _BOOTS + 1):
            ground.say(f"Boot {number} of {_BOOTS}")
            health_s, question_s = _boot_once(ground, vm, probe)
            ground.say(f"its health answered after {health_s:.1f} s, its API after {question_s:.1f} s")
            healths.append(health_s)
            questions.append(question_s)
    return [
        Figure(BOOT, tuple(healths), _TARGET),
        Figure("boot: QEMU's start to an answer of its API", tuple(questions)),
    ]


def started_at(stat: str, booted_at: float, ticks_a_second: int) -> float:
    """When a process was started, by /proc/PID/stat and the moment that the machine was."""
    ticks = int(stat.rpartition(")")[2].split()[_FIELD_AFTER_NAME])
    return booted_at + ticks / ticks_a_second


def machine_booted_at() -> float:
    """In seconds of the Unix epoch."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot_once(ground: Ground, vm: VirtualMachine, probe: Probe) -> tuple[float, float]:
    """The seconds until its health answers, and until its API does."""
    with _stopped(ground, vm):
        moment = time.time()

    def has_answered() -> bool:
        return any(answer > moment for answer in probe.answers())

    ground.watch().until(f"the health of {vm.name} to answer", has_answered)
    ground.watch().until(f"{vm.name} to serve", ground.drill.stage.asker.is_answered)
    answered = time.time()
    began = _qemu_started_at(ground, vm)
    return first_after(probe.answers(), began) - began, answered - began


@contextmanager
def _stopped(ground: Ground, vm: VirtualMachine) -> Iterator[None]:
    engine = ground.engine(vm)

    def is_stopped() -> bool:
        seen = engine.seen()
        return seen is not None and seen.state == "stopped" and not seen.host

    ground.order_stop(vm)
    try:
        ground.watch().until(f"{vm.name} to be shut down", is_stopped)
        yield
    finally:
        ground.order_start(vm)


def _qemu_started_at(ground: Ground, vm: VirtualMachine) -> float:
    """The hosts share this machine's kernel, and so its clock."""
    engine = ground.engine(vm)
    ground.watch().until(f"the engine to say where {vm.name} runs", lambda: bool(engine.home()))
    host = engine.home()
    process = must(ground.laboratory, host, ["pgrep", "--oldest", "-f", f"[g]uest={vm.name},"]).output.strip()
    stat = must(ground.laboratory, host, ["cat", f"/proc/{process}/stat"]).output
    return started_at(stat, machine_booted_at(), os.sysconf("SC_CLK_TCK"))
