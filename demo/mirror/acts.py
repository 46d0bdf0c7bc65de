"""The two acts: a host dies with both copies as good, and one dies whose copy alone is good."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from demo.mirror.crowd import Crowd, crowd_that_prints
from demo.mirror.scene import Loss, Scene
from demo.mirror.telling import Story
from demo.mirror.verdict import LeftBehind, Outcome
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.topology.model import VirtualMachine

_REFUSED_FOR_S = 30.0
"""So long after the refusal the VMs are looked for at the host whose copies were left behind."""
_LOOK_EVERY_S = 1.0
_SHARE_BEFORE = 3
_SHARE_DEGRADED = 10
_FEW = 10


@dataclass(frozen=True, slots=True)
class Act:
    """What one act came to. Times are seconds from the loss on, unless it is said otherwise."""

    title: str
    loss: Loss
    outcome: Outcome
    missed_s: float
    off_s: float
    started_s: float
    """All VMs: at the other host; after a refusal, at the host that came back, from when it was switched on."""
    served_s: float
    """All services; counted as `started_s`."""
    in_sync_s: float
    """Until the cluster held both copies for good again, from when the host was switched on, or the cable put in."""
    left_behind: tuple[LeftBehind, ...] = ()

    def wrong(self) -> list[str]:
        """A sentence for each broken promise."""
        return [*self.outcome.wrong(), *(sentence for one in self.left_behind for sentence in one.wrong())]


def lose_the_host(scene: Scene, story: Story, jobs: int, clients: int) -> Act:
    """A third of the jobs are accepted, and the host that runs the VMs dies. Raises DrillFailed."""
    home = scene.home()
    other = scene.other(home)
    scene.wait_until_in_sync()
    story.say(
        f"The VMs run at {home}, and each write is acknowledged when {other} has it too; {clients} people print"
    )
    with _crowd(scene, story, clients) as crowd:
        crowd.wait_until_accepted(jobs // _SHARE_BEFORE)
        if scene.current() != {tuple(sorted(scene.pair))}:
            raise DrillFailed("a mirror was lost before the host was: nothing can be learnt from that; try again")
        story.say(f"{len(crowd.accepted())} jobs are accepted")
        loss = scene.lose(home)
        missed_s, off_s = scene.wait_until_fenced(loss)
        scene.wait_until_started(other)
        started_s = time.time() - loss.begun
        scene.wait_until_served()
        served_s = time.time() - loss.begun
        switched_on = time.time()
        scene.bring_back(home)
        crowd.wait_until_accepted(jobs)
    story.say("Nobody prints any more; the last jobs are printed and paid")
    outcome = crowd.outcome(jobs)
    in_sync_s = scene.wait_until_in_sync() - switched_on
    story.say(f"both hosts have all of it again since {in_sync_s:.0f} s after {home} was switched on")
    scene.forget_failures()
    return Act("host lost", loss, outcome, missed_s, off_s, started_s, served_s, in_sync_s)


def lose_the_good_copy(scene: Scene, story: Story, jobs: int, clients: int) -> Act:
    """The copies stop going over, jobs are accepted, and then the host with them dies. Raises DrillFailed."""
    home = scene.home()
    other = scene.other(home)
    scene.wait_until_in_sync()
    few = max(_FEW, jobs // _SHARE_DEGRADED)
    with _crowd(scene, story, clients) as crowd:
        crowd.wait_until_accepted(few)
        noted_s = scene.cut_copies_off(other)
        before = {vm.name: scene.copy_at(vm, other) for vm in scene.vms}
        alone = len(crowd.accepted())
        story.say(f"the cluster knows after {noted_s:.1f} s that {other}'s copies count no more; the VMs go on")
        crowd.wait_until_accepted(alone + few)
        story.say(f"{len(crowd.accepted()) - alone} jobs are accepted that only {home} has")
        loss = scene.lose(home)
        missed_s, off_s = scene.wait_until_fenced(loss)
        left = _refusals(scene, story, other, before)
        began = time.monotonic()
        scene.bring_back(home)
        scene.wait_until_started(home)
        started_s = time.monotonic() - began
        scene.wait_until_served()
        served_s = time.monotonic() - began
        wanted = len(crowd.accepted()) + few
        crowd.wait_until_accepted(wanted)
    story.say("Nobody prints any more; the last jobs are printed and paid")
    outcome = crowd.outcome(wanted)
    story.say(f"{other}: the cable is plugged in")
    plugged_in = time.time()
    scene.join_copies(other)
    in_sync_s = scene.wait_until_in_sync() - plugged_in
    story.say(f"both hosts have all of it again since {in_sync_s:.0f} s after that")
    scene.forget_failures()
    return Act("mirror broken, then host lost", loss, outcome, missed_s, off_s, started_s, served_s, in_sync_s, left)


def _crowd(scene: Scene, story: Story, clients: int) -> AbstractContextManager[Crowd]:
    lab = scene.laboratory
    return crowd_that_prints(lab.beside, lab.folder, scene.stage, clients, scene.patience_s, story.say)


def _refusals(scene: Scene, story: Story, host: str, before: dict[str, str]) -> tuple[LeftBehind, ...]:
    """Waits until the old copies were refused, by itself and when tried again by hand, and looks whether one runs."""
    ran: dict[str, tuple[str, ...]] = {vm.name: () for vm in scene.vms}
    said = dict.fromkeys(ran, "")
    for why in ("by itself", "when the engine is told to try again"):
        for vm in scene.vms:
            waited_s = scene.until(f"a word on {vm.name}", partial(_is_new, scene, vm, host, said[vm.name]))
            said[vm.name] = scene.complaint(vm)
            story.say(f"{vm.name} is not started {why}, says the engine after {waited_s:.1f} s more:")
            story.say(f"   {said[vm.name]}")
        deadline = time.monotonic() + _REFUSED_FOR_S
        while time.monotonic() < deadline:
            for vm in scene.vms:
                ran[vm.name] = ran[vm.name] or scene.ran(vm, host)
            time.sleep(_LOOK_EVERY_S)
        if why == "by itself":
            story.show(scene.overview())
            scene.forget_failures()
    good = scene.other(host)
    return tuple(
        LeftBehind(vm.name, host, good, said[vm.name], ran[vm.name], before[vm.name], scene.copy_at(vm, host))
        for vm in scene.vms
    )


def _is_new(scene: Scene, vm: VirtualMachine, host: str, known: str) -> bool:
    """Does the engine show another failure of it at that host than before, or does it run?"""
    complaint = scene.complaint(vm)
    return (complaint != known and f" on {host}: " in complaint) or bool(scene.ran(vm, host))
