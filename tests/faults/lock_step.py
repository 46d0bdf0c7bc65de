"""The host of a fault-tolerant VM dies while a client streams a document to it by one connection: again and again.

Run it by hand as root: `python -m tests.faults.lock_step --times 10`. Three hosts of a lab with a real engine, and a
small guest that takes documents (`rig.streaming_guest`). Each time the host that runs the VM loses its power in
mid-document; the document must arrive whole by the same connection, its job must be charged once, and the VM must
be protected again by the third host without anybody's doing. Then the lost host is switched on for the next time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from statistics import median

from everprint.cluster.fault_tolerance.condition import Condition, Guard
from everprint.cluster.fault_tolerance.layer import condition_of
from everprint.cluster.fault_tolerance.verdict import VERDICT, Verdict, installed_version, write_verdict
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster
from everprint.cluster.topology.model import VirtualMachine
from rig.streaming_guest import PORT, make_image
from rig.waiting import wait_for

QEMU = "qemu-system-x86_64"
WHOLE = 11
"""From which release of QEMU lock-step works in emulation without the shim."""
ROOT = Path(__file__).parents[2]
SHIM = ROOT / "rig" / "tcg_shim.c"
SHIM_ON_HOSTS = "/usr/lib/tcg_shim.so"
OCTETS, LASTING_S = 1_000_000, 25.0
SMALL_OCTETS, COST_S = 20_000, 15.0
LONG_S = 300.0


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
    whole: bool
    charged: int
    condition: Condition

    @property
    def is_right(self) -> bool:
        return self.whole and self.charged == 1

    def row(self) -> str:
        """Of the table."""
        took = (self.taken_over_s, self.paused_s, self.protected_again_s)
        document = "whole" if self.whole else "WRONG"
        return " | ".join(
            [f"| {self.lost}", *(f"{seconds:.1f} s" for seconds in took), document, f"{self.charged} |"]
        )


class Pair:
    """The lab with its VM."""

    def __init__(self, lab: Laboratory) -> None:
        self.lab = lab
        self.topology = lab.topology()
        self.vm: VirtualMachine = self.topology.vms[0]

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

        wait_for("a twin in lock-step", is_protected, within_s=LONG_S)
        return found[0]

    def lose_host(self) -> Round:
        """One time."""
        self.wait_until_protected()
        home = self.home()
        name = str(uuid.uuid4())
        argv = [sys.executable, "-IS", str(ROOT / "tests" / "faults" / "streaming_client.py")]
        argv += [str(self.vm.address), str(PORT), name, str(OCTETS), str(LASTING_S)]
        lost_at = lost_on_clock = 0.0
        end: dict[str, object] = {}
        with subprocess.Popen(self.lab.beside(argv), stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout is not None
            for line in client.stdout:
                end = json.loads(line)
                if not lost_at and int(str(end.get("sent", 0))) > OCTETS // 4:
                    lost_at, lost_on_clock = time.monotonic(), time.time()
                    self.lab.do("off", home)
        if client.returncode != 0 or "whole" not in end:
            raise SystemExit(f"the connection was lost with {home}; the client ended with {client.returncode}: {end}")
        condition = self.wait_until_protected(but_not_by=home)
        took_s = time.monotonic() - lost_at
        noted = self.lab.run(self.home(), ["stat", "--format=%.Y", f"/var/lib/everprint/runs/{self.vm.name}"])
        self.lab.do("on", home)
        wait_for(f"{home} to join again", lambda: self._is_online(home), within_s=LONG_S)
        return Round(
            lost=home,
            taken_over_s=float(noted.output) - lost_on_clock,
            paused_s=float(str(end["paused_s"])),
            protected_again_s=took_s,
            whole=bool(end["whole"]),
            charged=int(str(end["charged"])),
            condition=condition,
        )

    def cost(self) -> str:
        """What people get while it is as it is: small documents, one after the other."""
        argv = [sys.executable, "-S", str(ROOT / "tests" / "faults" / "many_jobs_client.py")]
        argv += [str(self.vm.address), str(PORT), str(SMALL_OCTETS), str(COST_S)]
        done = subprocess.run(self.lab.beside(argv), capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        return f"{found['jobs_a_second']:.1f} documents a second, {found['median_ms']:.0f} ms each (median)"

    def _is_online(self, host: str) -> bool:
        try:
            return any(each.name == host and each.state == "online" for each in self.lab.status().hosts)
        except NoCluster:
            return False


@contextmanager
def running_pair(folder: Path, say: Callable[[str], None]) -> Iterator[Pair]:
    """A lab of three hosts with the VM protected; where QEMU needs it, with the shim."""
    text = resources.files("everprint.cluster.lab").joinpath("rehearsal.toml").read_text("utf-8")
    text = text.replace('protection = "ha"', 'protection = "fault-tolerant"').replace('"1 GiB"', '"64 MiB"')
    make_image(folder / "image", "10.98.0.51/24")
    lab = Laboratory(folder / "lab")
    try:
        lab.up(text, say, image=folder / "image")
        pair = Pair(lab)
        _prove(pair, folder, say)
        yield pair
    finally:
        lab.down()


def _prove(pair: Pair, folder: Path, say: Callable[[str], None]) -> None:
    """Says on each host that its QEMU can, with the shim where it cannot without, and starts the VM with that."""
    version = installed_version((QEMU,))
    say(f"QEMU {version}")
    cured = int(version.partition(".")[0]) < WHOLE
    files = {str(VERDICT): (folder / "verdict.json", 0o644)}
    write_verdict(folder / "verdict.json", Verdict(version, "tcg", passed=True))
    if cured:
        shim = folder / "shim.so"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
        wrapper = folder / "wrapper"
        wrapper.write_text(f'#!/bin/sh\nLD_PRELOAD={SHIM_ON_HOSTS} exec /usr/bin/{QEMU} "$@"\n')
        files |= {SHIM_ON_HOSTS: (shim, 0o755), f"/usr/sbin/{QEMU}": (wrapper, 0o755)}
    wait_for(
        "it to be said why it is not protected", lambda: "was never tried" in str(pair.condition()), within_s=LONG_S
    )
    say(f"Before the trial is known: {pair.condition()}")
    say(f"Without a twin: {pair.cost()}")
    for host in pair.lab.plan().hosts:
        for path, (file, mode) in files.items():
            put = f'mkdir -p "$(dirname "$0")" && cat >"$0" && chmod {mode:o} "$0"'
            answer = pair.lab.run(host.name, ["sh", "-c", put, path], stdin=file.read_bytes())
            assert answer.is_well, answer.complaint
    if cured:
        # The one that runs has no shim yet. Unprotected as it is, it is started anew.
        pair.lab.run(pair.home(), ["pkill", "-KILL", "-f", f"{QEMU}.*-name {pair.vm.name}"])
    say(f"Then: {pair.wait_until_protected()}")
    say(f"With a twin: {pair.cost()}")


def main() -> int:
    """The command; exit code 1 if the promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=10)
    arguments = parser.parse_args()
    rounds: list[Round] = []

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="everprint-lock-step-") as name, running_pair(Path(name), say) as pair:
        print("| | lost host | taken over after | connection paused | protected again after | document | charged |")
        print("|--:|---|--:|--:|--:|---|--:|")
        for number in range(1, arguments.times + 1):
            one = pair.lose_host()
            rounds.append(one)
            print(f"| {number} {one.row()}", flush=True)
    for what, seconds in (
        ()
        if not rounds
        else (
            ("Taken over", [one.taken_over_s for one in rounds]),
            ("Paused", [one.paused_s for one in rounds]),
        )
    ):
        print(f"{what}: {min(seconds):.1f} to {max(seconds):.1f} s, median {median(seconds):.1f} s.")
    return 0 if all(one.is_right for one in rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
