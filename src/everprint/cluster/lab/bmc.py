"""Baseboard management controllers: OpenIPMI's simulator, one for each power device of each host.

The fence agent that asks it is the one that asks real ones; what it does to the host's power is the lab's.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from everprint.cluster.lab.plan import LabHost

# One controller, no sensors; "chassis" is the program that is asked for power.
_EMULATION = """\
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""


def start_bmcs(folder: Path, host: LabHost) -> None:
    """Starts those of the host that do not run."""
    for number, bmc in enumerate(host.bmcs, 1):
        place = _place(folder, host, number)
        if _running(place):
            continue
        (place / "state").mkdir(parents=True, exist_ok=True)
        program = [sys.executable, "-m", "everprint.cluster.lab.inside", str(folder), "chassis", host.name]
        (place / "chassis").write_text(f'#!/bin/sh\nexec {shlex.join(program)} "$@"\n')
        (place / "chassis").chmod(0o700)
        (place / "lan.conf").write_text(
            f'name "{host.name}"\nset_working_mc 0x20\n startlan 1\n  addr {bmc.address} {bmc.port}\n'
            "  priv_limit admin\n  allowed_auths_callback none\n  allowed_auths_user md5\n"
            "  allowed_auths_operator md5\n  allowed_auths_admin md5\n"
            "  guid a123456789abcdefa123456789abcdef\n endlan\n"
            f' chassis_control "{place / "chassis"}"\n'
            ' user 1 false "" "" user 10 none\n'
            f' user 2 true "{bmc.user}" "{bmc.password}" admin 10 md5\n'
        )
        (place / "lan.conf").chmod(0o600)
        (place / "emulation").write_text(_EMULATION)
        files = ["-c", str(place / "lan.conf"), "-f", str(place / "emulation"), "-s", str(place / "state")]
        with (place / "log").open("ab") as log:
            subprocess.Popen(
                ["ipmi_sim", *files, "-n"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def stop_bmcs(folder: Path, host: LabHost) -> None:
    """As when they lose their power: they answer nobody."""
    for number in range(1, len(host.bmcs) + 1):
        for pid in _running(_place(folder, host, number)):
            os.kill(pid, signal.SIGKILL)


def obey(folder: Path, host: LabHost, *, obeys: bool) -> None:
    """Whether they do what they are asked for; those that do not still answer."""
    mark = _refusal(folder, host)
    if obeys:
        mark.unlink(missing_ok=True)
    else:
        mark.touch()


def obeys(folder: Path, host: LabHost) -> bool:
    """Do its BMCs do what they are asked for?"""
    return not _refusal(folder, host).exists()


def count_running(folder: Path, host: LabHost) -> int:
    """How many of the host's BMCs answer."""
    return sum(bool(_running(_place(folder, host, number))) for number in range(1, len(host.bmcs) + 1))


def _refusal(folder: Path, host: LabHost) -> Path:
    return folder / "bmcs" / f"{host.name}-refuses"


def _place(folder: Path, host: LabHost, number: int) -> Path:
    return folder / "bmcs" / f"{host.name}-{number}"


def _running(place: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"ipmi_sim") and os.fsencode(place / "lan.conf") in words:
                found.append(int(process.name))
    return found
