"""A host is emptied for work on it while somebody prints, and may run things again."""

from __future__ import annotations

import time

from bench.on_cluster.figure import Figure, jobs_of
from bench.on_cluster.ground import Ground
from everprint.cluster.compilation.names import resource_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.live.drain import drain, stopped_by_drain, undrain
from everprint.cluster.live.status import ClusterStatus

TITLE = "drain of a host with jobs running"
_PAUSE_S = 0.25


def measure_drain(ground: Ground) -> list[Figure]:
    """The host with the Application Server, and whatever else runs there."""
    topology, laboratory = ground.topology, ground.laboratory
    host = ground.engine(ground.server).home()
    if homeless := stopped_by_drain(topology, laboratory, host):
        raise DrillFailed(f"{', '.join(homeless)} would run nowhere without {host}")
    moved = [vm for vm in topology.vms if ground.places().get(resource_of(vm)) == host]
    with ground.drill.printing("drain") as people:
        ground.say(f"{host} is drained of {', '.join(vm.name for vm in moved)}")
        try:
            began = time.monotonic()
            drain(topology, laboratory, host, within_s=ground.drill.within_s, tell=_nothing, pause_s=_PAUSE_S)
            empty_s = time.monotonic() - began
            ground.say(f"{host} is empty after {empty_s:.1f} s")
            people.wait_for_more()
        finally:
            watch = ground.watch()
            undrain(topology, laboratory, host)
        back_s = watch.until(f"{host} to take part, and all VMs to run", lambda: _takes_part(ground, host))
        ground.say(f"{host} takes part again after {back_s:.1f} s")
        places = ground.places()
        people.wait_for_more()
    jobs = jobs_of([people.settled()])
    for vm in moved:
        ground.require_came_live(vm, places[resource_of(vm)])
    back = sum(place == host for place in ground.places().values())
    return [
        Figure(f"{TITLE}: empty, {len(moved)} VMs moved live", (empty_s,), jobs=jobs),
        Figure(f"undrain: it takes part again and all VMs run; {back} moved back by themselves", (back_s,)),
    ]


def _takes_part(ground: Ground, host: str) -> bool:
    return host in ground.online() and len(ground.places()) == len(ground.topology.vms)


def _nothing(_: ClusterStatus) -> None:
    """Nobody looks on: the time is what counts."""
