"""A virtual machine in QEMU on this machine, for a trial: what its console says, and when, in time and in work.

Seconds of a clock tell little on a machine that others load. Processor seconds, QEMU's own, are nearly the same on
a quiet machine and on a loaded one, and are what there is to save.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.image.build import INITRD, KERNEL, RAW
from everprint.cluster.image.recipe import COMMAND_LINE

_LAST_LINES = 15
_LONGEST_LINE = 4096
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Line:
    """A line of the console; seconds and processor seconds since QEMU was started."""

    at_s: float
    cpu_s: float
    text: str


class TrialMachine:
    """A running QEMU. Only `running` makes one."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._began = time.monotonic()
        self._lines: list[Line] = []
        self._reader = threading.Thread(target=self._read, name="console", daemon=True)
        self._reader.start()

    def passed_s(self) -> float:
        """Seconds since QEMU was started."""
        return time.monotonic() - self._began

    def cpu_s(self) -> float:
        """Processor seconds that QEMU has used, of all its threads; 0 when it has ended."""
        try:
            text = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return 0.0
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND  # utime and stime, proc(5)

    def lines(self) -> list[Line]:
        """What the console said until now."""
        return list(self._lines)

    def ended(self) -> str:
        """How QEMU ended, in words; nothing while it runs."""
        code = self._process.poll()
        return "" if code is None else f"QEMU ended with {code}"

    def said_last(self) -> str:
        """The console's last lines."""
        return "\n".join(line.text for line in self._lines[-_LAST_LINES:])

    def _read(self) -> None:
        output = self._process.stdout
        assert output is not None
        while raw := output.readline(_LONGEST_LINE):
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            self._lines.append(Line(self.passed_s(), self.cpu_s(), text))


def qemu_command(folder: Path, data: Path, seed: Path, accelerator: str, port: int, guest_port: int) -> list[str]:
    """QEMU with the image read-only, a data disk, a seed and one port led in, and nothing that a VM does not need."""
    argv = ["qemu-system-x86_64", "-machine", "q35", "-accel", accelerator, "-cpu", "max", "-smp", "2", "-m", "768"]
    argv += ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"]
    argv += ["-kernel", str(folder / KERNEL), "-initrd", str(folder / INITRD)]
    argv += ["-append", f"{COMMAND_LINE} everprint.timings"]
    for number, (path, options) in enumerate(
        ((folder / RAW, "readonly=on"), (data, "cache=writeback"), (seed, "readonly=on"))
    ):
        argv += ["-drive", f"file={path},format=raw,if=none,id=d{number},{options}"]
        argv += ["-device", f"virtio-blk-pci,drive=d{number}"]
    argv += ["-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{port}-:{guest_port}"]
    return [*argv, "-device", "virtio-net-pci,netdev=n0"]


@contextmanager
def running(argv: list[str]) -> Iterator[TrialMachine]:
    """QEMU while this is open; its end is a power cut. It does not outlive this process, however that ends."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield TrialMachine(process)
    finally:
        process.kill()
        process.wait()
