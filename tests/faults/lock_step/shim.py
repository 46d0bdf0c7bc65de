"""What a host of the lab needs for lock-step in emulation: the shim where QEMU cannot without, and a trial's verdict.

The shim is there from the start, the verdict is not: so the VM is seen alone first, and protected after.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from everprint.cluster.fault_tolerance.verdict import VERDICT, Verdict, installed_version, write_verdict
from everprint.cluster.lab.laboratory import Laboratory

QEMU = "qemu-system-x86_64"
WHOLE = 11
"""From which release of QEMU lock-step works in emulation without the shim."""
SHIM = Path(__file__).parents[3] / "rig" / "tcg_shim.c"
SHIM_ON_HOSTS = "/usr/lib/tcg_shim.so"


def own_qemu(folder: Path) -> dict[str, tuple[bytes, int]]:
    """The files by which a host's QEMU gets the shim, and a priority: path to content and mode."""
    files, preload = {}, ""
    if int(version().partition(".")[0]) < WHOLE:
        built = folder / "shim.so"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", built, SHIM, "-ldl"], check=True)
        files[SHIM_ON_HOSTS] = (built.read_bytes(), 0o755)
        preload = f"LD_PRELOAD={SHIM_ON_HOSTS} "
    # The engine starts all with the usual priority, whatever its own is; a guest gets that of whoever runs this.
    wrapper = f'#!/bin/sh\n{preload}exec nice -n {os.nice(0)} /usr/bin/{QEMU} "$@"\n'
    # Before /usr/bin in the PATH of a host, by which QEMU is found.
    return {**files, f"/usr/sbin/{QEMU}": (wrapper.encode(), 0o755)}


def version() -> str:
    """Of this machine's QEMU, which the hosts have."""
    return installed_version((QEMU,))


def say_that_it_can(lab: Laboratory, folder: Path) -> None:
    """Writes on each host that its QEMU has passed the trial."""
    write_verdict(folder / "verdict.json", Verdict(version(), "tcg", passed=True))
    verdict = (folder / "verdict.json").read_bytes()
    for host in lab.plan().hosts:
        put = ["sh", "-c", 'mkdir -p "$(dirname "$0")" && cat >"$0"', str(VERDICT)]
        answer = lab.run(host.name, put, stdin=verdict)
        assert answer.is_well, answer.complaint
