"""Backups of a VM in use, beside virtnbdbackup: how long, how much, and what the guest's own writing felt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.result import Result
from tests.cluster.backup.guest_world import GuestWorld
from tests.cluster.hypervisor import NOBODY, Hypervisor

TITLE = "Backup of a VM in use, full and incremental, beside virtnbdbackup"

# Each write waits for the disk, as a database's commit does; the longest is what somebody waited for.
_WRITER = (
    "while [ -e /data/go ]; do a=$(cut -d' ' -f1 /proc/uptime); "
    "dd if=/dev/zero of=/data/commit bs=4k count=1 conv=fsync 2>/dev/null; "
    "b=$(cut -d' ' -f1 /proc/uptime); echo \"$a $b\"; usleep 20000; done >/tmp/commits"
)


def run(quick: bool) -> Result:
    """Fills a disk, keeps the guest writing, and takes points by turns. Needs root, restic and virtnbdbackup."""
    used_mib, fresh_mib, rounds = (40, 5, 1) if quick else (400, 20, 3)
    result = Result(
        title=TITLE,
        columns=("", "seconds", "MiB written", "guest's longest commit, ms"),
        notes=[
            f"A guest of 96 MiB in software (TCG), ext4 with {used_mib} MiB used, a 4 KiB commit with fsync every "
            f"20 ms; {fresh_mib} MiB of noise were written before each incremental point. Median of {rounds} rounds "
            "for the incremental points.",
            "Ours: quiesced, copied, digests taken, encrypted and stored by restic, also the kernel and initrd that "
            "the VM boots. virtnbdbackup 1.9: quiesced, neither encrypted nor with digests, into a folder.",
        ],
    )
    missing = [program for program in ("restic", "virtnbdbackup") if shutil.which(program) is None]
    if missing or os.geteuid() != 0:
        result.notes.append(f"Not measured: it needs root, and these are not installed: {', '.join(missing) or '-'}.")
        return result
    folder = Path(tempfile.mkdtemp(prefix="evp-"))
    hypervisor = Hypervisor(folder)
    try:
        hypervisor.wait()
        world = GuestWorld(hypervisor, f"vm{os.getpid()}", disk="1G")
        world.start()
        world.fresh_target()
        for number in range(used_mib // 20):
            world.in_guest(f"head -c 20000000 /dev/urandom >/data/used{number}; sync")
        rows: dict[str, list[tuple[float, float, float]]] = {}
        for number in range(rounds + 1):
            kind = "incremental" if number else "full"
            if number:
                world.in_guest(f"head -c {fresh_mib}000000 /dev/urandom >/data/fresh; sync")
            rows.setdefault(f"everprint, {kind}", []).append(_measured(world, partial(_ours, world)))
        for name in world.checkpoints():
            hypervisor.virsh("checkpoint-delete", world.name, name)
        for number in range(rounds + 1):
            kind = "incremental" if number else "full"
            if number:
                world.in_guest(f"head -c {fresh_mib}000000 /dev/urandom >/data/fresh; sync")
            theirs = _measured(world, partial(_theirs, world, "inc" if number else "full"))
            rows.setdefault(f"virtnbdbackup, {kind}", []).append(theirs)
        result.rows.append(("no backup", "", "", f"{_measured(world, _nothing)[2]:.0f}"))
        restored_s, served_s = _restored(world)
    finally:
        hypervisor.end()
        shutil.rmtree(folder)
    for name, measured in rows.items():
        middle = sorted(measured)[len(measured) // 2]
        result.rows.append((name, f"{middle[0]:.1f}", f"{middle[1]:.1f}", f"{middle[2]:.0f}"))
    result.rows.append(("everprint, newest point restored in place", f"{restored_s:.1f}", "", ""))
    result.rows.append(("everprint, that and the VM started, its agent answers", f"{served_s:.1f}", "", ""))
    return result


def _measured(world: GuestWorld, backup: Callable[[], float]) -> tuple[float, float, float]:
    """Seconds, MiB, and the guest's longest commit meanwhile in ms."""
    world.in_guest(f"touch /data/go; ({_WRITER}) </dev/null >/dev/null 2>&1 &")
    began = time.monotonic()
    written = backup()
    took = time.monotonic() - began
    said = world.in_guest("rm /data/go; sleep 1; cat /tmp/commits")
    commits = [tuple(map(float, line.split())) for line in said.splitlines() if line.count(" ") == 1]
    return took, written, max((after - before for before, after in commits), default=0.0) * 1000


def _ours(world: GuestWorld) -> float:
    return float(str(json.loads(world.must("take", "--json"))[0]["added"])) / 2**20


def _theirs(world: GuestWorld, level: str) -> float:
    target = world.folder / "theirs"
    before = _octets(target)
    argv = ["virtnbdbackup", "-U", "qemu:///session", "-d", world.name, "-l", level, "-o", str(target), "-n"]
    subprocess.run(
        [*argv, "-S", str(world.folder), "-f", str(world.folder / "nbd")],
        env={**os.environ, **world.hypervisor.environment},
        user=NOBODY,
        check=True,
        capture_output=True,
        cwd="/",
    )
    return (_octets(target) - before) / 2**20


def _restored(world: GuestWorld) -> tuple[float, float]:
    """The VM loses its power and its disk: seconds from the command to the disk, and to a guest with its files."""
    world.power_cut()
    world.disk.unlink()
    began = time.monotonic()
    world.must("restore", world.name, "--in-place")
    restored_s = time.monotonic() - began
    world.start()
    world.in_guest("cat /data/used0 >/dev/null")
    return restored_s, time.monotonic() - began


def _nothing() -> float:
    time.sleep(10)
    return 0.0


def _octets(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
