"""The lab with its fault-tolerant VM: how it is guarded, and one loss of its host."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.fault_tolerance.condition import Condition, Guard
from everprint.cluster.fault_tolerance.layer import condition_of
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster
from everprint.cluster.standing.host_records import AGENTS_STATE
from everprint.cluster.topology.fault_tolerance import fault_tolerant
from rig.waiting import wait_for
from tests.faults.lock_step.guest import Guest, Outcome, People, Said, Say
from tests.faults.lock_step.shim import own_qemu, say_that_it_can, version

LONG_S = 900.0
_LOOK_EVERY_S = 0.5
_SETTLED_S = 30.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one loss of the host came to."""

    lost: str
    taken_over_s: float
    """From the loss."""
    paused_s: float
    """Of the open connection: until the client's TCP tries again, at ever longer intervals."""
    protected_again_s: float
    """From the loss."""
    outcome: Outcome
    condition: Condition

    def row(self) -> str:
        """Of the table."""
        took = (self.taken_over_s, self.paused_s, self.protected_again_s)
        cells = [self.lost, *(f"{seconds:.1f} s" for seconds in took), *self.outcome.cells()]
        cells += [f"{self.condition.checkpoint_ms:.0f} ms"]
        return "".join(f"| {cell} " for cell in cells) + "|"


class Pair:
    """The VM and its twin."""

    def __init__(self, lab: Laboratory, people: People) -> None:
        self.lab = lab
        self.people = people
        self.topology = lab.topology()
        (self.vm,) = fault_tolerant(self.topology)

    def condition(self) -> Condition | None:
        """How it is guarded now."""
        return condition_of(self.topology, self.lab, self.vm)

    def home(self) -> str:
        """The host that runs it; empty: none, or nobody tells."""
        try:
            found = [one.host for one in self.lab.status().resources if one.name == self.vm.name]
        except NoCluster:
            return ""
        return found[0] if found else ""

    def wait_until_protected(self, but_not_by: str = "") -> Condition:
        """Its condition, once it is."""
        found: list[Condition] = []

        def is_protected() -> bool:
            now = self.condition()
            if now is None or now.guard is not Guard.PROTECTED or now.twin == but_not_by:
                return False
            # Before the first checkpoints were measured it costs nothing.
            if now.checkpoint_ms:
                found.append(now)
            return bool(found)

        wait_for("a twin in lock-step", is_protected, within_s=LONG_S, every_s=_LOOK_EVERY_S)
        return found[0]

    def lose_host(self) -> Round:
        """One time."""
        self.wait_until_protected()
        home = self.home()
        name = str(uuid.uuid4())
        lost_at = lost_on_clock = 0.0
        said: Said = {}
        with subprocess.Popen(
            self.lab.beside(self.people.sending(name)), stdout=subprocess.PIPE, text=True
        ) as client:
            assert client.stdout is not None
            for line in client.stdout:
                said = json.loads(line)
                if not lost_at and float(str(said.get("part", 0))) > 1 / 4:
                    lost_at, lost_on_clock = time.monotonic(), time.time()
                    self.lab.do("off", home)
        if client.returncode != 0 or "paused_s" not in said:
            raise SystemExit(
                f"the connection was lost with {home}; the client ended with {client.returncode}: {said}\n"
                f"{self._last_words()}"
            )
        condition = self.wait_until_protected(but_not_by=home)
        took_s = time.monotonic() - lost_at
        noted = self.lab.run(self.home(), ["stat", "--format=%.Y", f"/var/lib/everprint/runs/{self.vm.name}"])
        self.lab.do("on", home)
        outcome = self.people.outcome(name, said)
        wait_for(f"{home} to join again", lambda: self._is_online(home), within_s=LONG_S, every_s=_LOOK_EVERY_S)
        return Round(
            lost=home,
            taken_over_s=float(noted.output) - lost_on_clock,
            paused_s=float(str(said["paused_s"])),
            protected_again_s=took_s,
            outcome=outcome,
            condition=condition,
        )

    def _last_words(self) -> str:
        """What the VM's consoles and their QEMU said last, on the hosts that are there."""
        time.sleep(_SETTLED_S)
        said = []
        for host in (host.name for host in self.topology.hosts):
            for name in ("console", "messages", "keeping.log"):
                file = f"{AGENTS_STATE}/everprint-ft-{self.vm.name}/{name}"
                with suppress(HostUnreachable):
                    said.append(f"{host}: {name}\n{self.lab.run(host, ['tail', '-n', '30', file]).output}")
        return "\n".join(said)

    def _is_online(self, host: str) -> bool:
        try:
            return any(each.name == host and each.state == "online" for each in self.lab.status().hosts)
        except NoCluster:
            return False


@contextmanager
def running_pair(folder: Path, guest: Guest, say: Say) -> Iterator[Pair]:
    """A lab with the VM protected; what it costs people is said before and after."""
    lab = Laboratory(folder / "lab")
    say(f"QEMU {version()}")
    try:
        lab.up(guest.topology(), say, image=guest.image(folder, say), further=own_qemu(folder))
        with guest.people(lab, say) as people:
            pair = Pair(lab, people)
            wait_for(
                "it to be said why it is not protected",
                lambda: "was never tried" in str(pair.condition()),
                within_s=LONG_S,
                every_s=_LOOK_EVERY_S,
            )
            say(f"Before the trial is known: {pair.condition()}")
            say(f"Without a twin: {people.cost()}")
            say_that_it_can(lab, folder)
            _tell_of(pair, say)
            yield pair
    finally:
        lab.down()


def _tell_of(pair: Pair, say: Callable[[str], None]) -> None:
    say(f"Then: {pair.wait_until_protected()}")
    say(f"With a twin: {pair.people.cost()}")
    say(f"Then: {pair.condition()}")
