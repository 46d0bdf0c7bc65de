"""Live migration of the Application Server's VM: how long it takes, and how long nobody gets an answer meanwhile."""

from __future__ import annotations

import re
import time

from bench.on_cluster.answers import longest_gap
from bench.on_cluster.figure import Figure, Target
from bench.on_cluster.ground import Ground
from bench.on_cluster.probe import CLOSE, HEALTH_WHILE_MOVED, asking
from everprint.cluster.compilation.names import resource_of
from everprint.cluster.drill.errors import DrillFailed

TITLE = "live migration"
_MOVES = 4
_AROUND_S = 3.0
_TARGET = Target(0.3)


def measure_migration(ground: Ground) -> list[Figure]:
    """It is moved four times, while its port and its health are asked from the people's side."""
    vm, laboratory = ground.server, ground.laboratory
    totals, connections, healths, standstills = [], [], [], []
    with (
        asking(laboratory.beside, laboratory.folder, "port", vm.health, CLOSE, by_http=False) as port,
        asking(laboratory.beside, laboratory.folder, "health", vm.health, HEALTH_WHILE_MOVED) as health,
    ):
        for _ in range(_MOVES):
            time.sleep(_AROUND_S)
            began = time.time()
            totals.append(_move(ground))
            time.sleep(_AROUND_S)
            ended = time.time()
            connections.append(longest_gap(port.answers(), began, ended))
            healths.append(longest_gap(health.answers(), began, ended))
            if (standstill := _standstill(ground)) is not None:
                standstills.append(standstill)
            ground.say(
                f"moved in {totals[-1]:.1f} s, longest gap {connections[-1]:.2f} s, {healths[-1]:.2f} s (health)"
            )
    return [
        Figure(f"{TITLE}: total, order to the engine until it runs elsewhere", tuple(totals)),
        *([Figure(f"{TITLE}: the guest stands still, by QEMU's count", tuple(standstills))] if standstills else []),
        Figure(f"{TITLE}: gap for who connects every 20 ms", tuple(connections), _TARGET),
        Figure(f"{TITLE}: gap for who asks its health every 0.2 s", tuple(healths), _TARGET),
    ]


def standstill_of(job: str) -> float | None:
    """The seconds that a guest stood still, in what `virsh domjobinfo --completed` says; None if it does not say."""
    found = re.search(r"^Total downtime:\s+(\d+)\s+ms", job, re.MULTILINE)
    return int(found[1]) / 1000 if found else None


def _move(ground: Ground) -> float:
    """Its seconds. Raises DrillFailed, also if it was stopped and started instead."""
    vm = ground.server
    engine = ground.engine(vm)
    source = engine.home()
    target = next((name for name in ground.online() if name != source), "")
    if not source or not target:
        raise DrillFailed(f"{vm.name} runs nowhere, or there is no host that it could be moved to")
    ground.say(f"{vm.name} is moved from {source} to {target}")
    watch = ground.watch()
    try:
        ground.order("--resource", resource_of(vm), "--move", "--node", target)
        took = watch.until(f"{vm.name} to run on {target}", lambda: engine.home() == target)
    finally:
        # The engine's tool makes a constraint for it; that the VM stays is the engine's usual way.
        ground.order("--resource", resource_of(vm), "--clear")
    ground.require_came_live(vm, target)
    return took


def _standstill(ground: Ground) -> float | None:
    vm = ground.server
    home = ground.engine(vm).home()
    if not home:
        return None
    return standstill_of(ground.laboratory.run(home, ["virsh", "domjobinfo", vm.name, "--completed"]).output)
